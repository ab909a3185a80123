import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { JavaException } from './java-errors.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** The text of a file that a tool was given. Throws `java.io.IOException: Unable to read file` as Kafka's tools do. */
export function readJsonFile(path: string, cwd: string): string {
  try {
    return readFileSync(resolve(cwd, path), 'utf8');
  } catch (error) {
    throw new JavaException('java.io.IOException', `Unable to read file ${path}`, { cause: error });
  }
}

/** A JSON value; undefined when the text is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function mappingError(message: string): JavaException {
  return new JavaException('com.fasterxml.jackson.databind.JsonMappingException', message);
}

/** The value as an object. Throws JavaException with the text of Kafka's JSON reader. */
export function objectOf(value: unknown): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw mappingError(`Expected JSON object, received ${JSON.stringify(value)}`);
}

function fieldOf(object: JsonObject, name: string): unknown {
  if (!Object.hasOwn(object, name)) throw mappingError(`No such field exists: \`${name}\``);
  return object[name];
}

/** An array in an object. */
export function arrayIn(object: JsonObject, name: string): readonly unknown[] {
  const value = fieldOf(object, name);
  if (Array.isArray(value)) return value;
  throw mappingError(`Expected JSON array, received ${JSON.stringify(value)}`);
}

/** A text in an object. */
export function stringIn(object: JsonObject, name: string): string {
  const value = fieldOf(object, name);
  if (typeof value === 'string') return value;
  throw mappingError(`Expected \`String\` value, received ${JSON.stringify(value)}`);
}

/** A whole number in an object. */
export function integerIn(object: JsonObject, name: string): number {
  const value = fieldOf(object, name);
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  throw mappingError(`Expected \`Integer\` value, received ${JSON.stringify(value)}`);
}
