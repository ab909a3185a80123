import type { Deserializer } from './deserializers.ts';
import {
  deserializerOf,
  type MessageFormatter,
  type RecordOrigin,
  type RecordView,
  type ReportError,
} from './formatter.ts';
import type { OutputBuffer } from './output-buffer.ts';

/**
 * `--output json`: every record as one JSON object in a line of its own, with all that is known of it. Keys, values and
 * headers are texts (UTF-8), or what the deserializer of the formatter's properties makes of them; null stays null.
 */
export class JsonMessageFormatter implements MessageFormatter {
  readonly #key: Deserializer | undefined;
  readonly #value: Deserializer | undefined;
  readonly #headers: Deserializer | undefined;

  /** @param properties those of the default formatter; of them the three deserializers count */
  constructor(properties: ReadonlyMap<string, string>, reportError: ReportError) {
    this.#key = deserializerOf(properties.get('key.deserializer'), reportError);
    this.#value = deserializerOf(properties.get('value.deserializer'), reportError);
    this.#headers = deserializerOf(properties.get('headers.deserializer'), reportError);
  }

  writeTo(record: RecordView, origin: RecordOrigin, output: OutputBuffer): void {
    const { topic, partition, timestampType } = origin;
    const document = {
      topic,
      partition,
      offset: record.offset,
      timestamp: timestampType === 'NoTimestampType' ? null : record.timestamp,
      timestampType,
      headers: record.headers().map(({ key, value }) => ({ key, value: textOf(value, this.#headers) })),
      key: textOf(record.key(), this.#key),
      value: textOf(record.value(), this.#value),
    };
    output.text(`${JSON.stringify(document)}\n`);
  }
}

function textOf(bytes: Buffer | null, deserializer: Deserializer | undefined): string | null {
  if (bytes === null) return null;
  const read = deserializer === undefined ? bytes : deserializer(bytes);
  return typeof read === 'string' ? read : Buffer.from(read).toString();
}
