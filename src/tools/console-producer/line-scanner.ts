import { isUtf8 } from 'node:buffer';

/** Gets each line as a place in a buffer; the buffer is only valid during the call. */
export type LineHandler = (source: Buffer, start: number, end: number) => void;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Cuts a byte stream into lines as Java's BufferedReader does over UTF-8: `\n`, `\r\n` and `\r` end a line, a last line
 * without an end counts, and bytes that are no UTF-8 become U+FFFD. Lines are handed on as slices of the chunk that they
 * came in; only a line that spans chunks is put together.
 */
export class LineScanner {
  readonly #onLine: LineHandler;
  #pieces: Buffer[] = [];
  /** The last chunk ended with `\r`; a `\n` at the start of the next one belongs to it. */
  #skipLineFeed = false;

  constructor(onLine: LineHandler) {
    this.#onLine = onLine;
  }

  /** Takes the next bytes. What of `chunk` is still needed afterwards is copied, so it may be reused. */
  push(chunk: Buffer): void {
    let start = 0;
    if (this.#skipLineFeed && chunk.length > 0) {
      this.#skipLineFeed = false;
      if (chunk[0] === LINE_FEED) start = 1;
    }
    const hasCarriageReturn = chunk.includes(CARRIAGE_RETURN, start);
    if (this.#pieces.length > 0) start = this.#finishPieces(chunk, start, hasCarriageReturn);
    if (start < 0) return;
    const end = hasCarriageReturn ? this.#scanBoth(chunk, start) : this.#scan(chunk, start);
    if (end < chunk.length) this.#pieces.push(Buffer.from(chunk.subarray(end)));
  }

  /** Ends the stream: a last line without an end is handed on. */
  end(): void {
    if (this.#pieces.length > 0) this.#emitPieces();
  }

  // Completes the line that earlier chunks began; -1 when this chunk does not end it either.
  #finishPieces(chunk: Buffer, from: number, hasCarriageReturn: boolean): number {
    const lineFeed = chunk.indexOf(LINE_FEED, from);
    const carriageReturn = hasCarriageReturn ? chunk.indexOf(CARRIAGE_RETURN, from) : -1;
    const isCarriageReturn = carriageReturn >= 0 && (lineFeed < 0 || carriageReturn < lineFeed);
    const end = isCarriageReturn ? carriageReturn : lineFeed;
    if (end < 0) {
      if (from < chunk.length) this.#pieces.push(Buffer.from(chunk.subarray(from)));
      return -1;
    }
    this.#pieces.push(chunk.subarray(from, end));
    this.#emitPieces();
    return isCarriageReturn ? this.#afterCarriageReturn(chunk, end) : end + 1;
  }

  #emitPieces(): void {
    const line = validUtf8(this.#pieces.length === 1 ? (this.#pieces[0] ?? EMPTY) : Buffer.concat(this.#pieces));
    this.#pieces = [];
    this.#onLine(line, 0, line.length);
  }

  // The usual case, without carriage returns. Searching in one string a chunk beats a call into Buffer a line.
  #scan(chunk: Buffer, start: number): number {
    const end = chunk.lastIndexOf(LINE_FEED) + 1;
    if (end <= start) return start;
    let region = chunk;
    let at = start;
    let stop = end;
    if (!isUtf8(chunk.subarray(start, end))) {
      region = validUtf8(chunk.subarray(start, end));
      at = 0;
      stop = region.length;
    }
    const text = region.toString('latin1', at, stop);
    const base = at;
    const onLine = this.#onLine;
    for (let from = 0; from < text.length; ) {
      const lineEnd = text.indexOf('\n', from);
      onLine(region, base + from, base + lineEnd);
      from = lineEnd + 1;
    }
    return end;
  }

  #scanBoth(chunk: Buffer, from: number): number {
    let start = from;
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at];
      if (byte !== LINE_FEED && byte !== CARRIAGE_RETURN) continue;
      const line = validUtf8(chunk.subarray(start, at));
      this.#onLine(line, 0, line.length);
      start = byte === LINE_FEED ? at + 1 : this.#afterCarriageReturn(chunk, at);
      at = start - 1;
    }
    return start;
  }

  #afterCarriageReturn(chunk: Buffer, at: number): number {
    if (at + 1 < chunk.length) return chunk[at + 1] === LINE_FEED ? at + 2 : at + 1;
    this.#skipLineFeed = true;
    return at + 1;
  }
}

const EMPTY = Buffer.alloc(0);

function validUtf8(bytes: Buffer): Buffer {
  return isUtf8(bytes) ? bytes : Buffer.from(bytes.toString('utf8'));
}
