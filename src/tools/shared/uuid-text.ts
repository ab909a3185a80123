import { isUuid, type Uuid } from '../../base/uuid.ts';
import { illegalArgument } from './java-errors.ts';

const LONGEST = 24;
const UUID_BYTES = 16;

/** Reads a UUID that a person typed. Throws with the texts of Kafka's Uuid.fromString. */
export function uuidFromJavaText(text: string): Uuid {
  if (text.length > LONGEST) {
    throw illegalArgument(
      `Input string with prefix \`${text.slice(0, LONGEST)}\` is too long to be decoded as a base64 UUID`,
    );
  }
  const illegal = /[^A-Za-z0-9_-]/.exec(text.replace(/=+$/, ''));
  if (illegal !== null) {
    throw illegalArgument(`Illegal base64 character ${illegal[0].charCodeAt(0).toString(16)}`);
  }
  const plain = text.replace(/=+$/, '');
  if (plain.length % 4 === 1) throw illegalArgument('Last unit does not have enough valid bits');
  const bytes = Buffer.from(plain, 'base64url');
  if (bytes.length !== UUID_BYTES) {
    throw illegalArgument(
      `Input string \`${text}\` decoded as ${bytes.length} bytes, ` +
        'which is not equal to the expected 16 bytes of a base64-encoded UUID',
    );
  }
  const uuid = bytes.toString('base64url');
  return isUuid(uuid) ? uuid : plain;
}
