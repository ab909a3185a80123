import { configError } from './errors.ts';

/** One setting: its type, its default as Kafka writes it (undefined = none), and what values are allowed. */
export interface ConfigDefinition {
  readonly type: 'int' | 'long' | 'boolean' | 'string' | 'list';
  readonly default?: string | undefined;
  readonly min?: number;
  readonly max?: number;
  readonly oneOf?: readonly string[];
  readonly ignoreCase?: boolean;
}

export type ConfigDefinitions = Readonly<Record<string, ConfigDefinition>>;

const INT_MAX = 0x7fffffff;

/**
 * Settings by Kafka's names. Everything that a definition names is checked once, on construction; unknown names are
 * left alone, as Kafka does. Throws ClientError (Kafka's ConfigException) with Kafka's text.
 */
export class ConfigValues {
  readonly #properties: ReadonlyMap<string, string>;
  readonly #definitions: ConfigDefinitions;

  constructor(properties: ReadonlyMap<string, string>, definitions: ConfigDefinitions) {
    this.#properties = properties;
    this.#definitions = definitions;
    for (const [name, text] of properties) {
      const definition = definitions[name];
      if (definition !== undefined) check(name, text.trim(), definition);
    }
  }

  #text(name: string): string | undefined {
    return this.#properties.get(name)?.trim() ?? this.#definitions[name]?.default;
  }

  /** Whether the user set it. */
  isSet(name: string): boolean {
    return this.#properties.has(name);
  }

  number(name: string): number {
    return Number(this.#text(name));
  }

  boolean(name: string): boolean {
    return this.#text(name)?.toLowerCase() === 'true';
  }

  /** '' when it is neither set nor has a default. */
  string(name: string): string {
    return this.#text(name) ?? '';
  }

  list(name: string): string[] {
    const text = this.#text(name) ?? '';
    return text === '' ? [] : text.split(/\s*,\s*/);
  }
}

function check(name: string, text: string, definition: ConfigDefinition): void {
  switch (definition.type) {
    case 'int':
    case 'long':
      checkNumber(name, text, definition);
      return;
    case 'boolean':
      if (!/^(true|false)$/i.test(text)) throw invalid(name, text, 'Expected value to be either true or false');
      return;
    default:
      checkString(name, text, definition);
  }
}

function checkNumber(name: string, text: string, definition: ConfigDefinition): void {
  const value = Number(text);
  const limit = definition.type === 'int' ? INT_MAX : Number.MAX_SAFE_INTEGER;
  if (!/^[+-]?\d+$/.test(text) || Math.abs(value) > limit + 1) {
    throw invalid(name, text, `Not a number of type ${definition.type.toUpperCase()}`);
  }
  if (definition.min !== undefined && value < definition.min) {
    throw invalid(name, text, `Value must be at least ${definition.min}`);
  }
  if (definition.max !== undefined && value > definition.max) {
    throw invalid(name, text, `Value must be no more than ${definition.max}`);
  }
}

function checkString(name: string, text: string, definition: ConfigDefinition): void {
  const { oneOf, ignoreCase } = definition;
  if (oneOf === undefined) return;
  const value = ignoreCase === true ? text.toUpperCase() : text;
  if (oneOf.includes(value)) return;
  throw invalid(
    name,
    text,
    `String must be one of${ignoreCase === true ? ' (case insensitive)' : ''}: ${oneOf.join(', ')}`,
  );
}

/** Kafka's text for a value that a setting cannot have. */
export function invalid(name: string, value: string, why: string) {
  return configError(`Invalid value ${value} for configuration ${name}: ${why}`);
}
