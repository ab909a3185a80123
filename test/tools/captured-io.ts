import { Readable } from 'node:stream';
import { systemClock } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import { runInProcess, type Tool, type ToolIo } from '../../src/tools/shared/tool.ts';

/** What a tool printed and how it ended. */
export interface ToolResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

export interface CapturedOptions {
  readonly cwd?: string;
  readonly stdin?: string;
  /** Whether all three streams pass for a terminal; they are pipes by default. */
  readonly terminal?: boolean;
}

/** Runs a tool inside the test with captured output. */
export async function runCaptured(
  tool: Tool,
  argv: readonly string[],
  options: CapturedOptions = {},
): Promise<ToolResult> {
  const isTerminal = options.terminal === true;
  const texts = { stdout: '', stderr: '' };
  const output = (name: keyof typeof texts) => ({
    write: (data: string | Uint8Array) => {
      texts[name] += typeof data === 'string' ? data : Buffer.from(data).toString('utf8');
    },
    needsDrain: false,
    drained: () => Promise.resolve(),
    closed: false,
  });
  const io: ToolIo = {
    stdin: Readable.from([options.stdin ?? '']),
    stdout: output('stdout'),
    stderr: output('stderr'),
    env: {},
    cwd: options.cwd ?? process.cwd(),
    terminal: { stdin: isTerminal, stdout: isTerminal, stderr: isTerminal },
    columns: 100,
    clock: systemClock,
    random: seededRandom(1),
    onInterrupt: () => () => {},
  };
  const exitCode = await runInProcess(tool, argv, io);
  return { ...texts, exitCode };
}
