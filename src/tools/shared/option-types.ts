/** How one option of a tool is declared. The tables of `options.ts` files are facts of Kafka's interface. */
export interface OptionDeclaration {
  readonly takes: 'nothing' | 'argument' | 'optional argument';
  /** Type shown in the usage table: `String`, `Integer`, `Long`, or a list of values. */
  readonly type?: string;
  /** Name of the argument in the usage table. */
  readonly argument?: string;
  readonly description: string;
  /** Used when the option is absent; shown in the usage table. Several only for repeatable options. */
  readonly defaults?: readonly string[];
  /** The parser itself refuses a command line without it. */
  readonly required?: true;
  /** One argument holds several values, split at this text. */
  readonly separator?: string;
  /** The parser refuses it when none of these is given. */
  readonly onlyWith?: readonly string[];
  /** The parser refuses it when one of these is given. */
  readonly notWith?: readonly string[];
  /** Accepted, but in no usage table: old spellings and our own options. */
  readonly hidden?: true;
}

/** All options of a tool by their names (without dashes), in Kafka's order of declaration. */
export type OptionDeclarations = Readonly<Record<string, OptionDeclaration>>;

/** Declares an option without argument. */
export function flag(description: string, more: Partial<OptionDeclaration> = {}): OptionDeclaration {
  return { takes: 'nothing', description, ...more };
}

/** Declares an option with an argument of type String. */
export function text(argument: string, description: string, more: Partial<OptionDeclaration> = {}): OptionDeclaration {
  return { takes: 'argument', type: 'String', argument, description, ...more };
}

/** Declares an option with an argument of type Integer. */
export function integer(
  argument: string,
  description: string,
  more: Partial<OptionDeclaration> = {},
): OptionDeclaration {
  return { takes: 'argument', type: 'Integer', argument, description, ...more };
}

/** Declares an option with an argument of type Long. */
export function long(argument: string, description: string, more: Partial<OptionDeclaration> = {}): OptionDeclaration {
  return { takes: 'argument', type: 'Long', argument, description, ...more };
}

/** The two options that every tool with a jopt-simple parser has. */
export const HELP_AND_VERSION = {
  help: flag('Print usage information.'),
  version: flag('Display Kafka version.'),
} satisfies OptionDeclarations;
