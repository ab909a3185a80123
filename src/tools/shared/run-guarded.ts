import { javaToString } from './java-errors.ts';
import { asksForJson, runForJson } from './json-answer.ts';
import { runInProcess, type Tool, type ToolIo } from './tool.ts';

async function runToEnd(tool: Tool, argv: readonly string[], io: ToolIo): Promise<number> {
  try {
    return await runInProcess(tool, argv, io);
  } catch (error) {
    io.stderr.write(`Exception in thread "main" ${javaToString(error)}\n`);
    if (io.env['OTTLA_DEBUG'] !== undefined && error instanceof Error) io.stderr.write(`${error.stack}\n`);
    return 1;
  }
}

/**
 * Runs a tool to its exit code whatever happens: what a tool of Kafka's would let escape from its main method is printed
 * as the JVM prints it. OTTLA_DEBUG adds our own stack. With `--output json` stdout holds JSON, also of a failure.
 */
export function runGuarded(tool: Tool, argv: readonly string[], io: ToolIo): Promise<number> {
  // A bundled tool is guarded already.
  if (tool.answersInJson !== true || io.document !== undefined || !asksForJson(argv)) return runToEnd(tool, argv, io);
  return runForJson(io, (inner) => runToEnd(tool, argv, inner));
}
