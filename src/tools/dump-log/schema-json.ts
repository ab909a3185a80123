import type { Reader } from '../../protocol/reader.ts';
import type { Field, Fields, MessageSchema } from '../../protocol/schema.ts';
import { includesVersion } from '../../protocol/versions.ts';
import { javaDouble } from '../shared/java-numbers.ts';

/** A schema with any fields, as far as it takes to read messages and to print them. */
export interface ReadableSchema extends Pick<MessageSchema, 'name' | 'apiKey' | 'versions' | 'fields'> {
  decode(reader: Reader, version: number): object;
}

const INT64_MAX = '9223372036854775807';
const INT64_MIN = '-9223372036854775808';

function longText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return INT64_MAX;
  return value === Number.NEGATIVE_INFINITY ? INT64_MIN : String(value);
}

function isDefault(field: Field, value: unknown): boolean {
  // Kafka's converters print a struct that is null although null is its default.
  if (field.kind === 'struct') return false;
  if (field.kind === 'array')
    return Array.isArray(value) ? value.length === 0 && field.defaultValue !== null : value === field.defaultValue;
  if (field.kind === 'bytes') return Buffer.isBuffer(value) && value.length === 0;
  return value === field.defaultValue;
}

function valueText(field: Field, version: number, value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (field.kind === 'array' && Array.isArray(value)) {
    const { element } = field;
    return element === undefined ? '[]' : `[${value.map((one) => valueText(element, version, one)).join(',')}]`;
  }
  if (field.kind === 'struct') return fieldsText(field.fields ?? {}, version, value as Record<string, unknown>);
  if (Buffer.isBuffer(value)) return `"${value.toString('base64')}"`;
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') {
    if (field.kind === 'int64') return longText(value);
    return field.kind === 'float64' ? javaDouble(value) : String(value);
  }
  return JSON.stringify(value);
}

function fieldsText(fields: Fields, version: number, values: Readonly<Record<string, unknown>>): string {
  const parts: string[] = [];
  for (const [name, field] of Object.entries(fields)) {
    const value = values[name];
    const isTagged = includesVersion(field.taggedVersions, version);
    if (!isTagged && !includesVersion(field.versions, version)) continue;
    if (isTagged && isDefault(field, value)) continue;
    parts.push(`${JSON.stringify(name)}:${valueText(field, version, value)}`);
  }
  return `{${parts.join(',')}}`;
}

/**
 * A message as Kafka's JSON converters write it: the fields of the version in their order, bytes in base64, tagged fields
 * only where they differ from their default.
 */
export function schemaJson(schema: Pick<ReadableSchema, 'fields'>, version: number, value: object): string {
  return fieldsText(schema.fields, version, value as Record<string, unknown>);
}
