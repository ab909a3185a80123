import { withProcessIo } from './main-of-one.ts';
import { runGuarded } from './shared/run-guarded.ts';
import type { ToolIo } from './shared/tool.ts';
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
  return runGuarded(module.tool, argv, io);
}

/**
 * Runs the tool `name` with this process's streams; resolves to the exit code once everything printed is written. The
 * name may be `ottla`, with the tool's name as its first argument.
 */
export function runTool(name: string, argv: readonly string[]): Promise<number> {
  return withProcessIo((io) => runNamed(name, argv, io));
}
