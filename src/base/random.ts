import { createRequire } from 'node:module';
import { type Uuid, uuidFromBytes } from './uuid.ts';

/** The only source of chance; comes in by constructor, so that a run can be repeated from one seed. */
export interface Random {
  /** A number in [0, 1). */
  float(): number;
  /** A whole number in [0, bound). */
  int(bound: number): number;
  /** `count` random bytes. */
  bytes(count: number): Buffer;
}

// Loaded when first needed: it takes 4 ms, and most tools draw nothing.
let randomBytes: typeof import('node:crypto').randomBytes | undefined;

/** The machine's own randomness. */
export const systemRandom: Random = {
  float: () => Math.random(),
  int: (bound) => Math.floor(Math.random() * bound),
  bytes: (count) => {
    randomBytes ??= (createRequire(import.meta.url)('node:crypto') as typeof import('node:crypto')).randomBytes;
    return randomBytes(count);
  },
};

/** Repeatable randomness from a 32-bit seed (mulberry32). Not for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return {
    float: () => next() / 0x1_0000_0000,
    int: (bound) => Math.floor((next() / 0x1_0000_0000) * bound),
    bytes: (count) => {
      const bytes = Buffer.allocUnsafe(count);
      for (let i = 0; i < count; i++) bytes[i] = next() & 0xff;
      return bytes;
    },
  };
}

/**
 * A new UUID. As Kafka's Uuid.randomUuid: a version 4 UUID whose text does not start with `-`, so that it can stand on
 * a command line.
 */
export function randomUuid(random: Random): Uuid {
  for (;;) {
    const bytes = random.bytes(16);
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
    const uuid = uuidFromBytes(bytes);
    if (!uuid.startsWith('-')) return uuid;
  }
}
