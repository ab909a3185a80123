/** Goal: whoever types `ottla cluster` finds what runs, loses nothing by a mistake, and is never left with half a cluster. */

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { identifyProcess } from '../../src/base/process-identity.ts';
import type { StartedCluster } from '../support/clusters.ts';
import {
  BackgroundProcess,
  isInstalled,
  ottla,
  removeFolder,
  repository,
  temporaryFolder,
  until,
} from '../support/processes.ts';

let folder: string;
beforeEach(() => {
  folder = join(temporaryFolder(), 'cluster');
});
afterEach(async () => {
  await verb('purge', '--yes');
  removeFolder(join(folder, '..'));
});

const verb = (name: string, ...args: string[]) =>
  ottla('ottla', ['cluster', name, ...args, '--data-dir', folder], { timeoutMs: 90_000 });

/** What `start --detach` tells of the cluster; it must succeed. */
async function start(...args: string[]): Promise<StartedCluster> {
  const { stdout, stderr, code } = await verb('start', '--detach', '--port', '0', '--output', 'json', ...args);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as StartedCluster;
}

function pidOf(id: number): number {
  return (JSON.parse(readFileSync(join(folder, `node-${id}`, 'process.json'), 'utf8')) as { pid: number }).pid;
}

/** Properties that every node gets that is started from now on. */
function setOverrides(overrides: Record<string, string>): void {
  const path = join(folder, 'cluster.json');
  const spec = JSON.parse(readFileSync(path, 'utf8')) as object;
  writeFileSync(path, JSON.stringify({ ...spec, overrides }));
}

const isAlive = (pid: number): boolean => identifyProcess(pid) !== undefined;

test('a first start that fails says why and leaves nothing, so that the next one may have other options', async () => {
  const failed = await verb('start', '--detach', '--port', '0', '--brokers', '1', '--override', 'num.partitions=many');
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain('num.partitions');
  expect(existsSync(folder)).toBe(false);
  expect((await start('--brokers', '1')).nodes).toHaveLength(1);
});

test('a folder that cannot be made is told in plain words', async () => {
  const file = join(folder, '..', 'file');
  writeFileSync(file, '');
  const { code, stderr } = await ottla('ottla', ['cluster', 'start', '--data-dir', join(file, 'cluster')]);
  expect([code, stderr]).toEqual([1, `ottla cluster: ${join(file, 'cluster')} is not a folder\n`]);
});

test('starting twice is harmless, another shape is refused, and a broken description can be purged', async () => {
  const first = await start('--brokers', '1');
  expect((await start()).nodes.map(({ pid }) => pid)).toEqual(first.nodes.map(({ pid }) => pid));
  const other = await verb('start', '--detach', '--brokers', '2');
  expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('was made with --brokers 1;')]);
  writeFileSync(join(folder, 'cluster.json'), '{');
  expect((await verb('status')).stderr).toContain('ottla cluster purge removes the cluster');
  const pid = pidOf(1);
  expect(isAlive(pid)).toBe(true);
  expect((await verb('purge', '--yes')).code).toBe(0);
  expect([isAlive(pid), existsSync(folder)]).toEqual([false, false]);
});

test('two starts at once make one cluster; one with another shape is refused', async () => {
  const args = ['--detach', '--port', '0', '--output', 'json', '--brokers', '1'];
  const [first, second] = await Promise.all([verb('start', ...args), verb('start', ...args)]);
  expect([first.code, first.stderr, second.code, second.stderr]).toEqual([0, '', 0, '']);
  expect(first.stdout).toBe(second.stdout);
  expect((await verb('purge', '--yes')).code).toBe(0);
  const other = [...args.slice(0, -1), '2'];
  const [third, fourth] = await Promise.all([verb('start', ...args), verb('start', ...other)]);
  expect([third.code, fourth.code].sort()).toEqual([0, 1]);
  expect(third.stderr + fourth.stderr).toContain('was made with --brokers');
});

test('a property that each node has its own of cannot be set for all', async () => {
  const { code, stderr } = await verb('start', '--detach', '--port', '0', '--override', `log.dirs=${folder}-logs`);
  expect([code, stderr]).toEqual([1, expect.stringContaining('log.dirs differs from node to node')]);
  expect([existsSync(folder), existsSync(`${folder}-logs`)]).toEqual([false, false]);
});

test('a broker cannot join a cluster that does not run', async () => {
  await start('--brokers', '1');
  expect((await verb('stop')).code).toBe(0);
  const { code, stderr } = await verb('add-broker');
  expect([code, stderr]).toEqual([1, expect.stringContaining('the cluster does not run')]);
  expect(existsSync(join(folder, 'node-2'))).toBe(false);
});

test('a start that fails spares the nodes that ran before', async () => {
  await start('--brokers', '1', '--controllers', '1');
  const controller = pidOf(2);
  await verb('kill', '1');
  setOverrides({ 'num.partitions': 'many' });
  const failed = await verb('start', '--detach');
  expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining('num.partitions')]);
  expect(isAlive(controller)).toBe(true);
  setOverrides({});
  expect((await start()).nodes.map(({ pid }) => pid)).toEqual([pidOf(1), controller]);
});

test('a broker that cannot be started has not been added', async () => {
  await start('--brokers', '1');
  setOverrides({ 'num.partitions': 'many' });
  const before = JSON.parse(readFileSync(join(folder, 'cluster.json'), 'utf8'));
  const failed = await verb('add-broker');
  expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining('num.partitions')]);
  expect(JSON.parse(readFileSync(join(folder, 'cluster.json'), 'utf8'))).toEqual(before);
  expect(existsSync(join(folder, 'node-2'))).toBe(false);
  setOverrides({});
  expect((await verb('add-broker')).stdout).toMatch(/^node 2 added on localhost:\d+\n$/);
});

test('a process that got the number of a dead node is not taken for it, and not signalled', async () => {
  await start('--brokers', '1');
  await verb('kill', '1');
  const file = { pid: process.pid, startedAt: '1', isPaused: false };
  writeFileSync(join(folder, 'node-1', 'process.json'), JSON.stringify(file));
  const status = JSON.parse((await verb('status', '--output', 'json')).stdout) as { nodes: { state: string }[] };
  expect(status.nodes.map(({ state }) => state)).toEqual(['stopped']);
  expect((await verb('kill', '1')).stderr).toBe('ottla cluster: node 1 does not run\n');
  expect((await start()).nodes[0]?.pid).toBe(pidOf(1));
});

test('a node whose launcher was killed before it had noted it is found by the lock that it holds', async () => {
  await start('--brokers', '1');
  const pid = pidOf(1);
  rmSync(join(folder, 'node-1', 'process.json'));
  expect((await start()).nodes.map((node) => node.pid)).toEqual([pid]);
  expect((await verb('stop')).code).toBe(0);
  expect(isAlive(pid)).toBe(false);
});

describe('in the foreground', () => {
  const command = [join(repository, 'bin/ottla'), 'cluster', 'start', '--port', '0', '--brokers', '1'];
  const launch = (...args: string[]) =>
    new BackgroundProcess(process.execPath, [...command, ...args, '--data-dir', folder]);

  test('a node that ends is told with its last words, and SIGTERM takes the rest down', async () => {
    const launcher = launch('--controllers', '1');
    await launcher.untilPrinted(/cluster of 1 broker ready on/);
    const pids = [pidOf(1), pidOf(2)];
    await verb('kill', '1');
    await until('its death is told', () => /node 1 ended; it said last .*node\.log\):\n {2}/.test(launcher.stderr));
    expect((await launcher.stop()).code).toBe(0);
    expect(launcher.stderr).toContain('ottla cluster: stopping ...');
    expect(pids.map(isAlive)).toEqual([false, false]);
  });

  test('nodes outlive a launcher that is killed; the next start finds them, and stop ends them', async () => {
    const launcher = launch();
    await launcher.untilPrinted(/ready on/);
    await launcher.stop('SIGKILL');
    const pid = pidOf(1);
    expect(isAlive(pid)).toBe(true);
    const again = await verb('start', '--detach');
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('is running already on')]);
    expect(pidOf(1)).toBe(pid);
    expect((await verb('stop')).code).toBe(0);
    expect(isAlive(pid)).toBe(false);
  });

  test('Ctrl-C while nodes are starting leaves nothing behind', async () => {
    const launcher = launch('--controllers', '3');
    await until('a node runs', () => existsSync(join(folder, 'node-1', 'process.json')));
    const pid = pidOf(1);
    launcher.child.kill('SIGINT');
    await until('it ends', () => launcher.exit !== undefined);
    await until('its nodes end', () => !isAlive(pid));
    // It may have been ready just before.
    expect(launcher.stderr).toMatch(/^(ottla cluster: interrupted\n|)(ottla cluster: stopping \.\.\.\n|)$/);
  });

  // Both run in place of the shell that `script` starts: dash answers Ctrl-C itself, with 130.
  test.skipIf(!isInstalled('script'))('a terminal shows the nodes live; Ctrl-C stops them', async () => {
    const line = ['exec', process.execPath, ...command, '--data-dir', folder].join(' ');
    const terminal = new BackgroundProcess('script', ['-qfec', line, '/dev/null'], { env: { TERM: 'xterm' } });
    await terminal.untilPrinted(/METADATA LAG[\s\S]*active controller[\s\S]*Ctrl-C stops the cluster/);
    const pid = pidOf(1);
    expect(isAlive(pid)).toBe(true);
    terminal.child.stdin.write('\u0003');
    await until('it ends', () => terminal.exit !== undefined);
    expect([terminal.exit?.code, isAlive(pid)]).toEqual([0, false]);
  });

  test.skipIf(!isInstalled('script'))('the end of the terminal stops the nodes', async () => {
    const line = ['exec', process.execPath, ...command, '--data-dir', folder].join(' ');
    const terminal = new BackgroundProcess('script', ['-qfec', line, '/dev/null'], { env: { TERM: 'xterm' } });
    await terminal.untilPrinted(/Ctrl-C stops the cluster/);
    const pid = pidOf(1);
    expect(isAlive(pid)).toBe(true);
    terminal.child.kill('SIGKILL');
    await until('the node ends', () => !isAlive(pid));
    const { stdout } = await verb('status');
    expect(stdout).toMatch(/stopped/);
  });
});
