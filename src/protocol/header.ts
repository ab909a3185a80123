import { KafkaError } from '../base/kafka-error.ts';
import type { Reader } from './reader.ts';
import type { Fields, InputFields, MessageSchema } from './schema.ts';
import { Writer } from './writer.ts';

/** The part of a request in front of its body. */
export interface RequestHeader {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
  readonly clientId: string | null;
}

const API_VERSIONS_KEY = 18;

/** Reads key, version, correlation id and client id, which stand alike in header versions 1 and 2. */
export function readRequestHeader(reader: Reader): RequestHeader {
  const apiKey = reader.int16();
  const apiVersion = reader.int16();
  const correlationId = reader.int32();
  const clientId = reader.nullableString();
  return { apiKey, apiVersion, correlationId, clientId };
}

/** Moves past a tag section whose fields nobody needs, as the one that ends header version 2. */
export function skipTags(reader: Reader): void {
  for (let tags = reader.uvarint(); tags > 0; tags--) {
    reader.uvarint();
    reader.skip(reader.uvarint());
  }
}

/**
 * A request as it goes over the wire: size, header, body. Flexible versions have header version 2, others version 1; the
 * client id keeps its old form in both (KIP-482).
 */
export function encodeRequest<F extends Fields>(
  schema: MessageSchema<F>,
  version: number,
  correlationId: number,
  clientId: string | null,
  body: InputFields<F>,
): Uint8Array[] {
  const writer = new Writer();
  writer.int32(0);
  writer.int16(schema.apiKey);
  writer.int16(version);
  writer.int32(correlationId);
  writer.nullableString(clientId);
  if (schema.isFlexible(version)) writer.uvarint(0);
  schema.encode(writer, version, body);
  writer.patchInt32(0, writer.sizeBytes - 4);
  return writer.finish();
}

/**
 * A response as it goes over the wire: size, header, body. ApiVersions keeps header version 0 always, so that a client
 * can read it before it knows anything of the broker (KIP-511).
 */
export function encodeResponse<F extends Fields>(
  schema: MessageSchema<F>,
  version: number,
  correlationId: number,
  body: InputFields<F>,
): Uint8Array[] {
  const writer = new Writer();
  writer.int32(0);
  writer.int32(correlationId);
  if (schema.isFlexible(version) && schema.apiKey !== API_VERSIONS_KEY) writer.uvarint(0);
  schema.encode(writer, version, body);
  writer.patchInt32(0, writer.sizeBytes - 4);
  return writer.finish();
}

/**
 * Reads the header of a response to a request of `schema` and returns its correlation id. Throws KafkaError
 * INVALID_REQUEST when the frame is too short.
 */
export function readResponseHeader(schema: MessageSchema, version: number, reader: Reader): number {
  const correlationId = reader.int32();
  if (schema.isFlexible(version) && schema.apiKey !== API_VERSIONS_KEY) skipTags(reader);
  return correlationId;
}

/** Decodes the body at the reader and refuses bytes that follow it. */
export function decodeWhole<F extends Fields>(schema: MessageSchema<F>, version: number, reader: Reader) {
  const body = schema.decode(reader, version);
  if (reader.remaining !== 0) {
    throw new KafkaError('INVALID_REQUEST', `${reader.remaining} bytes follow the ${schema.name} message`);
  }
  return body;
}
