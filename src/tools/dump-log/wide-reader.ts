import { Reader } from '../../protocol/reader.ts';

/**
 * Reads as {@link Reader} does, but lets every int64 pass: one that is no safe integer comes out as a bigint. Only for
 * printing; the types of the schemas do not know of it.
 */
export class WideReader extends Reader {
  override int64(): number;
  override int64(): number | bigint {
    const value = this.buffer.readBigInt64BE(this.skip(8));
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
}
