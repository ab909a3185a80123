import { processIo } from './shared/process-io.ts';
import { runGuarded } from './shared/run-guarded.ts';
import type { Tool, ToolIo } from './shared/tool.ts';

/** Acts with this process's streams; resolves to the exit code once everything printed is written. */
export async function withProcessIo(act: (io: ToolIo) => Promise<number>): Promise<number> {
  const io = processIo();
  const exitCode = await act(io);
  await Promise.all([io.stdout.drained(), io.stderr.drained()]);
  return exitCode;
}

/** Runs a tool that is loaded already, as its own launcher in bin/ does. */
export function runLoadedTool(tool: Tool, argv: readonly string[]): Promise<number> {
  return withProcessIo((io) => runGuarded(tool, argv, io));
}
