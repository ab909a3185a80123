import { Command, Option } from 'commander';
import { JoptError } from './jopt-error.ts';
import { type OptionToken, tokenize } from './jopt-tokens.ts';
import type { OptionDeclarations } from './option-types.ts';

/** The name of an option of `D`. */
export type OptionName<D extends OptionDeclarations> = keyof D & string;

function flagsOf(name: string, takes: OptionDeclarations[string]['takes']): string {
  const flags = name.length === 1 ? `-${name}` : `--${name}`;
  if (takes === 'nothing') return flags;
  return takes === 'argument' ? `${flags} <value>` : `${flags} [value]`;
}

/** A commander command with all options of a tool; its parsing is fed with an already normalised command line. */
export function commanderOf(name: string, declarations: OptionDeclarations): Command {
  const command = new Command(name).allowExcessArguments().exitOverride().helpOption(false);
  for (const [option, declaration] of Object.entries(declarations)) {
    const { takes, description, defaults, hidden } = declaration;
    const declared = new Option(flagsOf(option, takes), description).hideHelp(hidden === true);
    if (defaults !== undefined) declared.default(undefined, defaults.join(', '));
    command.addOption(declared);
  }
  return command;
}

function normalised(tokens: readonly OptionToken[]): string[] {
  return tokens.map(({ name, value }) => {
    const flag = name.length === 1 ? `-${name}` : `--${name}`;
    return value === undefined ? flag : `${flag}=${value}`;
  });
}

/** What the options of one command line say. Values are read, and so checked, one by one, as jopt-simple does. */
export class ParsedOptions<D extends OptionDeclarations> {
  readonly declarations: D;
  readonly #given: Map<string, (string | undefined)[]>;
  /** The options in the order of the command line, each as often as it stands there. */
  readonly occurrences: readonly string[];
  /** Words that belong to no option. */
  readonly words: readonly string[];

  constructor(
    declarations: D,
    given: Map<string, (string | undefined)[]>,
    occurrences: readonly string[],
    words: readonly string[],
  ) {
    this.declarations = declarations;
    this.#given = given;
    this.occurrences = occurrences;
    this.words = words;
  }

  /** Whether the option stands on the command line. */
  has(name: OptionName<D>): boolean {
    return this.#given.has(name);
  }

  /** Whether the option stands on the command line with a value. */
  hasArgument(name: OptionName<D>): boolean {
    return this.valuesGiven(name).length > 0;
  }

  /** The values on the command line, without defaults. */
  valuesGiven(name: OptionName<D>): string[] {
    return (this.#given.get(name) ?? []).filter((value) => value !== undefined);
  }

  /** All values, or the defaults when there are none. */
  valuesOf(name: OptionName<D>): readonly string[] {
    const values = this.valuesGiven(name);
    return values.length > 0 ? values : (this.declarations[name]?.defaults ?? []);
  }

  /** The only value or the default. Throws {@link JoptError} when the option was given more than once. */
  valueOf(name: OptionName<D>): string | undefined {
    const values = this.valuesOf(name);
    if (values.length > 1) {
      throw new JoptError(
        'MultipleArgumentsForOptionException',
        `Found multiple arguments for option ${name}, but you asked for only one`,
      );
    }
    return values[0];
  }

  /** The only value as Java's int. Throws {@link JoptError} when it is no number or out of its range. */
  integerOf(name: OptionName<D>): number | undefined {
    return this.#numberOf(name, -(2n ** 31n), 2n ** 31n - 1n);
  }

  /** The only value as Java's long; beyond 2^53 it is rounded. Throws {@link JoptError} as {@link integerOf} does. */
  longOf(name: OptionName<D>): number | undefined {
    return this.#numberOf(name, -(2n ** 63n), 2n ** 63n - 1n);
  }

  #numberOf(name: OptionName<D>, min: bigint, max: bigint): number | undefined {
    const value = this.valueOf(name);
    if (value === undefined) return undefined;
    const number = /^[+-]?\d{1,20}$/.test(value) ? BigInt(value.replace('+', '')) : undefined;
    if (number === undefined || number < min || number > max) {
      throw new JoptError('OptionArgumentConversionException', `Cannot parse argument '${value}' of option ${name}`);
    }
    return Number(number);
  }
}

function checkRequired(declarations: OptionDeclarations, given: ReadonlyMap<string, unknown>): void {
  const missing = Object.keys(declarations).filter((name) => declarations[name]?.required === true && !given.has(name));
  if (missing.length > 0) {
    throw new JoptError('MissingRequiredOptionsException', `Missing required option(s) [${missing.join(', ')}]`);
  }
}

function checkAvailable(declarations: OptionDeclarations, given: ReadonlyMap<string, unknown>): void {
  const unavailable = Object.keys(declarations).filter((name) => {
    if (!given.has(name)) return false;
    const { onlyWith, notWith } = declarations[name] ?? {};
    const missesAll = onlyWith !== undefined && !onlyWith.some((other) => given.has(other));
    return missesAll || (notWith ?? []).some((other) => given.has(other));
  });
  if (unavailable.length > 0) {
    throw new JoptError(
      'UnavailableOptionException',
      `Option(s) [${unavailable.join(', ')}] are unavailable given other options on the command line`,
    );
  }
}

/** Parses a command line with jopt-simple's rules and messages. Throws {@link JoptError}. */
export function parseOptions<D extends OptionDeclarations>(declarations: D, argv: readonly string[]): ParsedOptions<D> {
  const { options, words } = tokenize(declarations, argv);
  const command = commanderOf('tool', declarations);
  const given = new Map<string, (string | undefined)[]>();
  for (const name of Object.keys(declarations)) {
    command.on(`option:${name}`, (value: string | null | undefined) => {
      const values = given.get(name) ?? [];
      values.push(value ?? undefined);
      given.set(name, values);
    });
  }
  command.parse([...normalised(options), '--', ...words], { from: 'user' });
  if (!given.has('help') && !given.has('version')) {
    checkRequired(declarations, given);
    checkAvailable(declarations, given);
  }
  const occurrences = options.map(({ name }) => name);
  return new ParsedOptions(declarations, given, occurrences, command.args);
}
