import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { Reader } from '../../src/protocol/reader.ts';
import type { MessageSchema } from '../../src/protocol/schema.ts';
import { Writer } from '../../src/protocol/writer.ts';
import { allSchemas, kafkaName, versionsOf } from './all-schemas.ts';
import { generate, type Size } from './generate.ts';

const SEED = 20261124;

function encode(schema: MessageSchema, version: number, value: object): Buffer {
  const writer = new Writer();
  schema.encode(writer, version, value);
  return writer.finishWhole();
}

// Goal: whatever the encoder writes in any version, the decoder reads back, and nothing is left behind it.
describe('every version of every schema reads what it wrote', () => {
  const sizes: readonly [Size, number][] = [
    ['empty', 1],
    ['small', 4],
    ['large', 1],
  ];
  test.each(allSchemas.map((schema) => [kafkaName(schema), schema] as const))('%s', (_name, schema) => {
    const random = seededRandom(SEED);
    for (const { version, name } of versionsOf(schema)) {
      for (const [size, times] of sizes) {
        // Long arrays differ in the width of their lengths only, which the oldest and the newest version cover.
        if (size === 'large' && version !== schema.versions.min && version !== schema.versions.max) continue;
        for (let i = 0; i < times; i++) {
          const { input, decoded } = generate(schema, version, size, random);
          const bytes = encode(schema, version, input);
          const reader = new Reader(bytes);
          const again = schema.decode(reader, version);
          expect(reader.remaining, name).toBe(0);
          if (!isDeepStrictEqual(again, decoded)) expect(again, name).toEqual(decoded);
          expect(encode(schema, version, again).equals(bytes), `${name}: encoding the decoded`).toBe(true);
        }
      }
    }
  });
});

// Goal: leaving everything out means the defaults, in every version.
test('a message with everything left out reads as its defaults', () => {
  for (const schema of allSchemas) {
    for (const { version, name } of versionsOf(schema)) {
      const bytes = encode(schema, version, {});
      const decoded = schema.decode(new Reader(bytes), version);
      expect(encode(schema, version, decoded).equals(bytes), name).toBe(true);
    }
  }
});

// Goal: two decoded messages never share mutable defaults.
test('defaults are fresh in every message', () => {
  for (const schema of allSchemas) {
    for (const { version, name } of versionsOf(schema)) {
      const bytes = encode(schema, version, {});
      const first = Object.entries(schema.decode(new Reader(bytes), version));
      const second = new Map(Object.entries(schema.decode(new Reader(bytes), version)));
      for (const [field, value] of first) {
        if (Array.isArray(value)) expect(value === second.get(field), `${name}.${field}`).toBe(false);
      }
    }
  }
});
