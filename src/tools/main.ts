import { existsSync, readFileSync } from 'node:fs';
import { listOfCommands } from './list-of-commands.ts';
import { withProcessIo } from './main-of-one.ts';
import { closest } from './shared/closest.ts';
import { KAFKA_VERSION } from './shared/kafka-version.ts';
import { runGuarded } from './shared/run-guarded.ts';
import type { ToolIo } from './shared/tool.ts';
import { loadTool, toolNames } from './tools.ts';

/** Of the package that this file is part of, bundled or not. */
function packageVersion(): string {
  const manifest = ['../package.json', '../../package.json']
    .map((path) => new URL(path, import.meta.url))
    .find((url) => existsSync(url));
  const { version = 'unknown' } = manifest === undefined ? {} : JSON.parse(readFileSync(manifest, 'utf8'));
  return `ottla ${version}, as Apache Kafka ${KAFKA_VERSION}\n`;
}

function refuse(name: string, io: ToolIo): number {
  const names = toolNames().flatMap((one) => [one, one.replace(/^kafka-/, '')]);
  const [similar] = closest(name, names);
  const hint = similar === undefined ? '' : ` Did you mean ${similar}?`;
  io.stderr.write(`ottla: no command is named ${JSON.stringify(name)}.${hint} ottla --help lists them.\n`);
  return 1;
}

/** Runs a command of `ottla`, or a tool by its name. Exported for tests. */
export async function runNamed(name: string, argv: readonly string[], io: ToolIo): Promise<number> {
  if (name === 'ottla') {
    const [command, ...rest] = argv;
    if (command === undefined) {
      io.stderr.write(listOfCommands());
      return 1;
    }
    if (command === '--version' || command === '-V') {
      io.stdout.write(packageVersion());
      return 0;
    }
    if (command === '--help' || command === '-h' || command === 'help') {
      if (rest[0] !== undefined) return runNamed(rest[0], ['--help'], io);
      io.stdout.write(listOfCommands());
      return 0;
    }
    return runNamed(command, rest, io);
  }
  const module = await loadTool(name);
  if (module === undefined) return refuse(name, io);
  return runGuarded(module.tool, argv, io);
}

/**
 * Runs the tool `name` with this process's streams; resolves to the exit code once everything printed is written. The
 * name may be `ottla`, with the tool's name as its first argument.
 */
export function runTool(name: string, argv: readonly string[]): Promise<number> {
  return withProcessIo((io) => runNamed(name, argv, io));
}
