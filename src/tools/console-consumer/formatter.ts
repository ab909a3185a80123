import type { Deserializer } from './deserializers.ts';
import { findDeserializer } from './deserializers.ts';
import type { OutputBuffer } from './output-buffer.ts';

/** A record as formatters see it; positions refer to `buffer`. Satisfied by the cursor over a fetched batch. */
export interface RecordView {
  readonly buffer: Buffer;
  readonly offset: number;
  /** In ms since 1970, -1 when there is none. */
  readonly timestamp: number;
  readonly valueStart: number;
  /** -1 when the value is null. */
  readonly valueLength: number;
  key(): Buffer | null;
  value(): Buffer | null;
  headers(): readonly { readonly key: string; readonly value: Buffer | null }[];
}

/** What holds for all records of a batch. */
export interface RecordOrigin {
  readonly topic: string;
  readonly partition: number;
  readonly timestampType: 'CreateTime' | 'LogAppendTime' | 'NoTimestampType';
  /** How often the record was delivered, of a share consumer. */
  readonly deliveryCount?: number;
}

/** Prints records; the counterpart of Java's MessageFormatter. */
export interface MessageFormatter {
  /** Writes one record. Throws when it cannot, e.g. a deserializer's SerializationError. */
  writeTo(record: RecordView, origin: RecordOrigin, output: OutputBuffer): void;
}

/** Reports an ERROR line of a Java logger with the exception that follows it. */
export type ReportError = (message: string, loggerClass: string, exception: string) => void;

const LINE_FEED = 0x0a;
const FORMATTER_LOGGER = 'org.apache.kafka.tools.consumer.DefaultMessageFormatter';

function isTrue(value: string): boolean {
  return value.trim().toLowerCase() === 'true';
}

/**
 * Kafka's DefaultMessageFormatter: the fields that the print.* properties ask for, in their fixed order, key.separator
 * between all of them and line.separator at the end.
 */
export class DefaultMessageFormatter implements MessageFormatter {
  readonly #printTimestamp: boolean;
  readonly #printPartition: boolean;
  readonly #printOffset: boolean;
  readonly #printDelivery: boolean;
  readonly #printEpoch: boolean;
  readonly #printHeaders: boolean;
  readonly #printKey: boolean;
  readonly #printValue: boolean;
  readonly #keySeparator: Buffer;
  readonly #lineSeparator: Buffer;
  readonly #headersSeparator: Buffer;
  readonly #nullLiteral: Buffer;
  readonly #keyDeserializer: Deserializer | undefined;
  readonly #valueDeserializer: Deserializer | undefined;
  readonly #headersDeserializer: Deserializer | undefined;
  readonly #isPlain: boolean;

  constructor(properties: ReadonlyMap<string, string>, reportError: ReportError) {
    const flag = (name: string, byDefault = false) => {
      const value = properties.get(name);
      return value === undefined ? byDefault : isTrue(value);
    };
    const bytes = (name: string, byDefault: string) => Buffer.from(properties.get(name) ?? byDefault);
    this.#printTimestamp = flag('print.timestamp');
    this.#printPartition = flag('print.partition');
    this.#printOffset = flag('print.offset');
    this.#printDelivery = flag('print.delivery');
    this.#printEpoch = flag('print.epoch');
    this.#printHeaders = flag('print.headers');
    this.#printKey = flag('print.key');
    this.#printValue = flag('print.value', true);
    this.#keySeparator = bytes('key.separator', '\t');
    this.#lineSeparator = bytes('line.separator', '\n');
    this.#headersSeparator = bytes('headers.separator', ',');
    this.#nullLiteral = bytes('null.literal', 'null');
    this.#keyDeserializer = deserializerOf(properties.get('key.deserializer'), reportError);
    this.#valueDeserializer = deserializerOf(properties.get('value.deserializer'), reportError);
    this.#headersDeserializer = deserializerOf(properties.get('headers.deserializer'), reportError);
    this.#isPlain =
      this.#printValue &&
      !this.#printsBefore('value') &&
      this.#valueDeserializer === undefined &&
      this.#lineSeparator.length === 1 &&
      this.#lineSeparator[0] === LINE_FEED;
  }

  writeTo(record: RecordView, origin: RecordOrigin, output: OutputBuffer): void {
    // By far the most frequent case: nothing but the value.
    if (this.#isPlain && record.valueLength >= 0) {
      output.sliceAndByte(record.buffer, record.valueStart, record.valueStart + record.valueLength, LINE_FEED);
      return;
    }
    this.#writeOrigin(record, origin, output);
    if (this.#printHeaders) {
      this.#writeHeaders(record, output);
      this.#separate(output, this.#printKey || this.#printValue);
    }
    if (this.#printKey) {
      this.#writeBytes(record.key(), this.#keyDeserializer, output);
      this.#separate(output, this.#printValue);
    }
    if (this.#printValue) {
      this.#writeBytes(record.value(), this.#valueDeserializer, output);
      output.write(this.#lineSeparator);
    }
  }

  #writeOrigin(record: RecordView, origin: RecordOrigin, output: OutputBuffer): void {
    if (this.#printTimestamp) {
      const { timestampType } = origin;
      output.text(timestampType === 'NoTimestampType' ? 'NO_TIMESTAMP' : `${timestampType}:${record.timestamp}`);
      this.#separate(output, this.#printPartition || this.#printsBefore('partition') || this.#printValue);
    }
    if (this.#printPartition) {
      output.text(`Partition:${origin.partition}`);
      this.#separate(output, this.#printsBefore('partition') || this.#printValue);
    }
    if (this.#printOffset) {
      output.text(`Offset:${record.offset}`);
      this.#separate(output, this.#printDelivery || this.#printsBefore('delivery') || this.#printValue);
    }
    if (this.#printDelivery) {
      output.text(`Delivery:${origin.deliveryCount ?? 'NOT_PRESENT'}`);
      this.#separate(output, this.#printsBefore('delivery') || this.#printValue);
    }
    if (this.#printEpoch) {
      // The tool leaves the leader epoch out of the record that it formats, in Kafka 4.4 as well.
      output.text('Epoch:NOT_PRESENT');
      this.#separate(output, this.#printHeaders || this.#printKey || this.#printValue);
    }
  }

  // Whether a field is printed that stands between the named one and the value.
  #printsBefore(field: 'partition' | 'delivery' | 'value'): boolean {
    const afterDelivery = this.#printEpoch || this.#printHeaders || this.#printKey;
    if (field === 'delivery') return afterDelivery;
    const afterPartition = this.#printOffset || this.#printDelivery || afterDelivery;
    if (field === 'partition') return afterPartition;
    return this.#printTimestamp || this.#printPartition || afterPartition;
  }

  #separate(output: OutputBuffer, isFieldNext: boolean): void {
    output.write(isFieldNext ? this.#keySeparator : this.#lineSeparator);
  }

  #writeHeaders(record: RecordView, output: OutputBuffer): void {
    const headers = record.headers();
    if (headers.length === 0) output.text('NO_HEADERS');
    headers.forEach((header, i) => {
      if (i > 0) output.write(this.#headersSeparator);
      output.text(`${header.key}:`);
      this.#writeBytes(header.value, this.#headersDeserializer, output);
    });
  }

  // As in Kafka the null literal goes through the deserializer, which then may refuse it.
  #writeBytes(bytes: Buffer | null, deserializer: Deserializer | undefined, output: OutputBuffer): void {
    const present = bytes ?? this.#nullLiteral;
    const printed = deserializer === undefined ? present : deserializer(present);
    if (typeof printed === 'string') output.text(printed);
    else output.write(printed);
  }
}

/** The deserializer that a property names; one that is not known is reported, and the bytes are printed as they are. */
export function deserializerOf(className: string | undefined, reportError: ReportError): Deserializer | undefined {
  if (className === undefined) return undefined;
  const deserializer = findDeserializer(className);
  if (deserializer === undefined) {
    const exception = `java.lang.ClassNotFoundException: ${className}`;
    reportError(`Unable to instantiate a deserializer from ${className}`, FORMATTER_LOGGER, exception);
  }
  return deserializer;
}

/** Prints nothing; the records are counted all the same. */
export class NoOpMessageFormatter implements MessageFormatter {
  writeTo(): void {}
}
