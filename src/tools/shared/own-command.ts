import { Command, CommanderError, Help, InvalidArgumentError } from 'commander';
import type { ToolIo } from './tool.ts';

/** An example in a command's help. */
export interface Example {
  readonly does: string;
  readonly line: string;
}

/**
 * A command of ottla's own (serve, cluster, compose), as opposed to a tool of Kafka's: examples first in its help,
 * defaults shown, an unknown option named with the one that was probably meant.
 */
export function ownCommand(name: string, description: string, examples: readonly Example[], io: ToolIo): Command {
  const command = new Command(name);
  command
    .description(description)
    .exitOverride()
    .showSuggestionAfterError()
    .helpOption('-h, --help', 'show this help')
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHelpWidth: () => io.columns,
      getErrHelpWidth: () => io.columns,
    });
  command.configureHelp({
    // "None" is what everybody expects of an option that may be repeated.
    optionDescription: (option) => plainHelp.optionDescription(option).replace(/ \(default: (?:\{\}|\[\])\)$/, ''),
  });
  if (examples.length > 0) {
    const lines = examples.map(({ does, line }) => `  # ${does}\n  ${line}\n`).join('\n');
    command.addHelpText('beforeAll', `Examples:\n${lines}`);
  }
  return command;
}

const plainHelp = new Help();

/**
 * Parses and runs a command; resolves to the exit code. What is wrong with the command line is told by commander on
 * stderr (code 1); help is no failure (code 0).
 */
export async function runOwnCommand(command: Command, argv: readonly string[]): Promise<number> {
  try {
    await command.parseAsync([...argv], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    throw error;
  }
}

const SYSTEM_FAILURES: Readonly<Record<string, string>> = {
  EACCES: 'may not be read or written by this user',
  EISDIR: 'is a folder, not a file',
  ENOENT: 'is not there',
  EEXIST: 'is not a folder',
  ENOTDIR: 'is not a folder',
  EPERM: 'may not be read or written by this user',
  EROFS: 'cannot be written to',
  ENOSPC: 'is on a disk that is full',
};

/** What the system refused, in words for people: which file, and what is the matter with it. */
export function systemFailure({ code = '', path, message }: NodeJS.ErrnoException): string {
  const what = SYSTEM_FAILURES[code];
  return what === undefined || path === undefined ? message : `${path} ${what}`;
}

/** The same of whatever was thrown; undefined when it is nothing that the system refused. */
export function systemFailureOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && 'path' in error
    ? systemFailure(error as NodeJS.ErrnoException)
    : undefined;
}

/** Parser of an option that takes a whole number between two bounds. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) {
      throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
    }
    return value;
  };
}

/** Parser of an option that means nothing when it is empty, as one of an unset variable is (`--data-dir "$DIR"`). */
export function notEmpty(text: string): string {
  if (text === '') throw new InvalidArgumentError('It must not be empty.');
  return text;
}

/** Parser of a repeatable option. */
export function collect(text: string, previous: string[]): string[] {
  return [...previous, text];
}

/** Parser of a repeatable `KEY=VALUE` option. */
export function collectPairs(text: string, previous: Record<string, string>): Record<string, string> {
  const at = text.indexOf('=');
  if (at <= 0) throw new InvalidArgumentError('It must be KEY=VALUE.');
  return { ...previous, [text.slice(0, at).trim()]: text.slice(at + 1).trim() };
}

/** Parser of `--output`. */
export function outputFormat(text: string): 'text' | 'json' {
  if (text !== 'text' && text !== 'json') throw new InvalidArgumentError('It must be text or json.');
  return text;
}
