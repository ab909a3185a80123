import type { HeaderToWrite } from '../../client/index.ts';

/** A line that cannot be read as a record, or reader properties that contradict one another (a KafkaException in Kafka). */
export class LineFormatError extends Error {}

/** One record read from a line; a null key or value is none. */
export interface LineRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly HeaderToWrite[];
}

const EMPTY_HEADERS: readonly HeaderToWrite[] = [];

function isTrue(value: string | undefined): boolean {
  return value !== undefined && value.trim().toLowerCase() === 'true';
}

/**
 * Reads records from lines as Kafka's LineMessageReader, the default of `--line-reader`: properties parse.key,
 * key.separator, parse.headers, headers.delimiter, headers.separator (a regular expression), headers.key.separator,
 * ignore.error, null.marker and topic.
 */
export class LineMessageReader {
  /** Where the records go: the property `topic`. */
  readonly topic: string;
  /** Whether a line is its value and nothing else, so that it need not be parsed. */
  readonly isPlain: boolean;
  readonly #parseKey: boolean;
  readonly #keySeparator: string;
  readonly #parseHeaders: boolean;
  readonly #headersDelimiter: string;
  readonly #headersSeparator: RegExp;
  readonly #headersKeySeparator: string;
  readonly #ignoreError: boolean;
  readonly #nullMarker: string | undefined;
  #lineNumber = 0;

  /** Throws LineFormatError when two of the separators are the same, SyntaxError when headers.separator is no pattern. */
  constructor(properties: ReadonlyMap<string, string>) {
    this.topic = properties.get('topic') ?? '';
    this.#parseKey = isTrue(properties.get('parse.key'));
    this.#keySeparator = properties.get('key.separator') ?? '\t';
    this.#parseHeaders = isTrue(properties.get('parse.headers'));
    this.#headersDelimiter = properties.get('headers.delimiter') ?? '\t';
    const headersSeparator = properties.get('headers.separator') ?? ',';
    this.#headersSeparator = new RegExp(headersSeparator);
    this.#headersKeySeparator = properties.get('headers.key.separator') ?? ':';
    this.#ignoreError = isTrue(properties.get('ignore.error'));
    this.#nullMarker = properties.get('null.marker');
    this.isPlain = !this.#parseKey && !this.#parseHeaders && this.#nullMarker === undefined;
    const separators = { keySeparator: this.#keySeparator, headersSeparator, marker: this.#nullMarker };
    refuseEqualSeparators(separators, this.#headersDelimiter, this.#headersKeySeparator);
  }

  /** Counts a line that needed no parsing, so that later errors name the right number. */
  skipLine(): void {
    this.#lineNumber++;
  }

  /** Reads the next line. Throws LineFormatError when it is not laid out as the properties say. */
  read(line: string): LineRecord {
    this.#lineNumber++;
    const headers = this.#part(this.#parseHeaders, line, 0, this.#headersDelimiter, 'headers delimiter');
    const keyAt = headers === undefined ? 0 : headers.length + this.#headersDelimiter.length;
    const key = this.#part(this.#parseKey, line, keyAt, this.#keySeparator, 'key separator');
    const value = line.slice(keyAt + (key === undefined ? 0 : key.length + this.#keySeparator.length));
    return {
      key: key === undefined ? null : this.#bytes(key),
      value: this.#bytes(value),
      headers: headers === undefined || headers === this.#nullMarker ? EMPTY_HEADERS : this.#splitHeaders(headers),
    };
  }

  #bytes(text: string): Buffer | null {
    return text === this.#nullMarker ? null : Buffer.from(text);
  }

  #part(isWanted: boolean, line: string, from: number, separator: string, what: string): string | undefined {
    if (!isWanted) return undefined;
    const at = line.indexOf(separator, from);
    if (at >= 0) return line.slice(from, at);
    if (this.#ignoreError) return undefined;
    throw new LineFormatError(`No ${what} found on line number ${this.#lineNumber}: '${line}'`);
  }

  #splitHeaders(headers: string): HeaderToWrite[] {
    return splitAsJava(headers, this.#headersSeparator).map((pair) => {
      const at = pair.indexOf(this.#headersKeySeparator);
      if (at < 0) {
        if (this.#ignoreError) return { key: pair, value: null };
        throw new LineFormatError(`No header key separator found in pair '${pair}' on line number ${this.#lineNumber}`);
      }
      const key = pair.slice(0, at);
      if (key === this.#nullMarker) {
        throw new LineFormatError(
          `Header keys should not be equal to the null marker '${this.#nullMarker}' as they can't be null`,
        );
      }
      return { key, value: this.#bytes(pair.slice(at + this.#headersKeySeparator.length)) };
    });
  }
}

function refuseEqualSeparators(
  names: { keySeparator: string; headersSeparator: string; marker: string | undefined },
  headersDelimiter: string,
  headersKeySeparator: string,
): void {
  const pairs: [string, string | undefined, string, string][] = [
    ['headers.delimiter', headersDelimiter, 'headers.separator', names.headersSeparator],
    ['headers.delimiter', headersDelimiter, 'headers.key.separator', headersKeySeparator],
    ['headers.separator', names.headersSeparator, 'headers.key.separator', headersKeySeparator],
    ['null.marker', names.marker, 'key.separator', names.keySeparator],
    ['null.marker', names.marker, 'headers.separator', names.headersSeparator],
    ['null.marker', names.marker, 'headers.delimiter', headersDelimiter],
    ['null.marker', names.marker, 'headers.key.separator', headersKeySeparator],
  ];
  for (const [firstName, first, secondName, second] of pairs) {
    if (first === second) throw new LineFormatError(`${firstName} and ${secondName} may not be equal`);
  }
}

// Java's Pattern.split: empty pieces at the end are dropped, a text without separator stays whole, and groups of the
// pattern do not become pieces.
function splitAsJava(text: string, separator: RegExp): string[] {
  const pieces: string[] = [];
  const pattern = new RegExp(separator.source, 'g');
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    const end = match.index + match[0].length;
    if (end === 0) continue;
    pieces.push(text.slice(from, match.index));
    from = end;
  }
  if (pieces.length === 0) return [text];
  pieces.push(text.slice(from));
  while (pieces.length > 0 && pieces[pieces.length - 1] === '') pieces.pop();
  return pieces;
}
