import { javaDouble, javaFloat } from '../shared/java-numbers.ts';

/** Turns the bytes of a key, value or header into what is printed. Throws SerializationError. */
export type Deserializer = (bytes: Uint8Array) => string | Uint8Array;

/** Bytes that are not what the deserializer reads; message as Kafka's SerializationException. */
export class SerializationError extends Error {}

const PACKAGE = 'org.apache.kafka.common.serialization.';

function sized(name: string, size: number, read: (bytes: Buffer) => string): Deserializer {
  return (bytes) => {
    if (bytes.length !== size) throw new SerializationError(sizeMessage(name, size));
    return read(asBuffer(bytes));
  };
}

// The messages of Kafka's classes: LongDeserializer, Integer, Short and Float name the receiver, Double does not.
function sizeMessage(name: string, size: number): string {
  if (name === 'DoubleDeserializer') return 'Size of data received by Deserializer is not 8';
  if (name === 'FloatDeserializer') return 'Size of data received by Deserializer is not 4';
  return `Size of data received by ${name} is not ${size}`;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function readUuid(bytes: Uint8Array): string {
  const text = asBuffer(bytes).toString('utf8');
  const parts = text.split('-');
  // Java's UUID.fromString takes short groups as well and fills them up with zeros.
  if (parts.length !== 5 || parts.some((part) => !/^[0-9a-fA-F]+$/.test(part))) {
    throw new SerializationError('Error parsing data into UUID');
  }
  const widths = [8, 4, 4, 4, 12];
  return parts
    .map((part, i) =>
      part
        .toLowerCase()
        .padStart(widths[i] ?? 0, '0')
        .slice(-(widths[i] ?? 0)),
    )
    .join('-');
}

function readBoolean(bytes: Uint8Array): string {
  if (bytes.length !== 1) throw new SerializationError('Size of data received by BooleanDeserializer is not 1');
  if (bytes[0] === 1) return 'true';
  if (bytes[0] === 0) return 'false';
  throw new SerializationError(`Unexpected byte received by BooleanDeserializer: ${((bytes[0] ?? 0) << 24) >> 24}`);
}

const DESERIALIZERS: Readonly<Record<string, Deserializer>> = {
  StringDeserializer: (bytes) => asBuffer(bytes).toString('utf8'),
  LongDeserializer: sized('LongDeserializer', 8, (bytes) => String(bytes.readBigInt64BE(0))),
  IntegerDeserializer: sized('IntegerDeserializer', 4, (bytes) => String(bytes.readInt32BE(0))),
  ShortDeserializer: sized('ShortDeserializer', 2, (bytes) => String(bytes.readInt16BE(0))),
  DoubleDeserializer: sized('DoubleDeserializer', 8, (bytes) => javaDouble(bytes.readDoubleBE(0))),
  FloatDeserializer: sized('FloatDeserializer', 4, (bytes) => javaFloat(bytes.readFloatBE(0))),
  UUIDDeserializer: readUuid,
  BooleanDeserializer: readBoolean,
  // Java prints the identity of the array, which nobody can use; the bytes say more.
  ByteArrayDeserializer: (bytes) => bytes,
};

/** The deserializer of a Java class name, undefined when there is none of that name. */
export function findDeserializer(className: string): Deserializer | undefined {
  if (!className.startsWith(PACKAGE)) return undefined;
  const name = className.slice(PACKAGE.length);
  return Object.hasOwn(DESERIALIZERS, name) ? DESERIALIZERS[name] : undefined;
}
