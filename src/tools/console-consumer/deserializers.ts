/** Turns the bytes of a key, value or header into what is printed. Throws SerializationError. */
export type Deserializer = (bytes: Uint8Array) => string | Uint8Array;

/** Bytes that are not what the deserializer reads; message as Kafka's SerializationException. */
export class SerializationError extends Error {}

const PACKAGE = 'org.apache.kafka.common.serialization.';

/** The text of a double as Java's Double.toString writes it. */
export function javaDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  const magnitude = Math.abs(value);
  const shortest = String(magnitude);
  // Java writes two digits at least, and then those that come closest: 4.9E-324 where one digit would be 5.
  const isOneDigit = /^\d(?:e|$)/.test(shortest) && shortest !== '0';
  return javaDecimal(value, isOneDigit ? magnitude.toPrecision(2) : shortest);
}

/** The text of a float as Java's Float.toString: the fewest digits that still name this 32-bit number. */
export function javaFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  const magnitude = Math.abs(value);
  let digits = String(magnitude);
  for (let precision = 1; precision <= 9; precision++) {
    const candidate = magnitude.toPrecision(precision);
    if (Math.fround(Number(candidate)) === magnitude) {
      digits = String(Number(candidate));
      break;
    }
  }
  return javaDecimal(value, digits);
}

// Java writes plain decimals from 10^-3 up to 10^7 and d.dE±n outside; there is always a digit after the point.
function javaDecimal(value: number, magnitudeText: string): string {
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  if (magnitudeText === 'Infinity') return `${sign}Infinity`;
  const [mantissa = '', exponentText = '0'] = magnitudeText.split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  if (digits === '') return `${sign}0.0`;
  const leadingZeros = `${whole}${fraction}`.length - digits.length;
  // The value is 0.digits * 10^pointAt.
  const pointAt = whole.length + Number(exponentText) - leadingZeros;
  const significant = digits.replace(/0+$/, '');
  if (pointAt > 7 || pointAt < -2) {
    return `${sign}${significant[0]}.${significant.slice(1) || '0'}E${pointAt - 1}`;
  }
  if (pointAt <= 0) return `${sign}0.${'0'.repeat(-pointAt)}${significant}`;
  return `${sign}${significant.slice(0, pointAt).padEnd(pointAt, '0')}.${significant.slice(pointAt) || '0'}`;
}

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
