import type { Readable } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { asksForJson } from './json-answer.ts';

/** Where a tool prints. Small writes are gathered; a reader that went away makes the rest of the output vanish. */
export interface ToolOutput {
  /** Queues text (UTF-8) or bytes. Never throws. */
  write(data: string | Uint8Array): void;
  /** True while the reader is slower than the tool; a loop that prints much then awaits {@link drained}. */
  readonly needsDrain: boolean;
  /** Resolves when everything that was written so far has been taken by the operating system, or nobody reads any more. */
  drained(): Promise<void>;
  /** True once the reader has closed its end (`| head`); an endless tool then stops. */
  readonly closed: boolean;
}

/** Whether each standard stream is a terminal. */
export interface TerminalFlags {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** Whether stdout is written to a file: not before the eyes of a person, and not read by another program either. */
  readonly isStdoutFile?: boolean;
}

/** Everything of the outside world that a tool may use besides the network and files. */
export interface ToolIo {
  readonly stdin: Readable;
  readonly stdout: ToolOutput;
  readonly stderr: ToolOutput;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder against which relative file names are resolved. */
  readonly cwd: string;
  readonly terminal: TerminalFlags;
  /** Width of the terminal in characters; 80 when there is none. */
  readonly columns: number;
  readonly clock: Clock;
  readonly random: Random;
  /** Takes the answer to `--output json` of a tool that {@link Tool.answersInJson}. */
  readonly document?: (value: unknown) => void;
  /**
   * Calls `run` on Ctrl-C (SIGINT), SIGTERM or the end of the terminal (SIGHUP) instead of dying from it; returns what
   * takes the hook away again. Without a hook the process dies as any other, with {@link EXIT_CODE_OF}.
   */
  onInterrupt(run: (signal: Interrupt) => void): () => void;
}

/** A signal that asks a tool to end. */
export type Interrupt = 'SIGHUP' | 'SIGINT' | 'SIGTERM';

/** What a shell is told of a process that such a signal ended. */
export const EXIT_CODE_OF: Readonly<Record<Interrupt, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/** One command-line tool. It runs in-process under test: it never exits, it returns its exit code. */
export interface Tool {
  /** Kafka's name without `.sh`, such as `kafka-topics`; our own commands have theirs, such as `serve`. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Whether `--output json` is answered with a document; other tools print records or a report line by line. */
  readonly answersInJson?: true;
  /** Runs with the arguments behind the tool's name; resolves to the exit code. {@link ToolExit} may be thrown. */
  run(argv: readonly string[], io: ToolIo): Promise<number>;
}

/** What each tool's `command.ts` exports. */
export interface ToolModule {
  readonly tool: Tool;
}

/** Ends a tool from anywhere inside it: prints what it carries and returns its exit code. */
export class ToolExit extends Error {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;

  constructor(exitCode: number, texts: { stdout?: string; stderr?: string } = {}) {
    super(texts.stderr ?? texts.stdout ?? `exit ${exitCode}`);
    this.name = 'ToolExit';
    this.exitCode = exitCode;
    this.stdout = texts.stdout ?? '';
    this.stderr = texts.stderr ?? '';
  }
}

/** An option that a person can be asked for. */
export interface AskableOption {
  readonly name: string;
  readonly description: string;
  readonly takesValue: boolean;
  /** Offered as the answer. */
  readonly defaultValue?: string | undefined;
  /** Looks up what there is to choose from, such as the topics of the cluster. */
  readonly choices?: (() => Promise<readonly string[]>) | undefined;
}

/** Ends a tool because its command line lacks one of some options; a person at a terminal is asked for it instead. */
export class MissingOption extends ToolExit {
  /** One of these completes the line. */
  readonly options: readonly AskableOption[];

  constructor(exit: ToolExit, options: readonly AskableOption[]) {
    super(exit.exitCode, { stdout: exit.stdout, stderr: exit.stderr });
    this.options = options;
  }
}

/**
 * Ends a tool, as Kafka's ends, because its command line has an address of the time before `--bootstrap-server`; when a
 * broker runs at the usual place on this machine, that one is taken instead.
 */
export class OldAddress extends ToolExit {
  /** The command line with the local broker in place of the old address. */
  readonly argv: readonly string[];
  readonly warning: string;

  constructor(exit: ToolExit, argv: readonly string[], warning: string) {
    super(exit.exitCode, { stdout: exit.stdout, stderr: exit.stderr });
    this.argv = argv;
    this.warning = warning;
  }
}

/** The command line to try instead of one that ended a tool; undefined when there is none. */
async function amended(error: unknown, argv: readonly string[], io: ToolIo): Promise<readonly string[] | undefined> {
  if (error instanceof OldAddress) {
    const { hasLocalBroker, LOCAL_BROKER } = await import('./local-broker.ts');
    if (await hasLocalBroker()) {
      io.stderr.write(error.warning);
      return error.argv;
    }
    if (io.terminal.stderr) {
      io.stderr.write(
        `Kafka has no ZooKeeper any more, and no broker runs at ${LOCAL_BROKER}: give --bootstrap-server.\n`,
      );
    }
    return undefined;
  }
  const canAsk = io.terminal.stdin && io.terminal.stdout && !asksForJson(argv);
  if (!(error instanceof MissingOption && canAsk)) return undefined;
  await Promise.all([io.stdout.drained(), io.stderr.drained()]);
  const { askForOption } = await import('./questions.ts');
  return [...argv, ...(await askForOption(error.options))];
}

async function runAsking(tool: Tool, argv: readonly string[], io: ToolIo): Promise<number> {
  try {
    return await tool.run(argv, io);
  } catch (error) {
    const better = await amended(error, argv, io);
    if (better === undefined) throw error;
    return runAsking(tool, better, io);
  }
}

/** Runs a tool and turns a thrown {@link ToolExit} into its texts and code. Anything else that is thrown passes on. */
export async function runInProcess(tool: Tool, argv: readonly string[], io: ToolIo): Promise<number> {
  try {
    return await runAsking(tool, argv, io);
  } catch (error) {
    if (!(error instanceof ToolExit)) throw error;
    if (error.stdout !== '') io.stdout.write(error.stdout);
    if (error.stderr !== '') io.stderr.write(error.stderr);
    return error.exitCode;
  }
}
