import type { Random } from '../../src/base/random.ts';
import { randomUuid } from '../../src/base/random.ts';
import { ZERO_UUID } from '../../src/base/uuid.ts';
import type { Field, Fields, MessageSchema, UnknownTaggedField } from '../../src/protocol/schema.ts';
import { includesVersion } from '../../src/protocol/versions.ts';

/** A value for the encoder, and what the decoder must make of its bytes. */
export interface Generated {
  readonly input: Record<string, unknown>;
  readonly decoded: Record<string, unknown>;
}

/** How full generated messages are: no elements at all, a few, or many. */
export type Size = 'empty' | 'small' | 'large';

const MAX_LARGE_ELEMENTS = 300;
const FIRST_UNKNOWN_TAG = 1000;
const TEXTS = ['', 'a', 'topic', 'ümläut', '日本語', '👍 emoji', 'x'.repeat(127), 'y'.repeat(128), 'é'.repeat(200)];
const INTEGERS: Readonly<Record<string, readonly number[]>> = {
  int8: [0, 1, -1, 127, -128],
  int16: [0, 1, -1, 32767, -32768, 300],
  uint16: [0, 1, 65535, 32768],
  int32: [0, 1, -1, 2147483647, -2147483648, 70000],
  uint32: [0, 1, 4294967295, 2147483648],
  int64: [
    0,
    1,
    -1,
    2 ** 32,
    -(2 ** 32),
    Number.MAX_SAFE_INTEGER,
    Number.MIN_SAFE_INTEGER,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ],
  float64: [0, 1.5, -1e300, Number.NaN, Number.POSITIVE_INFINITY, 5e-324],
};

/** Makes a message of a schema for one version: every field that the version has gets a value. */
export function generate(schema: MessageSchema, version: number, size: Size, random: Random): Generated {
  return new Generator(version, schema.isFlexible(version), size, random).struct(schema.fields, 0);
}

class Generator {
  readonly #version: number;
  readonly #isFlexible: boolean;
  readonly #size: Size;
  readonly #random: Random;

  constructor(version: number, isFlexible: boolean, size: Size, random: Random) {
    this.#version = version;
    this.#isFlexible = isFlexible;
    this.#size = size;
    this.#random = random;
  }

  struct(fields: Fields, depth: number): Generated {
    const input: Record<string, unknown> = {};
    const decoded: Record<string, unknown> = {};
    for (const [name, field] of Object.entries(fields)) {
      if (!includesVersion(field.versions, this.#version)) {
        decoded[name] = defaultOf(field);
        continue;
      }
      const value = this.#value(field, depth);
      input[name] = value.input;
      decoded[name] = value.decoded;
    }
    const unknown = this.#unknownTags();
    decoded['unknownTaggedFields'] = unknown;
    if (unknown !== undefined) input['unknownTaggedFields'] = unknown;
    return { input, decoded };
  }

  #unknownTags(): UnknownTaggedField[] | undefined {
    if (!this.#isFlexible || this.#size === 'empty' || this.#random.int(3) > 0) return undefined;
    const count = 1 + this.#random.int(3);
    return Array.from({ length: count }, (_, i) => ({
      tag: FIRST_UNKNOWN_TAG + i,
      data: this.#random.bytes(this.#random.int(200)),
    }));
  }

  #value(field: Field, depth: number): { input: unknown; decoded: unknown } {
    const isNullable = includesVersion(field.nullable, this.#version);
    if (isNullable && (this.#size === 'empty' || this.#random.int(4) === 0)) return { input: null, decoded: null };
    switch (field.kind) {
      case 'struct':
        return this.struct(field.fields ?? {}, depth + 1);
      case 'array':
        return this.#array(field, depth);
      default: {
        const value = this.#primitive(field.kind);
        return { input: value, decoded: value };
      }
    }
  }

  #array(field: Field, depth: number): { input: unknown[]; decoded: unknown[] } {
    const { element } = field;
    if (element === undefined) throw new Error('an array without element');
    const items = Array.from({ length: this.#count(element, depth) }, () => this.#value(element, depth + 1));
    return { input: items.map((item) => item.input), decoded: items.map((item) => item.decoded) };
  }

  #count(element: Field, depth: number): number {
    if (this.#size === 'empty') return 0;
    if (this.#size === 'small') return this.#random.int(3);
    if (element.kind !== 'struct') return this.#random.int(MAX_LARGE_ELEMENTS);
    return depth === 0 ? 130 : this.#random.int(3);
  }

  #primitive(kind: Field['kind']): unknown {
    switch (kind) {
      case 'boolean':
        return this.#random.int(2) === 1;
      case 'string':
        return this.#size === 'empty' ? '' : this.#pick(TEXTS);
      case 'uuid':
        return this.#random.int(5) === 0 ? ZERO_UUID : randomUuid(this.#random);
      case 'bytes':
      case 'records':
        return this.#random.bytes(this.#size === 'empty' ? 0 : this.#random.int(this.#size === 'large' ? 5000 : 200));
      default:
        return this.#pick(INTEGERS[kind] ?? []);
    }
  }

  #pick<T>(choices: readonly T[]): T | undefined {
    return choices[this.#random.int(choices.length)];
  }
}

function defaultOf(field: Field): unknown {
  if (field.kind === 'array' && Array.isArray(field.defaultValue)) return [];
  if (field.kind !== 'struct' || field.defaultValue === null) return field.defaultValue;
  const members = Object.entries(field.fields ?? {}).map(([name, member]) => [name, defaultOf(member)]);
  return { ...Object.fromEntries(members), unknownTaggedFields: undefined };
}
