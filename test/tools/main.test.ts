/** Goal: `ottla --help` lists every command with what it does, and a wrong name is answered with the right one. */
import { describe, expect, test } from 'vitest';
import { COMMAND_GROUPS } from '../../src/tools/list-of-commands.ts';
import { runNamed } from '../../src/tools/main.ts';
import { loadTool, toolNames } from '../../src/tools/tools.ts';
import { TestIo } from './test-io.ts';

async function ottla(...argv: string[]) {
  const io = new TestIo();
  const code = await runNamed('ottla', argv, io);
  return { code, stdout: io.stdout.text, stderr: io.stderr.text };
}

const listed = new Map(COMMAND_GROUPS.flatMap(({ commands }) => Object.entries(commands)));

describe('the list of commands', () => {
  test('has every tool once; only the often mistyped name is left out', () => {
    expect([...listed.keys(), 'kafka-topic'].sort()).toEqual(toolNames());
  });

  test('says what the tools say of themselves', async () => {
    for (const [name, summary] of listed) expect([name, (await loadTool(name))?.tool.summary]).toEqual([name, summary]);
  });

  test('is grouped, examples first', async () => {
    const { code, stdout, stderr } = await ottla('--help');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Examples:\n {2}# .*\n {2}ottla serve\n[\s\S]*\nRun a broker:\n {2}serve +run a broker\n/);
    expect(stdout).toMatch(/\n {2}topics +create, list/);
    expect(stdout).toMatch(/\n {2}cluster +run a real cluster[\s\S]*\n {2}kafka-cluster +show the id/);
  });

  test('goes to stderr, with exit code 1, when nothing was asked for', async () => {
    const { code, stdout, stderr } = await ottla();
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('Usage: ottla <command>');
  });
});

test('help and --help of a command are the same', async () => {
  const own = await ottla('serve', '--help');
  expect(own.stdout).toMatch(/^Examples:\n[\s\S]*ottla serve --port 0[\s\S]*Usage: ottla serve /);
  expect(own.stdout).toContain('(default: 9092)');
  expect(own.stdout).not.toMatch(/\(default: (\{\}|\[\])\)/);
  expect(await ottla('help', 'serve')).toEqual(own);
});

test('a name that is not there is told, with the nearest one', async () => {
  expect(await ottla('topcs')).toEqual({
    code: 1,
    stdout: '',
    stderr: 'ottla: no command is named "topcs". Did you mean topics? ottla --help lists them.\n',
  });
  // Every object has one.
  expect((await ottla('constructor')).stderr).toContain('no command is named "constructor"');
  expect((await ottla('xyzzyplugh')).stderr).toBe(
    'ottla: no command is named "xyzzyplugh". ottla --help lists them.\n',
  );
});

test('the version is that of the package and of the Kafka that it follows', async () => {
  expect((await ottla('--version')).stdout).toMatch(/^ottla \d+\.\d+\.\d+, as Apache Kafka 4\.4\.0\n$/);
});
