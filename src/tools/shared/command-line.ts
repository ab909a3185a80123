import { JoptError, unrecognizedOption } from './jopt-error.ts';
import { joptUsage } from './jopt-usage.ts';
import { KAFKA_VERSION } from './kafka-version.ts';
import { LOCAL_BROKER } from './local-broker.ts';
import type { OptionDeclarations } from './option-types.ts';
import { type OptionName, ParsedOptions, parseOptions } from './options.ts';
import { terminalHelp } from './terminal-help.ts';
import { type AskableOption, MissingOption, OldAddress, ToolExit, type ToolIo } from './tool.ts';

/** One command that shows what a tool is for; the terminal's help starts with them. */
export interface Example {
  /** What it does, in a few words. */
  readonly does: string;
  /** The arguments behind the tool's name. */
  readonly line: string;
}

/** What a tool does when its parser refuses the command line; see Kafka's tools. */
export type ParserErrorShape =
  /** the message, then the first line of a stack trace and an empty line */
  | 'message and trace'
  /** the message, then the usage table */
  | 'message and usage'
  | 'message'
  /** as an uncaught exception */
  | 'uncaught'
  /** `Error occurred: ` and the message */
  | 'error occurred';

/** A tool with a jopt-simple command line. */
export interface CommandLineSpec<D extends OptionDeclarations> {
  readonly name: string;
  readonly options: D;
  /** Kafka's sentence above the usage table. */
  readonly helpSentence: string;
  /** Its sentence when there are no arguments; the same without this. */
  readonly noArgumentsSentence?: string;
  /** Whether a line without arguments goes on to the checks instead of printing the help. */
  readonly runsWithoutArguments?: true;
  readonly parserErrors: ParserErrorShape;
  readonly examples: readonly Example[];
  /** What stands behind the name in the terminal's usage line; `[options]` without this. */
  readonly usage?: string;
  /** What the terminal's help says before all else. */
  readonly remark?: string;
}

const OUR_OPTIONS = {
  output: {
    takes: 'argument',
    type: 'String',
    argument: 'text|json',
    description: 'Print text or JSON.',
    hidden: true,
  },
} satisfies OptionDeclarations;

/** The old name of `--bootstrap-server`, of people at a terminal only: in a script it is refused as Kafka refuses it. */
const OLD_BOOTSTRAP = {
  'broker-list': { takes: 'argument', description: 'The old name of --bootstrap-server.', hidden: true },
} satisfies OptionDeclarations;

/** An option's name as Kafka prints it in messages. */
function shown(name: string): string {
  return `[${name}]`;
}

/** Looks up what an option can be, by its name. */
export type Choices<D extends OptionDeclarations> = {
  readonly [name in OptionName<D>]?: () => Promise<readonly string[]>;
};

/** The first sentence of Kafka's description, without the word that says that it is required. */
function inShort(description: string): string {
  const [sentence = ''] = description.replace(/^REQUIRED: */, '').split(/(?<=[^.]\.)\s/);
  return sentence.replace(/\s+/g, ' ');
}

/** A parsed command line with the checks that Kafka's tools make on it. A failed check throws {@link ToolExit}. */
export class CommandLine<D extends OptionDeclarations> extends ParsedOptions<D> {
  readonly #usage: () => string;
  /** `json` with `--output json`, our own option of every tool. */
  readonly output: 'text' | 'json';

  constructor(
    declarations: D,
    parsed: ParsedOptions<OptionDeclarations>,
    usage: () => string,
    output: 'text' | 'json',
  ) {
    super(
      declarations,
      new Map(
        Object.keys(declarations)
          .filter((name) => parsed.has(name))
          .map((name) => [name, parsed.valuesGiven(name)]),
      ),
      parsed.occurrences,
      parsed.words,
    );
    this.#usage = usage;
    this.output = output;
  }

  /** Prints `message` and the usage table on stderr and ends with exit code 1. */
  refuse(message: string): never {
    throw new ToolExit(1, { stderr: `${message}\n${this.#usage()}` });
  }

  /** Ends as {@link refuse} does, unless a person is at hand who can be asked for one of `names`. */
  refuseOrAsk(message: string, names: readonly OptionName<D>[], choices: Choices<D> = {}): never {
    throw this.orAsk(new ToolExit(1, { stderr: `${message}\n${this.#usage()}` }), names, choices);
  }

  /** Makes an end of the tool one that asks for one of `names` when a person is at hand. */
  orAsk(exit: ToolExit, names: readonly OptionName<D>[], choices: Choices<D> = {}): MissingOption {
    const options = names.map((name): AskableOption => {
      const { takes, description = '', defaults } = this.declarations[name] ?? {};
      const defaultValue = name === 'bootstrap-server' ? LOCAL_BROKER : defaults?.[0];
      const takesValue = takes === 'argument';
      return { name, description: inShort(description), takesValue, defaultValue, choices: choices[name] };
    });
    return new MissingOption(exit, options);
  }

  /** Refuses a line that lacks one of `names`; a person is asked for it. */
  require(...names: OptionName<D>[]): void {
    this.requireOrChoose(names, {});
  }

  /** The same as {@link require}, with what a person can choose from. */
  requireOrChoose(names: readonly OptionName<D>[], choices: Choices<D>): void {
    for (const name of names) {
      if (this.has(name)) continue;
      const message = `Missing required argument "${shown(name)}"`;
      if (this.declarations[name]?.takes === 'nothing') this.refuse(message);
      this.refuseOrAsk(message, [name], choices);
    }
  }

  /** Refuses a line that has `used` together with one of `others`. */
  forbidWith(used: OptionName<D>, ...others: OptionName<D>[]): void {
    if (!this.has(used)) return;
    for (const other of others) {
      if (this.has(other)) this.refuse(`Option "${shown(used)}" can't be used with option "${shown(other)}"`);
    }
  }

  /** Refuses a line that has all of `used` together with one of `others`. */
  forbidCombination(used: readonly OptionName<D>[], others: readonly OptionName<D>[], hint = ''): void {
    if (!used.every((name) => this.has(name))) return;
    for (const other of others) {
      if (!this.has(other)) continue;
      const combination = `[${used.map(shown).join(', ')}]`;
      this.refuse(`Option combination "${combination}" can't be used with option "${shown(other)}"${hint}`);
    }
  }

  /** How many of `names` are on the line. */
  count(...names: OptionName<D>[]): number {
    return names.filter((name) => this.has(name)).length;
  }
}

function parserFailure(shape: ParserErrorShape, error: JoptError, usage: () => string): ToolExit {
  const first = `${error.className}: ${error.message}`;
  const stderr = {
    'message and trace': () => `${error.message}\n${first}\n\n`,
    'message and usage': () => `${error.message}\n${usage()}`,
    message: () => `${error.message}\n`,
    uncaught: () => `Exception in thread "main" ${first}\n`,
    'error occurred': () => `Error occurred: ${error.message}\n`,
  }[shape]();
  return new ToolExit(1, { stderr });
}

/** The options that are accepted beyond a tool's own. */
function acceptedOptions(own: OptionDeclarations, io: ToolIo): OptionDeclarations {
  const hasOldName = 'bootstrap-server' in own && io.terminal.stdout;
  return { ...OUR_OPTIONS, ...(hasOldName ? OLD_BOOTSTRAP : {}), ...own };
}

const ZOOKEEPER_WARNING = 'WARNING: --zookeeper is no option any more: Kafka runs without ZooKeeper since 4.0; ';
const ADDRESS_ADVICE = 'Give the address of a broker with --bootstrap-server.\n';

function withoutZookeeper(argv: readonly string[]): string[] {
  return argv.filter((word, i) => !word.startsWith('--zookeeper') && argv[i - 1] !== '--zookeeper');
}

/**
 * Deals with the addresses of old command lines: `--broker-list` becomes `--bootstrap-server`, `--zookeeper` beside it is
 * dropped with a warning. Throws {@link OldAddress} when `--zookeeper` stands alone.
 */
function replaceOldAddress(
  argv: readonly string[],
  { options, parserErrors }: CommandLineSpec<OptionDeclarations>,
  io: ToolIo,
): readonly string[] {
  if (!('bootstrap-server' in options)) return argv;
  const given = (name: string) => argv.some((word) => word === `--${name}` || word.startsWith(`--${name}=`));
  if (!('zookeeper' in options) && given('zookeeper')) {
    const rest = withoutZookeeper(argv);
    if (!given('bootstrap-server')) {
      const refusal = parserFailure(parserErrors, unrecognizedOption('zookeeper'), () => joptUsage(options));
      const warning = `${ZOOKEEPER_WARNING}using the local broker ${LOCAL_BROKER} instead. ${ADDRESS_ADVICE}`;
      throw new OldAddress(refusal, [...rest, '--bootstrap-server', LOCAL_BROKER], warning);
    }
    io.stderr.write(`${ZOOKEEPER_WARNING}it is ignored. ${ADDRESS_ADVICE}`);
    return rest;
  }
  if (io.terminal.stdout && !('broker-list' in options) && given('broker-list') && !given('bootstrap-server')) {
    return argv.map((word) => word.replace(/^--broker-list(?==|$)/, '--bootstrap-server'));
  }
  return argv;
}

function readOutput(value: string | undefined): 'text' | 'json' {
  if (value === undefined || value === 'text') return 'text';
  if (value === 'json') return 'json';
  throw new ToolExit(1, { stderr: `--output must be text or json, received ${JSON.stringify(value)}\n` });
}

/** Answers `--help`: a person gets help, a pipe Kafka's `sentence` and usage table, and its exit code. */
export function printHelp<D extends OptionDeclarations>(spec: CommandLineSpec<D>, sentence: string, io: ToolIo): never {
  if (io.terminal.stdout && io.terminal.stderr) throw new ToolExit(0, { stdout: terminalHelp(spec, io.columns) });
  throw new ToolExit(1, { stderr: `${sentence}\n${joptUsage(spec.options)}` });
}

/**
 * Parses a tool's command line and answers `--help`, `--version` and a line without arguments, as Kafka does. Whatever
 * ends the tool throws {@link ToolExit}.
 */
export function parseCommandLine<D extends OptionDeclarations>(
  spec: CommandLineSpec<D>,
  argv: readonly string[],
  io: ToolIo,
): CommandLine<D> {
  const usage = () => joptUsage(spec.options);
  let parsed: ParsedOptions<OptionDeclarations>;
  try {
    parsed = parseOptions(acceptedOptions(spec.options, io), replaceOldAddress(argv, spec, io));
  } catch (error) {
    if (error instanceof JoptError) throw parserFailure(spec.parserErrors, error, usage);
    throw error;
  }
  if (argv.length === 0 && spec.runsWithoutArguments !== true) {
    printHelp(spec, spec.noArgumentsSentence ?? spec.helpSentence, io);
  }
  if (parsed.has('help')) printHelp(spec, spec.helpSentence, io);
  if (parsed.has('version')) throw new ToolExit(0, { stdout: `${KAFKA_VERSION}\n` });
  return new CommandLine<D>(spec.options, parsed, usage, readOutput(parsed.valueOf('output')));
}
