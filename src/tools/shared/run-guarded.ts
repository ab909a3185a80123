import { javaToString } from './java-errors.ts';
import { runInProcess, type Tool, type ToolIo } from './tool.ts';

/**
 * Runs a tool to its exit code whatever happens: what a tool of Kafka's would let escape from its main method is printed
 * as the JVM prints it. OTTLA_DEBUG adds our own stack.
 */
export async function runGuarded(tool: Tool, argv: readonly string[], io: ToolIo): Promise<number> {
  try {
    return await runInProcess(tool, argv, io);
  } catch (error) {
    io.stderr.write(`Exception in thread "main" ${javaToString(error)}\n`);
    if (io.env['OTTLA_DEBUG'] !== undefined && error instanceof Error) io.stderr.write(`${error.stack}\n`);
    return 1;
  }
}
