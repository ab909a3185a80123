import { type Random, seededRandom } from '../../base/random.ts';
import type { PerfSettings } from './settings.ts';

const LETTERS = 26;
const FIRST_LETTER = 65;
/** Random letters to cut values from: making new ones for every record would measure just that. */
const POOL_BYTES = 1024 * 1024;

/** Where the next record lies; a key length of -1 is no key. */
export interface NextRecord {
  source: Buffer;
  keyStart: number;
  keyLength: number;
  valueStart: number;
  valueLength: number;
}

/** Makes keys and values as the options say; the same object every time. */
export class PayloadSource {
  readonly #settings: PerfSettings;
  readonly #random: Random;
  readonly #pool: Buffer;
  readonly #next: NextRecord;

  constructor(settings: PerfSettings) {
    this.#settings = settings;
    this.#random = seededRandom(settings.seed);
    this.#pool = letters(this.#random, settings.recordSize === undefined ? 0 : settings.recordSize + POOL_BYTES);
    this.#next = { source: this.#pool, keyStart: 0, keyLength: -1, valueStart: 0, valueLength: 0 };
  }

  /** The record with the number `index`, from 0. */
  next(index: number): NextRecord {
    const { recordSize, payloads } = this.#settings;
    const next = this.#next;
    const payload = payloads.length > 0 ? payloads[this.#random.int(payloads.length)] : undefined;
    if (payload !== undefined) this.#value(payload, 0, payload.length);
    else if (recordSize !== undefined) this.#value(this.#pool, this.#random.int(POOL_BYTES), recordSize);
    else {
      const text = Buffer.from(String(index));
      this.#value(text, 0, text.length);
    }
    const { keyDistribution, keyRange } = this.#settings;
    if (keyDistribution === 'none') return next;
    const number = keyDistribution === 'range' ? index % keyRange : this.#random.int(keyRange);
    const key = Buffer.from(String(number));
    const { source, valueStart, valueLength } = next;
    // Key and value must lie in one buffer.
    next.source = Buffer.concat([key, source.subarray(valueStart, valueStart + valueLength)]);
    next.keyLength = key.length;
    next.valueStart = key.length;
    return next;
  }

  #value(source: Buffer, start: number, length: number): void {
    const next = this.#next;
    next.source = source;
    next.valueStart = start;
    next.valueLength = length;
  }
}

function letters(random: Random, count: number): Buffer {
  const bytes = Buffer.allocUnsafe(count);
  for (let i = 0; i < count; i++) bytes[i] = FIRST_LETTER + random.int(LETTERS);
  return bytes;
}
