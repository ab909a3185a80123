import { argparseUsage, wrapJustified } from './argparse-help.ts';
import {
  type ArgumentDeclaration,
  type ArgumentGroup,
  type ArgumentParser,
  HELP_ARGUMENT,
  isPositional,
  nameOf,
  type Subcommand,
  textualName,
} from './argparse-types.ts';
import { closest } from './closest.ts';

/** A command line that argparse4j would refuse. */
export class ArgumentError extends Error {
  readonly subcommand: Subcommand | undefined;
  /** Names that the user may have meant. */
  readonly candidates: readonly string[];

  constructor(message: string, subcommand: Subcommand | undefined, candidates: readonly string[] = []) {
    super(message);
    this.name = 'ArgumentError';
    this.subcommand = subcommand;
    this.candidates = candidates;
  }
}

/** What a command line says. */
export interface ParsedArguments {
  readonly subcommand: string | undefined;
  /** Help was asked for, of the sub-command when there is one. */
  readonly help: boolean;
  has(name: string): boolean;
  /** The last value or the default. */
  valueOf(name: string): string | undefined;
  valuesOf(name: string): readonly string[];
  numberOf(name: string): number | undefined;
}

class Values implements ParsedArguments {
  subcommand: string | undefined;
  help = false;
  readonly given = new Map<string, string[]>();
  readonly defaults = new Map<string, string>();

  has(name: string): boolean {
    return this.given.has(name);
  }

  valueOf(name: string): string | undefined {
    return this.given.get(name)?.at(-1) ?? this.defaults.get(name);
  }

  valuesOf(name: string): readonly string[] {
    return this.given.get(name) ?? [];
  }

  numberOf(name: string): number | undefined {
    const value = this.valueOf(name);
    return value === undefined ? undefined : Number(value);
  }
}

interface Part {
  readonly arguments: readonly ArgumentDeclaration[];
  readonly groups?: readonly ArgumentGroup[];
}

class ArgumentScan {
  readonly #parser: ArgumentParser;
  readonly #rest: string[];
  readonly #values = new Values();
  #subcommand: Subcommand | undefined;
  /** The first requirement that was not met; errors further down the line come first. */
  #deferred: ArgumentError | undefined;

  constructor(parser: ArgumentParser, argv: readonly string[]) {
    this.#parser = parser;
    this.#rest = [...argv];
  }

  run(): Values {
    this.#scan(this.#parser);
    if (this.#deferred !== undefined && !this.#values.help) throw this.#deferred;
    return this.#values;
  }

  #fail(message: string, argument?: ArgumentDeclaration): ArgumentError {
    const text = argument === undefined ? message : `argument ${textualName(argument)}: ${message}`;
    return new ArgumentError(text, this.#subcommand);
  }

  #scan(part: Part): void {
    for (const argument of part.arguments) {
      if (argument.defaultValue !== undefined) this.#values.defaults.set(nameOf(argument), argument.defaultValue);
    }
    const used = new Set<ArgumentDeclaration>();
    const positional = part.arguments.filter(isPositional);
    for (let word = this.#rest.shift(); word !== undefined; word = this.#rest.shift()) {
      if (isFlag(word)) {
        if (this.#flag(part, word, used)) return;
      } else if (positional.length > 0) {
        this.#store(positional.shift(), [word]);
      } else if (part === this.#parser && this.#parser.subcommands !== undefined) {
        this.#checkRequired(part, used);
        this.#enter(this.#parser.subcommands, word);
        return;
      } else {
        throw this.#fail(`unrecognized arguments: '${[word, ...this.#rest].join(' ')}'`);
      }
    }
    if (part === this.#parser && this.#parser.subcommands !== undefined) throw this.#fail('too few arguments');
    if (positional.some((argument) => argument.required === true)) throw this.#fail('too few arguments');
    this.#checkRequired(part, used);
  }

  #enter(subcommands: readonly Subcommand[], word: string): void {
    const exact = subcommands.filter(({ name }) => name === word);
    const matches = exact.length > 0 ? exact : subcommands.filter(({ name }) => name.startsWith(word));
    const names = matches.map(({ name }) => name);
    if (matches.length > 1) {
      throw this.#fail(`ambiguous command: ${word} could match ${names.sort().join(', ')}`);
    }
    const subcommand = matches[0];
    if (subcommand === undefined) {
      const choices = subcommands.map(({ name }) => name);
      throw new ArgumentError(
        `invalid choice: '${word}' (choose from ${choices.map((name) => `'${name}'`).join(', ')})`,
        undefined,
        closest(word, choices),
      );
    }
    this.#subcommand = subcommand;
    this.#values.subcommand = subcommand.name;
    this.#scan(subcommand);
  }

  /** True when help was asked for: the rest of the line does not matter then. */
  #flag(part: Part, word: string, used: Set<ArgumentDeclaration>): boolean {
    const at = word.indexOf('=');
    const flag = at < 0 ? word : word.slice(0, at);
    const argument = this.#resolve(part, flag, word);
    if (argument === HELP_ARGUMENT) {
      this.#values.help = true;
      return true;
    }
    this.#checkExclusive(part, argument, used);
    used.add(argument);
    const attached = at < 0 ? undefined : word.slice(at + 1);
    if (argument.metavar === undefined) {
      if (attached !== undefined) throw this.#fail(`ignore implicit argument '${attached}'`, argument);
      this.#store(argument, []);
    } else this.#store(argument, this.#valuesFor(argument, attached));
    return false;
  }

  #resolve(part: Part, flag: string, word: string): ArgumentDeclaration {
    const flags = part.arguments.flatMap((argument) => (isPositional(argument) ? [] : argument.flags));
    const matches = flags.includes(flag) ? [flag] : flags.filter((candidate) => candidate.startsWith(flag));
    if (matches.length > 1) {
      throw this.#fail(`ambiguous option: ${flag} could match ${matches.sort().join(', ')}`);
    }
    const found = part.arguments.find((argument) => argument.flags.includes(matches[0] ?? ''));
    if (found !== undefined) return found;
    const body = word.replace(/^-+/, '');
    const longFlags = flags.filter((candidate) => candidate.startsWith('--'));
    const candidates =
      body.length < 2
        ? []
        : closest(
            body,
            longFlags.map((candidate) => candidate.slice(2)),
          );
    throw new ArgumentError(
      `unrecognized arguments: '${word}'`,
      this.#subcommand,
      candidates.map((name) => `--${name}`),
    );
  }

  #valuesFor(argument: ArgumentDeclaration, attached: string | undefined): string[] {
    if (attached !== undefined) return [attached];
    const values: string[] = [];
    const atMost = argument.many === true ? Number.POSITIVE_INFINITY : 1;
    while (values.length < atMost && this.#rest[0] !== undefined && !isFlag(this.#rest[0])) {
      values.push(this.#rest.shift() ?? '');
    }
    if (values.length === 0) {
      throw this.#fail(argument.many === true ? 'expected 1 argument(s)' : 'expected one argument', argument);
    }
    return values;
  }

  #store(argument: ArgumentDeclaration | undefined, values: string[]): void {
    if (argument === undefined) return;
    for (const value of values) this.#checkValue(argument, value);
    const name = nameOf(argument);
    const before = argument.repeatable === true ? (this.#values.given.get(name) ?? []) : [];
    this.#values.given.set(name, [...before, ...values]);
  }

  #checkValue(argument: ArgumentDeclaration, value: string): void {
    const { type, choices } = argument;
    if (choices !== undefined && !choices.includes(value)) {
      throw this.#fail(`invalid choice: '${value}' (choose from {${choices.join(',')}})`, argument);
    }
    if (type === undefined) return;
    const isNumber = type === 'Double' ? value.trim() !== '' && !Number.isNaN(Number(value)) : /^[+-]?\d+$/.test(value);
    if (isNumber) return;
    throw this.#fail(`could not convert '${value}' to ${type} (For input string: "${value}")`, argument);
  }

  #checkExclusive(part: Part, argument: ArgumentDeclaration, used: ReadonlySet<ArgumentDeclaration>): void {
    for (const group of part.groups ?? []) {
      if (group.exclusive !== true || !group.members.includes(argument.flags[0] ?? '')) continue;
      const other = [...used].find((one) => one !== argument && group.members.includes(one.flags[0] ?? ''));
      if (other !== undefined) throw this.#fail(`not allowed with argument ${textualName(other)}`, argument);
    }
  }

  #checkRequired(part: Part, used: ReadonlySet<ArgumentDeclaration>): void {
    if (this.#deferred !== undefined) return;
    for (const argument of part.arguments) {
      if (argument.required === true && !isPositional(argument) && !used.has(argument)) {
        this.#deferred = this.#fail(`argument ${textualName(argument)} is required`);
      }
    }
    if (this.#deferred !== undefined) return;
    for (const group of part.groups ?? []) {
      if (group.exclusive !== true || group.required !== true) continue;
      if ([...used].some((argument) => group.members.includes(argument.flags[0] ?? ''))) continue;
      const members = group.members.flatMap((member) => part.arguments.filter(({ flags }) => flags[0] === member));
      this.#deferred ??= this.#fail(
        `one of the arguments ${members.map((one) => `${textualName(one)} `).join('')}is required`,
      );
    }
  }
}

function isFlag(word: string): boolean {
  return word.startsWith('-') && word.length > 1 && !/^-\d+$/.test(word);
}

/** Parses a command line with argparse4j's rules. Throws {@link ArgumentError}. */
export function parseArguments(parser: ArgumentParser, argv: readonly string[]): ParsedArguments {
  return new ArgumentScan(parser, argv).run();
}

/** What argparse4j prints on stderr for an error: usage, the wrapped message, and similar names. */
export function argumentErrorText(parser: ArgumentParser, error: ArgumentError): string {
  const message = wrapJustified(`${parser.prog}: error: ${error.message}\n`);
  const similar =
    error.candidates.length === 0 ? '' : `\nDid you mean:\n${error.candidates.map((one) => `\t${one}\n`).join('')}`;
  return `${argparseUsage(parser, error.subcommand)}${message}${similar}`;
}
