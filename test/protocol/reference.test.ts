import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ZERO_UUID } from '../../src/base/uuid.ts';
import { errorInfo, errorNameOf } from '../../src/protocol/error-codes.ts';
import type { Field, Fields, MessageSchema } from '../../src/protocol/schema.ts';
import { includesVersion, parseVersions, type VersionRange } from '../../src/protocol/versions.ts';
import { allSchemas, kafkaName } from './all-schemas.ts';

const reference = join(import.meta.dirname, '../../../shared/reference');

interface ReferenceField {
  readonly name: string;
  readonly type: string;
  /** Left out where `taggedVersions` says it all. */
  readonly versions?: string;
  readonly nullableVersions?: string;
  readonly taggedVersions?: string;
  readonly tag?: number;
  readonly default?: string | number | boolean;
  readonly ignorable?: boolean | string;
  readonly fields?: readonly ReferenceField[];
}

interface ReferenceMessage {
  readonly name: string;
  readonly apiKey?: number;
  readonly type: string;
  readonly validVersions: string;
  readonly flexibleVersions: string;
  readonly fields: readonly ReferenceField[];
  readonly commonStructs?: readonly { readonly name: string; readonly fields: readonly ReferenceField[] }[];
}

const KINDS: Readonly<Record<string, string>> = {
  bool: 'boolean',
  int8: 'int8',
  int16: 'int16',
  uint16: 'uint16',
  int32: 'int32',
  uint32: 'uint32',
  int64: 'int64',
  float64: 'float64',
  string: 'string',
  uuid: 'uuid',
  bytes: 'bytes',
  records: 'records',
};

function readMessages(folder: string): ReferenceMessage[] {
  return readdirSync(join(reference, folder))
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(join(reference, folder, file), 'utf8')));
}

function camelCase(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** Compares one version of a schema with the reference, field by field in the order of the wire. */
class Comparison {
  readonly #message: ReferenceMessage;
  readonly #versions: readonly number[];

  constructor(message: ReferenceMessage, versions: readonly number[]) {
    this.#message = message;
    this.#versions = versions;
  }

  fields(where: string, ours: Fields, theirs: readonly ReferenceField[]): void {
    const names = theirs.map((field) => camelCase(field.name));
    expect(Object.keys(ours), `${where}: fields in order`).toEqual(names);
    for (const field of theirs) {
      const own = ours[camelCase(field.name)];
      if (own !== undefined) this.#field(`${where}.${field.name}`, own, field);
    }
  }

  #field(where: string, own: Field, field: ReferenceField): void {
    const versions = field.versions ?? field.taggedVersions ?? 'none';
    this.#sameVersions(`${where}: versions`, own.versions, versions);
    const present = parseVersions(versions);
    const inPresent = (version: number): boolean => includesVersion(present, version);
    this.#sameVersions(`${where}: nullable`, own.nullable, field.nullableVersions ?? 'none', inPresent);
    this.#sameVersions(`${where}: tagged`, own.taggedVersions, field.taggedVersions ?? 'none', inPresent);
    expect(own.tag, `${where}: tag`).toBe(field.tag);
    expect(own.ignorable, `${where}: ignorable`).toBe(String(field.ignorable ?? false) === 'true');
    this.#type(where, own, field);
    expect(own.defaultValue, `${where}: default`).toEqual(this.#defaultOf(own, field));
  }

  #sameVersions(
    where: string,
    own: VersionRange,
    text: string,
    counts: (version: number) => boolean = () => true,
  ): void {
    const range = parseVersions(text);
    for (const version of this.#versions.filter(counts)) {
      expect(includesVersion(own, version), `${where} in v${version}`).toBe(includesVersion(range, version));
    }
  }

  #type(where: string, own: Field, field: ReferenceField): void {
    const isArray = field.type.startsWith('[]');
    const type = isArray ? field.type.slice(2) : field.type;
    const element = isArray ? own.element : own;
    if (isArray) expect(own.kind, `${where}: kind`).toBe('array');
    expect(element?.kind, `${where}: type`).toBe(KINDS[type] ?? 'struct');
    if (KINDS[type] !== undefined) return;
    const members = field.fields ?? this.#message.commonStructs?.find((struct) => struct.name === type)?.fields;
    this.fields(where, element?.fields ?? {}, members ?? []);
  }

  #defaultOf(own: Field, field: ReferenceField): unknown {
    const text = field.default === undefined ? undefined : String(field.default);
    if (text === 'null') return null;
    switch (own.kind) {
      case 'array':
        return [];
      case 'struct':
        return undefined;
      case 'string':
        return text ?? '';
      case 'boolean':
        return text === 'true';
      case 'uuid':
        return ZERO_UUID;
      case 'bytes':
      case 'records':
        return Buffer.alloc(0);
      default:
        return text === '9223372036854775807' ? Number.POSITIVE_INFINITY : Number(text ?? 0);
    }
  }
}

const isThere = existsSync(join(reference, 'protocol'));

// Goal: no schema differs from Kafka 4.4's own definition in anything that shows on the wire.
describe.runIf(isThere)('schemas are those of Kafka', () => {
  const messages = isThere ? [...readMessages('protocol'), ...readMessages('records')] : [];
  const byName = new Map(messages.map((message) => [message.name, message]));

  test.each(allSchemas.map((schema) => [kafkaName(schema), schema] as const))('%s', (name, schema) => {
    const message = byName.get(name);
    if (message === undefined) throw new Error(`Kafka has no message ${name}`);
    compare(schema, message);
  });

  test('no message of Kafka that has versions is missing', () => {
    const own = new Set(allSchemas.map(kafkaName));
    const missing = messages.filter((message) => message.validVersions !== 'none' && !own.has(message.name));
    expect(missing.map((message) => message.name).filter((name) => !KEPT_ELSEWHERE.test(name))).toEqual([]);
  });
});

/** Framing and files that other modules read by hand, and what only tiered storage writes. */
const KEPT_ELSEWHERE = /^(RequestHeader|ResponseHeader|AbortedTxn|ProducerSnapshot|QuorumStateData|Remote.*Record)$/;

function compare(schema: MessageSchema, message: ReferenceMessage): void {
  const name = kafkaName(schema);
  expect(schema.versions, `${name}: versions`).toEqual(parseVersions(message.validVersions));
  expect(schema.flexibleVersions, `${name}: flexible`).toEqual(parseVersions(message.flexibleVersions));
  if (schema.apiKey !== -1) expect(schema.apiKey, `${name}: key`).toBe(message.apiKey);
  const { min, max } = schema.versions;
  const versions = Array.from({ length: max - min + 1 }, (_, i) => min + i);
  new Comparison(message, versions).fields(name, schema.fields, message.fields);
}

interface ReferenceError {
  readonly code: number;
  readonly name: string;
  readonly retriable: boolean;
  readonly refreshMetadata?: boolean;
  readonly exception?: string | null;
  readonly message: string | null;
}

describe.runIf(isThere)('error codes are those of Kafka', () => {
  const content = isThere ? JSON.parse(readFileSync(join(reference, 'error-codes.json'), 'utf8')) : [];
  const errors: ReferenceError[] = Array.isArray(content) ? content : content.errors;

  test.each(errors.map((error) => [error.name, error] as const))('%s', (name, error) => {
    expect(errorNameOf(error.code)).toBe(name);
    const info = errorInfo(error.code);
    expect(info).toMatchObject({ code: error.code, retriable: error.retriable, message: error.message });
    expect(info.refreshMetadata).toBe(error.refreshMetadata ?? false);
    expect(info.exception).toBe(error.exception?.split('.').at(-1) ?? null);
  });
});
