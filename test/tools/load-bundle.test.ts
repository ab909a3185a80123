/** Goal: a bundle runs the same with and without compiled code of an earlier run, whatever has become of that. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  BackgroundProcess,
  type Finished,
  removeFolder,
  repository,
  run,
  temporaryFolder,
  until,
} from '../support/processes.ts';

/** Node 22 and newer keep the compiled code themselves, elsewhere. */
const isNodesOwn = 'enableCompileCache' in nodeModule;

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => removeFolder(folder));

const bundle = () => join(folder, 'bundle.cjs');

/** A bundle that exports what JavaScript says, with a digest as the build writes it. */
function writeBundle(exported: string, digest = '0123456789abcdef'): void {
  writeFileSync(bundle(), `// ${digest}\nmodule.exports = async () => (${exported});`);
}

/** A program that prints what the bundle's function resolves to and ends with the number among its arguments. */
function commandLine(args: readonly string[]): string[] {
  const loader = join(repository, 'dist', 'load-bundle.cjs');
  const program = `
    require(${JSON.stringify(loader)}).loadBundle(${JSON.stringify(bundle())}, require)().then((value) => console.log(value));
    process.exitCode = Number(process.argv.find((argument) => /^\\d+$/.test(argument)) ?? 0);
    if (process.argv.includes('--linger')) setInterval(() => {}, 1000);`;
  return ['-e', program, '--', ...args];
}

const runBundle = (...args: string[]): Promise<Finished> => run(process.execPath, commandLine(args));

const caches = () => readdirSync(folder).filter((name) => name !== 'bundle.cjs' && name !== 'node_modules');

function onlyCache(): string {
  const [name, ...others] = caches();
  if (name === undefined || others.length > 0) throw new Error(`expected one file of compiled code: ${caches()}`);
  return join(folder, name);
}

describe.runIf(!isNodesOwn)('compiled code', () => {
  test('is kept by the first run and used by the next', async () => {
    writeBundle('6 * 7');
    expect((await runBundle()).stdout).toBe('42\n');
    const { ino } = statSync(onlyCache());
    expect(await runBundle()).toEqual({ stdout: '42\n', stderr: '', code: 0 });
    // A run that cannot use it makes it anew.
    expect(statSync(onlyCache()).ino).toBe(ino);
  });

  test.each(['', 'no compiled code', 'cut off'])('that is broken (%j) is made anew', async (content) => {
    writeBundle('6 * 7');
    await runBundle();
    const good = readFileSync(onlyCache());
    writeFileSync(onlyCache(), content === 'cut off' ? good.subarray(0, good.length >> 1) : content);
    expect(await runBundle()).toEqual({ stdout: '42\n', stderr: '', code: 0 });
    expect(statSync(onlyCache()).size).toBe(good.length);
  });

  test('of another text of the same length is not taken', async () => {
    writeBundle('6 * 7', 'a'.repeat(64));
    await runBundle();
    writeBundle('6 * 8', 'b'.repeat(64));
    expect((await runBundle()).stdout).toBe('48\n');
  });

  test('is not kept by a run that failed or only printed its help', async () => {
    writeBundle('6 * 7');
    expect((await runBundle('1')).code).toBe(1);
    expect((await runBundle('--help')).stdout).toBe('42\n');
    expect(caches()).toEqual([]);
  });

  test('is kept by a run that does not end, and may be killed', async () => {
    writeBundle('6 * 7');
    const lingering = new BackgroundProcess(process.execPath, commandLine(['--linger']));
    try {
      await until('the compiled code is kept', () => caches().length === 1 && onlyCache().endsWith('.cache'));
    } finally {
      await lingering.stop('SIGKILL');
    }
  });

  test('is done without where the package cannot be written to', async () => {
    writeBundle('6 * 7');
    await runBundle();
    const cache = onlyCache();
    removeFolder(cache);
    mkdirSync(cache);
    expect(await runBundle()).toEqual({ stdout: '42\n', stderr: '', code: 0 });
    expect(onlyCache()).toBe(cache);
  });
});

test('a bundle imports the packages of ottla', async () => {
  // As the build has it: a bundle that Node loads itself finds no importModule, and imports.
  writeBundle("typeof (await (module.importModule ?? ((name) => import(name)))('node:path')).join");
  for (let i = 0; i < 2; i++) expect(await runBundle()).toEqual({ stdout: 'function\n', stderr: '', code: 0 });
  if (isNodesOwn) return;
  writeBundle("typeof (await module.importModule('chalk')).default", 'b'.repeat(64));
  expect(await runBundle()).toEqual({ stdout: 'function\n', stderr: '', code: 0 });
});

test('a bundle without a digest is loaded as any module', async () => {
  writeFileSync(bundle(), 'module.exports = async () => 1;');
  expect((await runBundle()).stdout).toBe('1\n');
  expect(caches()).toEqual([]);
});
