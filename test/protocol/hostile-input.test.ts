import { describe, expect, test } from 'vitest';
import { KafkaError } from '../../src/base/kafka-error.ts';
import { type Random, seededRandom } from '../../src/base/random.ts';
import { Reader } from '../../src/protocol/reader.ts';
import type { MessageSchema } from '../../src/protocol/schema.ts';
import { Writer } from '../../src/protocol/writer.ts';
import { allSchemas, kafkaName, versionsOf } from './all-schemas.ts';
import { generate } from './generate.ts';

const SEED = 4_4_0;
/** Objects, arrays and strings that a decoder may make for each byte of a frame, and some for the message itself. */
const MAX_VALUES_PER_BYTE = 20;
const MAX_VALUES_OF_EMPTY = 200;

function countValues(value: unknown): number {
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return 1;
  let count = 1;
  for (const member of Object.values(value)) count += countValues(member);
  return count;
}

/** Decodes bytes that may be anything: fails unless that works in proportion, or throws a KafkaError. */
function decodeHostile(schema: MessageSchema, version: number, bytes: Buffer, what: string): void {
  let decoded: unknown;
  try {
    decoded = schema.decode(new Reader(bytes), version);
  } catch (error) {
    if (error instanceof KafkaError) return;
    throw new Error(`${what}: a decoder threw ${String(error)} for ${bytes.toString('hex')}`, { cause: error });
  }
  const count = countValues(decoded);
  expect(count, `${what}: values made of ${bytes.length} bytes`).toBeLessThanOrEqual(
    MAX_VALUES_OF_EMPTY + MAX_VALUES_PER_BYTE * bytes.length,
  );
}

function frameOf(schema: MessageSchema, version: number, random: Random): Buffer {
  const writer = new Writer();
  schema.encode(writer, version, generate(schema, version, 'small', random).input);
  return writer.finishWhole();
}

const named = allSchemas.map((schema) => [kafkaName(schema), schema] as const);

// Goal: no peer's bytes make a decoder throw anything but a KafkaError, or allocate out of proportion.
describe('bytes that are no message', () => {
  test.each(named)('%s cut off', (_name, schema) => {
    const random = seededRandom(SEED);
    for (const { version, name } of versionsOf(schema)) {
      const frame = frameOf(schema, version, random);
      const step = Math.max(1, Math.floor(frame.length / 100));
      for (let length = 0; length < frame.length; length += step) {
        const reader = new Reader(frame.subarray(0, length));
        expect(() => schema.decode(reader, version), `${name} cut to ${length} of ${frame.length}`).toThrow(KafkaError);
      }
    }
  });

  test.each(named)('%s with flipped bits', (_name, schema) => {
    const random = seededRandom(SEED);
    for (const { version, name } of versionsOf(schema)) {
      const frame = frameOf(schema, version, random);
      for (let i = 0; i < 40 && frame.length > 0; i++) {
        const broken = Buffer.from(frame);
        for (let flips = 1 + random.int(3); flips > 0; flips--) {
          const at = random.int(broken.length);
          broken[at] = (broken[at] ?? 0) ^ (1 << random.int(8));
        }
        decodeHostile(schema, version, broken, name);
      }
    }
  });

  test.each(named)('%s of noise', (_name, schema) => {
    const random = seededRandom(SEED);
    for (const { version, name } of versionsOf(schema)) {
      for (let i = 0; i < 20; i++) {
        const noise = random.bytes(random.int(120));
        // Extremes show up in lengths more often than chance would have it.
        if (i % 2 === 0) noise.fill(random.int(2) === 0 ? 0xff : 0x7f, random.int(noise.length + 1));
        decodeHostile(schema, version, noise, name);
      }
    }
  });
});

// Goal: a length that cannot be true is refused before anything is made for it.
test('an array that claims more elements than bytes are left is refused', () => {
  for (const schema of allSchemas) {
    for (const { version, name } of versionsOf(schema)) {
      if (!schema.isFlexible(version)) continue;
      const claim = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0]);
      decodeHostile(schema, version, claim, name);
    }
  }
});

// Goal: what a version does not have cannot slip through decode or encode.
test('a version that a schema does not have is UNSUPPORTED_VERSION', () => {
  for (const schema of allSchemas) {
    for (const version of [schema.versions.min - 1, schema.versions.max + 1, -1, 32767]) {
      const unsupported = expect.objectContaining({ errorName: 'UNSUPPORTED_VERSION' });
      expect(() => schema.decode(new Reader(Buffer.alloc(100)), version)).toThrow(unsupported);
      expect(() => schema.encode(new Writer(), version, {})).toThrow(unsupported);
    }
  }
});
