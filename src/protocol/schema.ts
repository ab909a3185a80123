/**
 * The notation in which the messages of Kafka are written down: one schema for all versions of a message.
 *
 *     export const heartbeatRequest = request('Heartbeat', 12, '0-4', '4+', () => ({
 *       groupId: string('0+'),
 *       generationId: int32('0+'),
 *       groupInstanceId: string('3+', { nullable: '3+', default: null }),
 *     }));
 *     export type HeartbeatRequest = Decoded<typeof heartbeatRequest>;
 *
 * The fields are built when the message first passes: a process sees few of the hundreds that there are, and starts sooner.
 * `versions` says in which versions a field is present; a reader of another version sees its default. Types follow from
 * the schema: `Decoded` has every field, `Input` (what encoders take) may leave out whatever has its default value.
 */

import type { Uuid } from '../base/uuid.ts';
import { compileDecoder, compileEncoder, type Decoder, type Encoder } from './compiler.ts';
import type { Reader } from './reader.ts';
import { parseVersions, type VersionRange } from './versions.ts';
import type { Writer } from './writer.ts';

/** A tagged field that the schema does not know, kept so that it can be passed on (KIP-482). */
export interface UnknownTaggedField {
  readonly tag: number;
  readonly data: Uint8Array;
}

export type PrimitiveKind =
  | 'boolean'
  | 'int8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'float64'
  | 'string'
  | 'uuid'
  | 'bytes'
  | 'records';

/** What the compiler needs to know of a field. `T` is its decoded type, `I` the type that encoders take. */
export interface Field<out T = unknown, out I = unknown> {
  readonly kind: PrimitiveKind | 'struct' | 'array';
  readonly versions: VersionRange;
  readonly nullable: VersionRange;
  readonly tag: number | undefined;
  readonly taggedVersions: VersionRange;
  readonly defaultValue: unknown;
  /** Whether a value that the version cannot carry is dropped in silence; otherwise encoding it is an error. */
  readonly ignorable: boolean;
  /** Of a struct. */
  readonly fields: Fields | undefined;
  /** Of an array. */
  readonly element: Field | undefined;
  /** Only for the type system; never present. */
  readonly decodedType?: T;
  readonly inputType?: I;
}

export type Fields = Readonly<Record<string, Field>>;

type DecodedOf<F> = F extends Field<infer T, unknown> ? T : never;
type InputOf<F> = F extends Field<unknown, infer I> ? I : never;
interface WithUnknownTaggedFields {
  unknownTaggedFields?: UnknownTaggedField[] | undefined;
}
/** The decoded form of a set of fields. */
export type DecodedFields<F extends Fields> = { -readonly [K in keyof F]: DecodedOf<F[K]> } & WithUnknownTaggedFields;
/** What encoders take for a set of fields: every field that has its default may be left out. */
export type InputFields<F extends Fields> = {
  readonly [K in keyof F]?: InputOf<F[K]> | undefined;
} & { readonly unknownTaggedFields?: readonly UnknownTaggedField[] | undefined };

/** The decoded type of a message schema. */
export type Decoded<M> = M extends MessageSchema<infer F> ? DecodedFields<F> : never;
/** The type that the encoder of a message schema takes. */
export type Input<M> = M extends MessageSchema<infer F> ? InputFields<F> : never;

export interface FieldOptions {
  /** Versions in which the value may be null. */
  readonly nullable?: string;
  /** Tag number of a tagged field. */
  readonly tag?: number;
  /** Versions in which it is tagged, when not all of `versions`. */
  readonly tagged?: string;
  readonly default?: unknown;
  readonly ignorable?: boolean;
}
type NullableOptions = FieldOptions & { readonly nullable: string };

interface FieldMaker<T, I = T> {
  (versions: string, options: NullableOptions): Field<T | null, I | null>;
  (versions: string, options?: FieldOptions): Field<T, I>;
}

const NONE: VersionRange = parseVersions('none');

function makeField(kind: Field['kind'], versions: string, options: FieldOptions, zero: unknown): Field {
  return {
    kind,
    versions: parseVersions(versions),
    nullable: options.nullable === undefined ? NONE : parseVersions(options.nullable),
    tag: options.tag,
    taggedVersions: options.tag === undefined ? NONE : parseVersions(options.tagged ?? versions),
    defaultValue: 'default' in options ? options.default : zero,
    ignorable: options.ignorable ?? false,
    fields: undefined,
    element: undefined,
  };
}

function primitive<T, I = T>(kind: PrimitiveKind, zero: I): FieldMaker<T, I> {
  return ((versions: string, options: FieldOptions = {}) => makeField(kind, versions, options, zero)) as FieldMaker<
    T,
    I
  >;
}

const EMPTY = Buffer.alloc(0);

export const boolean = primitive<boolean>('boolean', false);
export const int8 = primitive<number>('int8', 0);
export const int16 = primitive<number>('int16', 0);
export const uint16 = primitive<number>('uint16', 0);
export const int32 = primitive<number>('int32', 0);
export const uint32 = primitive<number>('uint32', 0);
/** A safe integer, or Infinity and -Infinity for the largest and smallest int64. Any other value is an error. */
export const int64 = primitive<number>('int64', 0);
export const float64 = primitive<number>('float64', 0);
export const string = primitive<string>('string', '');
export const uuid = primitive<Uuid>('uuid', 'AAAAAAAAAAAAAAAAAAAAAA');
/** Bytes; decoded as a view of the frame that was read, not a copy. */
export const bytes = primitive<Buffer, Uint8Array>('bytes', EMPTY);
/** Record batches. Decoded as a view of the frame; encoded from one or several chunks without copying them. */
export const records = primitive<Buffer, Uint8Array | readonly Uint8Array[]>('records', EMPTY);

/** A structure inside a message. */
export function struct<F extends Fields>(
  versions: string,
  fields: F,
  options: NullableOptions,
): Field<DecodedFields<F> | null, InputFields<F> | null>;
export function struct<F extends Fields>(
  versions: string,
  fields: F,
  options?: FieldOptions,
): Field<DecodedFields<F>, InputFields<F>>;
export function struct(versions: string, fields: Fields, options: FieldOptions = {}): Field {
  return { ...makeField('struct', versions, options, undefined), fields };
}

type ElementInput<E> = E extends Fields ? InputFields<E> : E extends Field<unknown, infer I> ? I : never;
type ElementDecoded<E> = E extends Fields ? DecodedFields<E> : E extends Field<infer T, unknown> ? T : never;

/** An array of structures (given by their fields) or of primitives (given by their field, e.g. `int32('0+')`). */
export function array<E extends Fields | Field>(
  versions: string,
  element: E,
  options: NullableOptions,
): Field<ElementDecoded<E>[] | null, readonly ElementInput<E>[] | null>;
export function array<E extends Fields | Field>(
  versions: string,
  element: E,
  options?: FieldOptions,
): Field<ElementDecoded<E>[], readonly ElementInput<E>[]>;
export function array(versions: string, element: Fields | Field, options: FieldOptions = {}): Field {
  const field = makeField('array', versions, options, []);
  return { ...field, element: isField(element) ? element : struct('0+', element) };
}

function isField(value: Fields | Field): value is Field {
  return typeof (value as Field).kind === 'string';
}

export type MessageType = 'request' | 'response' | 'data';

/** A message in all its versions. */
export class MessageSchema<F extends Fields = Fields> {
  /** Kafka's name without the suffix Request or Response. */
  readonly name: string;
  readonly type: MessageType;
  /** Key of the request type, or of the record type; -1 when it has none. */
  readonly apiKey: number;
  readonly versions: VersionRange;
  readonly flexibleVersions: VersionRange;
  readonly #makeFields: () => F;
  #fields: F | undefined;
  readonly #decoders: (Decoder | undefined)[] = [];
  readonly #encoders: (Encoder | undefined)[] = [];

  constructor(name: string, type: MessageType, apiKey: number, versions: string, flexible: string, fields: () => F) {
    this.name = name;
    this.type = type;
    this.apiKey = apiKey;
    this.versions = parseVersions(versions);
    this.flexibleVersions = parseVersions(flexible);
    this.#makeFields = fields;
  }

  get fields(): F {
    this.#fields ??= this.#makeFields();
    return this.#fields;
  }

  /** Whether somebody has asked for the fields, or read or written a message. */
  get isBuilt(): boolean {
    return this.#fields !== undefined;
  }

  /** Whether the version has compact types and tagged fields (KIP-482). */
  isFlexible(version: number): boolean {
    return version >= this.flexibleVersions.min && version <= this.flexibleVersions.max;
  }

  /**
   * Reads one message at the reader's position and moves it past. Throws KafkaError INVALID_REQUEST when the bytes are
   * no such message, UNSUPPORTED_VERSION when the schema has no such version.
   */
  decode(reader: Reader, version: number): DecodedFields<F> {
    let decoder = this.#decoders[version];
    if (decoder === undefined) {
      decoder = compileDecoder(this, version);
      this.#decoders[version] = decoder;
    }
    return decoder(reader) as DecodedFields<F>;
  }

  /**
   * Writes one message. Throws KafkaError UNSUPPORTED_VERSION when the value holds something that the version cannot
   * carry, and RangeError when a number is outside its field's range.
   */
  encode(writer: Writer, version: number, value: InputFields<F>): void {
    let encoder = this.#encoders[version];
    if (encoder === undefined) {
      encoder = compileEncoder(this, version);
      this.#encoders[version] = encoder;
    }
    encoder(writer, value);
  }
}

// A bundle leaves out the messages that nobody in it uses: @__NO_SIDE_EFFECTS__ tells the bundler that it may.

/** A request of the API with the number `apiKey`. */
/* @__NO_SIDE_EFFECTS__ */
export function request<F extends Fields>(
  name: string,
  apiKey: number,
  versions: string,
  flexible: string,
  fields: () => F,
) {
  return new MessageSchema(name, 'request', apiKey, versions, flexible, fields);
}

/** A response of the API with the number `apiKey`. */
/* @__NO_SIDE_EFFECTS__ */
export function response<F extends Fields>(
  name: string,
  apiKey: number,
  versions: string,
  flexible: string,
  fields: () => F,
) {
  return new MessageSchema(name, 'response', apiKey, versions, flexible, fields);
}

/** A message that stands in a record or in another message; `apiKey` numbers its type, -1 when it has no number. */
/* @__NO_SIDE_EFFECTS__ */
export function data<F extends Fields>(
  name: string,
  apiKey: number,
  versions: string,
  flexible: string,
  fields: () => F,
) {
  return new MessageSchema(name, 'data', apiKey, versions, flexible, fields);
}
