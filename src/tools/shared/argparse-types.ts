/** One argument of a tool whose command line follows argparse4j. */
export interface ArgumentDeclaration {
  /** Its spellings, the name first: `['--config', '-c']`. A positional argument has one word without dashes. */
  readonly flags: readonly string[];
  /** What stands for its value in the usage; without it the argument is a flag. */
  readonly metavar?: string;
  /** It takes one value or more, up to the next flag. */
  readonly many?: true;
  /** May be given several times; the values add up. */
  readonly repeatable?: true;
  readonly type?: 'Integer' | 'Long' | 'Double';
  readonly choices?: readonly string[];
  readonly help: string;
  /** Used when absent; shown where the parser shows defaults. Flags have `false` there. */
  readonly defaultValue?: string;
  readonly required?: true;
  /** Accepted, but in no usage: our own options. */
  readonly hidden?: true;
}

/** Arguments that belong together. */
export interface ArgumentGroup {
  readonly title?: string;
  readonly description?: string;
  /** At most one of them may be given; with `required` exactly one. */
  readonly exclusive?: true;
  readonly required?: true;
  /** First spellings of the members. */
  readonly members: readonly string[];
}

/** A command line in argparse4j's manner, perhaps with sub-commands. */
export interface ArgumentParser {
  readonly prog: string;
  readonly description?: string;
  /** Whether the help shows defaults. */
  readonly showsDefaults?: true;
  readonly arguments: readonly ArgumentDeclaration[];
  readonly groups?: readonly ArgumentGroup[];
  readonly subcommands?: readonly Subcommand[];
  /** Heading of the list of sub-commands; they stand among the positional arguments without it. */
  readonly subcommandsTitle?: string;
  /** What stands for them in the usage; all names in braces without it. */
  readonly subcommandsMetavar?: string;
}

export interface Subcommand {
  readonly name: string;
  /** Its line in the list of sub-commands. */
  readonly help: string;
  readonly description?: string;
  readonly arguments: readonly ArgumentDeclaration[];
  readonly groups?: readonly ArgumentGroup[];
}

/** The help flag that every parser has. */
export const HELP_ARGUMENT: ArgumentDeclaration = { flags: ['-h', '--help'], help: 'show this help message and exit' };

/** Our own option of every tool, as the terminal's help shows it. */
export const SHOWN_OUTPUT_ARGUMENT: ArgumentDeclaration = {
  flags: ['--output'],
  metavar: '',
  choices: ['text', 'json'],
  help: 'Print text or JSON. (default: text)',
};

/** The same as it is parsed. */
export const OUTPUT_ARGUMENT: ArgumentDeclaration = { ...SHOWN_OUTPUT_ARGUMENT, metavar: 'OUTPUT', hidden: true };

/** The name under which an argument's value is found. */
export function nameOf(argument: ArgumentDeclaration): string {
  const long = argument.flags.find((flag) => flag.startsWith('--')) ?? argument.flags[0] ?? '';
  return long.replace(/^-+/, '');
}

/** Its name in error messages. */
export function textualName(argument: ArgumentDeclaration): string {
  return argument.flags.join('/');
}

/** Whether it has no dashes and stands by its place. */
export function isPositional(argument: ArgumentDeclaration): boolean {
  return argument.flags[0]?.startsWith('-') !== true;
}
