import { Readable } from 'node:stream';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { type Random, seededRandom } from '../../src/base/random.ts';
import {
  type Interrupt,
  runInProcess,
  type TerminalFlags,
  type Tool,
  type ToolIo,
  type ToolOutput,
} from '../../src/tools/shared/tool.ts';

/** Keeps what a tool prints. */
export class KeptOutput implements ToolOutput {
  readonly chunks: Buffer[] = [];
  needsDrain = false;
  closed = false;

  write(data: string | Uint8Array): void {
    this.chunks.push(Buffer.from(data));
  }

  drained(): Promise<void> {
    this.needsDrain = false;
    return Promise.resolve();
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString();
  }
}

/** The outside world of a tool under test. */
export class TestIo implements ToolIo {
  readonly stdin: Readable;
  readonly stdout = new KeptOutput();
  readonly stderr = new KeptOutput();
  readonly env = {};
  readonly cwd = '/';
  readonly terminal: TerminalFlags = { stdin: false, stdout: false, stderr: false };
  readonly columns = 80;
  readonly clock: Clock = systemClock;
  readonly random: Random = seededRandom(1);
  #interrupt: ((signal: Interrupt) => void) | undefined;

  constructor(input: string | Iterable<Buffer> = '') {
    this.stdin = Readable.from(typeof input === 'string' ? [Buffer.from(input)] : input);
  }

  onInterrupt(run: (signal: Interrupt) => void): () => void {
    this.#interrupt = run;
    return () => {
      this.#interrupt = undefined;
    };
  }

  /** Whether the tool would notice a signal now. */
  get isInterruptible(): boolean {
    return this.#interrupt !== undefined;
  }

  interrupt(signal: Interrupt): void {
    this.#interrupt?.(signal);
  }
}

/** Runs a tool to its end. */
export async function runTool(tool: Tool, argv: readonly string[], io = new TestIo()) {
  const code = await runInProcess(tool, argv, io);
  return { code, stdout: io.stdout.text, stderr: io.stderr.text };
}
