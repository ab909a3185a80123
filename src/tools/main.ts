import { javaToString } from './shared/java-errors.ts';
import { processIo } from './shared/process-io.ts';
import { runInProcess, type ToolIo } from './shared/tool.ts';
import { loadTool, toolNames } from './tools.ts';

function listOfCommands(): string {
  const names = toolNames().map((name) => `  ${name.replace(/^kafka-/, '')}`);
  return `Usage: ottla <command> [options]\n\nCommands:\n${names.join('\n')}\n\nottla <command> --help explains one.\n`;
}

async function runNamed(name: string, argv: readonly string[], io: ToolIo): Promise<number> {
  if (name === 'ottla') {
    const [command, ...rest] = argv;
    if (command === undefined || command === '--help' || command === 'help') {
      io.stdout.write(listOfCommands());
      return command === undefined ? 1 : 0;
    }
    return runNamed(command, rest, io);
  }
  const module = await loadTool(name);
  if (module === undefined) {
    io.stderr.write(`ottla: no command is named ${JSON.stringify(name)}; ottla --help lists them\n`);
    return 1;
  }
  return runInProcess(module.tool, argv, io);
}

/**
 * Runs the tool `name` with this process's streams; resolves to the exit code once everything printed is written. The
 * name may be `ottla`, with the tool's name as its first argument.
 */
export async function runTool(name: string, argv: string[]): Promise<number> {
  const io = processIo();
  let exitCode: number;
  try {
    exitCode = await runNamed(name, argv, io);
  } catch (error) {
    io.stderr.write(`Exception in thread "main" ${javaToString(error)}\n`);
    if (process.env['OTTLA_DEBUG'] !== undefined && error instanceof Error) io.stderr.write(`${error.stack}\n`);
    exitCode = 1;
  }
  await Promise.all([io.stdout.drained(), io.stderr.drained()]);
  return exitCode;
}
