import { KafkaError } from '../base/kafka-error.ts';
import { nullArray, type Reader } from './reader.ts';
import type { Field, Fields, MessageSchema, UnknownTaggedField } from './schema.ts';
import { includesVersion } from './versions.ts';
import type { Writer } from './writer.ts';

/** Reads or writes one version of a schema. */
export type Decoder = (reader: Reader) => unknown;
export type Encoder = (writer: Writer, value: unknown) => void;

/**
 * Turns one version of a schema into source text and that into a function: field by field calls in the order of the wire,
 * without a look at the schema while a message passes. Reading and writing are compiled apart, because a client or a
 * broker mostly needs one of them. Throws KafkaError UNSUPPORTED_VERSION when there is no such version.
 */
export function compileDecoder(schema: MessageSchema, version: number): Decoder {
  const compilation = compilationOf(schema, version);
  return compilation.run(compilation.structDecoder(schema.fields));
}

/** As {@link compileDecoder}, for writing. */
export function compileEncoder(schema: MessageSchema, version: number): Encoder {
  const compilation = compilationOf(schema, version);
  return compilation.run(compilation.structEncoder(schema.fields, schema.name));
}

function compilationOf(schema: MessageSchema, version: number): Compilation {
  if (!includesVersion(schema.versions, version)) {
    const { min, max } = schema.versions;
    const range = min > max ? 'none' : `${min} to ${max}`;
    throw new KafkaError('UNSUPPORTED_VERSION', `${schema.name} has the versions ${range}, received ${version}`);
  }
  return new Compilation(version, schema.isFlexible(version));
}

/** What the generated functions call besides reader and writer. */
const RUNTIME = { nullArray, readUnknownTag, unsupportedField, nullNotAllowed };

class Compilation {
  readonly #constants: unknown[] = [];
  readonly #version: number;
  readonly #flexible: boolean;
  readonly #functions: string[] = [];
  #names = 0;

  constructor(version: number, flexible: boolean) {
    this.#version = version;
    this.#flexible = flexible;
  }

  /** Compiles what was written so far and returns the function that `result` names. */
  run<T>(result: string): T {
    const source = `'use strict';\n${this.#functions.join('\n')}\nreturn ${result};`;
    const make = new Function(...Object.keys(RUNTIME), 'constants', source);
    return make(...Object.values(RUNTIME), this.#constants);
  }

  #name(prefix: string): string {
    return `${prefix}${this.#names++}`;
  }

  #constant(value: unknown): string {
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
    if (typeof value === 'number') return String(value);
    this.#constants.push(value);
    return `constants[${this.#constants.length - 1}]`;
  }

  #isTagged(field: Field): boolean {
    return this.#flexible && field.tag !== undefined && includesVersion(field.taggedVersions, this.#version);
  }

  #isPresent(field: Field): boolean {
    return includesVersion(field.versions, this.#version);
  }

  #isNullable(field: Field): boolean {
    return includesVersion(field.nullable, this.#version);
  }

  /** Tagged fields of this version in the order of their tags. */
  #taggedFields(fields: Fields): [string, Field][] {
    const tagged = Object.entries(fields).filter(([, field]) => this.#isPresent(field) && this.#isTagged(field));
    return tagged.sort(([, a], [, b]) => (a.tag ?? 0) - (b.tag ?? 0));
  }

  /** Fresh mutable defaults: two messages never share an array or a structure. */
  #defaultExpression(field: Field): string {
    if (field.kind === 'array' && Array.isArray(field.defaultValue)) return '[]';
    if (field.kind === 'struct' && field.defaultValue === undefined) {
      const members = Object.entries(field.fields ?? {}).map(([name, f]) => `${name}: ${this.#defaultExpression(f)}`);
      return `{ ${[...members, 'unknownTaggedFields: undefined'].join(', ')} }`;
    }
    return this.#constant(field.defaultValue);
  }

  structDecoder(fields: Fields): string {
    const lines: string[] = [];
    const members: string[] = [];
    for (const [name, field] of Object.entries(fields)) {
      const inline = this.#isPresent(field) && !this.#isTagged(field);
      lines.push(`let $${name} = ${inline ? this.#readExpression(field) : this.#defaultExpression(field)};`);
      members.push(`${name}: $${name}`);
    }
    if (this.#flexible) lines.push(...this.#readTags(fields));
    members.push(`unknownTaggedFields: ${this.#flexible ? 'unknown' : 'undefined'}`);
    const name = this.#name('decode');
    this.#functions.push(`function ${name}(r) {\n${lines.join('\n')}\nreturn { ${members.join(', ')} };\n}`);
    return name;
  }

  #readTags(fields: Fields): string[] {
    const cases = this.#taggedFields(fields).map(([name, field]) => {
      const read = `$${name} = ${this.#readTagged(field)}`;
      return `case ${field.tag}: { const end = r.end; r.end = start + size; ${read}; r.end = end; break; }`;
    });
    return [
      'let unknown;',
      'for (let tags = r.uvarint(); tags > 0; tags--) {',
      'const tag = r.uvarint(), size = r.uvarint(), start = r.skip(size);',
      'r.position = start;',
      `switch (tag) { ${cases.join('\n')}`,
      'default: (unknown ??= []).push(readUnknownTag(r, tag, size)); }',
      'r.position = start + size;',
      '}',
    ];
  }

  /** A tagged struct that may be null has an unsigned varint in front, elsewhere it is a byte. */
  #readTagged(field: Field): string {
    if (!this.#isNullableStruct(field)) return this.#readExpression(field);
    return `(r.uvarint() === 0 ? null : ${this.structDecoder(field.fields ?? {})}(r))`;
  }

  #isNullableStruct(field: Field): boolean {
    return field.kind === 'struct' && this.#isNullable(field);
  }

  #readExpression(field: Field): string {
    const nullable = this.#isNullable(field);
    switch (field.kind) {
      case 'string':
      case 'bytes':
        return `r.${this.#sizedMethod(field.kind, nullable)}()`;
      case 'records':
        // Null records stand for none where the schema lets them be null, and are refused elsewhere.
        return `r.${this.#sizedMethod('bytes', nullable)}()`;
      case 'array':
        return `${this.#arrayDecoder(field, nullable)}(r)`;
      case 'struct': {
        const decoder = this.structDecoder(field.fields ?? {});
        return nullable ? `(r.int8() < 0 ? null : ${decoder}(r))` : `${decoder}(r)`;
      }
      default:
        return `r.${field.kind}()`;
    }
  }

  #sizedMethod(kind: 'string' | 'bytes' | 'records', nullable: boolean): string {
    const capital = kind.charAt(0).toUpperCase() + kind.slice(1);
    if (this.#flexible) return nullable ? `compactNullable${capital}` : `compact${capital}`;
    return nullable ? `nullable${capital}` : kind;
  }

  #arrayDecoder(field: Field, nullable: boolean): string {
    const element = field.element as Field;
    const length = this.#flexible ? 'compactArrayLength' : 'arrayLength';
    const name = this.#name('decodeArray');
    this.#functions.push(
      `function ${name}(r) {
const length = r.${length}(${this.#minBytes(element)});
if (length < 0) ${nullable ? 'return null' : 'throw nullArray()'};
const items = [];
for (let i = 0; i < length; i++) items.push(${this.#readExpression(element)});
return items;
}`,
    );
    return name;
  }

  /** The fewest bytes that a value of the field takes in this version. */
  #minBytes(field: Field): number {
    switch (field.kind) {
      case 'boolean':
      case 'int8':
        return 1;
      case 'int16':
      case 'uint16':
        return 2;
      case 'int32':
      case 'uint32':
        return 4;
      case 'int64':
      case 'float64':
        return 8;
      case 'uuid':
        return 16;
      case 'string':
        return this.#flexible ? 1 : 2;
      case 'bytes':
      case 'records':
      case 'array':
        return this.#flexible ? 1 : 4;
      case 'struct':
        return this.#structMinBytes(field);
    }
  }

  #structMinBytes(field: Field): number {
    if (this.#isNullable(field)) return 1;
    let size = this.#flexible ? 1 : 0;
    for (const member of Object.values(field.fields ?? {})) {
      if (this.#isPresent(member) && !this.#isTagged(member)) size += this.#minBytes(member);
    }
    return Math.max(1, size);
  }

  structEncoder(fields: Fields, path: string): string {
    const lines: string[] = [];
    for (const [name, field] of Object.entries(fields)) {
      if (!this.#isPresent(field)) {
        if (!field.ignorable) lines.push(this.#refuseUnlessDefault(name, field, path));
      } else if (!this.#isTagged(field)) {
        lines.push(`{ let x = v.${name}; if (x === undefined) x = ${this.#defaultExpression(field)};`);
        lines.push(`${this.#writeStatement(field, `${path}.${name}`)} }`);
      }
    }
    if (this.#flexible) lines.push(...this.#writeTags(fields, path));
    const name = this.#name('encode');
    this.#functions.push(`function ${name}(w, v) {\n${lines.join('\n')}\n}`);
    return name;
  }

  #refuseUnlessDefault(name: string, field: Field, path: string): string {
    const where = JSON.stringify(`${path}.${name}`);
    return `if (v.${name} !== undefined && ${this.#differs(`v.${name}`, field)}) throw unsupportedField(${where}, ${this.#version});`;
  }

  /** An expression that tells whether `value` differs from the field's default. */
  #differs(value: string, field: Field): string {
    if (field.defaultValue === null) return `${value} !== null`;
    switch (field.kind) {
      case 'array':
      case 'bytes':
      case 'records':
        return `(${value} === null || ${value}.length !== 0)`;
      case 'struct': {
        const members = Object.entries(field.fields ?? {}).map(([name, member]) => {
          const inner = `${value}.${name}`;
          return `(${inner} !== undefined && ${this.#differs(inner, member)})`;
        });
        const unknown = `${value}.unknownTaggedFields`;
        members.push(`(${unknown} !== undefined && ${unknown}.length > 0)`);
        return `(${value} === null || ${members.join(' || ')})`;
      }
      default:
        return `${value} !== ${this.#constant(field.defaultValue)}`;
    }
  }

  #writeTags(fields: Fields, path: string): string[] {
    const tagged = this.#taggedFields(fields);
    const lines = ['const unknown = v.unknownTaggedFields;', 'let tags = unknown === undefined ? 0 : unknown.length;'];
    tagged.forEach(([name, field], i) => {
      // Kafka's generated code writes a null struct always, and leaves out one whose members are all defaults.
      const has = this.#isNullableStruct(field)
        ? this.#differs(`(v.${name} ?? null)`, { ...field, defaultValue: undefined })
        : `v.${name} !== undefined && ${this.#differs(`v.${name}`, field)}`;
      lines.push(`const has${i} = ${has}; if (has${i}) tags++;`);
    });
    lines.push('w.uvarint(tags);');
    tagged.forEach(([name, field], i) => {
      const write = this.#writeTagged(field, `${path}.${name}`);
      lines.push(
        `if (has${i}) { const x = v.${name} ?? null; w.uvarint(${field.tag}); const start = w.beginSized(); ${write} w.endSized(start); }`,
      );
    });
    // Unknown tags are all above the known ones, or came from a peer that sorted them: their order is kept.
    lines.push('if (unknown !== undefined) for (const u of unknown) { w.uvarint(u.tag); w.compactTag(u.data); }');
    return lines;
  }

  #writeTagged(field: Field, path: string): string {
    if (!this.#isNullableStruct(field)) return this.#writeStatement(field, path);
    const encoder = this.structEncoder(field.fields ?? {}, path);
    return `if (x === null) w.uvarint(0); else { w.uvarint(1); ${encoder}(w, x); }`;
  }

  /** Statements that write the value in the variable x. */
  #writeStatement(field: Field, path: string): string {
    const nullable = this.#isNullable(field);
    const guard = nullable ? '' : `if (x === null) throw nullNotAllowed(${JSON.stringify(path)});`;
    switch (field.kind) {
      case 'string':
      case 'bytes':
      case 'records':
        return `${guard} w.${this.#sizedMethod(field.kind, nullable)}(x);`;
      case 'array':
        return this.#writeArray(field, path, nullable, guard);
      case 'struct': {
        const encoder = this.structEncoder(field.fields ?? {}, path);
        return nullable
          ? `if (x === null) w.int8(-1); else { w.int8(1); ${encoder}(w, x); }`
          : `${guard} ${encoder}(w, x);`;
      }
      default:
        return `w.${field.kind}(x);`;
    }
  }

  #writeArray(field: Field, path: string, nullable: boolean, guard: string): string {
    const element = field.element as Field;
    const writeLength = this.#flexible ? 'w.compactArrayLength' : 'w.arrayLength';
    const write = this.#writeStatement(element, `${path}[]`);
    const items = `{ ${writeLength}(x.length); const items = x; for (let i = 0; i < items.length; i++) { const x = items[i]; ${write} } }`;
    return nullable ? `if (x === null) ${writeLength}(-1); else ${items}` : `${guard} ${items}`;
  }
}

function readUnknownTag(reader: Reader, tag: number, size: number): UnknownTaggedField {
  return { tag, data: reader.view(size) };
}

function unsupportedField(path: string, version: number): KafkaError {
  return new KafkaError('UNSUPPORTED_VERSION', `${path} cannot be sent in version ${version}`);
}

function nullNotAllowed(path: string): KafkaError {
  return new KafkaError('INVALID_REQUEST', `${path} must not be null`);
}
