import { ArgumentError, argumentErrorText, type ParsedArguments, parseArguments } from './argparse.ts';
import { argparseHelp } from './argparse-help.ts';
import {
  type ArgumentDeclaration,
  type ArgumentParser,
  OUTPUT_ARGUMENT,
  SHOWN_OUTPUT_ARGUMENT,
} from './argparse-types.ts';
import type { Example } from './command-line.ts';
import { ToolExit, type ToolIo } from './tool.ts';

/** A tool with an argparse4j command line. */
export interface ArgparseSpec {
  readonly parser: ArgumentParser;
  /** Exit code of `--help` through a pipe: 1 in the tools whose authors did not think of it. */
  readonly helpExitCode: 0 | 1;
  /** No arguments print the help and end with 0. */
  readonly helpWithoutArguments?: true;
  /** What is printed for a refused command line; argparse4j's text without this. */
  readonly errorText?: (error: ArgumentError) => string;
  readonly examples: readonly Example[];
  /** What the terminal's help says before all else. */
  readonly remark?: string;
}

function withOurs(parser: ArgumentParser, output: ArgumentDeclaration): ArgumentParser {
  const subcommands = parser.subcommands?.map((one) => ({ ...one, arguments: [...one.arguments, output] }));
  const own = { ...parser, arguments: [...parser.arguments, output] };
  return subcommands === undefined ? own : { ...own, subcommands };
}

function help(spec: ArgparseSpec, subcommandName: string | undefined, exitCode: number, io: ToolIo): ToolExit {
  const isForPerson = io.terminal.stdout;
  const parser = isForPerson ? withOurs(spec.parser, SHOWN_OUTPUT_ARGUMENT) : spec.parser;
  const subcommand = parser.subcommands?.find(({ name }) => name === subcommandName);
  const text = argparseHelp(parser, subcommand);
  if (!isForPerson) return new ToolExit(exitCode, { stdout: text });
  const examples = spec.examples.map(({ does, line }) => `  # ${does}\n  ${spec.parser.prog} ${line}\n`).join('\n');
  const remark = spec.remark === undefined ? '' : `${spec.remark}\n\n`;
  return new ToolExit(0, { stdout: `${remark}${examples === '' ? '' : `Examples:\n${examples}\n`}${text}` });
}

/** Parses the command line of a tool in argparse4j's manner; whatever ends the tool throws {@link ToolExit}. */
export function parseArgparse(
  spec: ArgparseSpec,
  argv: readonly string[],
  io: ToolIo,
): ParsedArguments & { readonly output: 'text' | 'json' } {
  if (argv.length === 0 && spec.helpWithoutArguments === true) throw help(spec, undefined, 0, io);
  const parser = withOurs(spec.parser, OUTPUT_ARGUMENT);
  let parsed: ParsedArguments;
  try {
    parsed = parseArguments(parser, argv);
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    throw new ToolExit(1, { stderr: spec.errorText?.(error) ?? argumentErrorText(parser, error) });
  }
  if (parsed.help) throw help(spec, parsed.subcommand, spec.helpExitCode, io);
  return Object.assign(parsed, { output: parsed.valueOf('output') === 'json' ? ('json' as const) : ('text' as const) });
}
