/**
 * Goal: a quorum whose voters stand in `controller.quorum.voters` (kraft.version 0) becomes one that can change, while it
 * runs, by `kafka-features upgrade --feature kraft.version=1` (KIP-853).
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  BackgroundProcess,
  freePort,
  ottla,
  removeFolder,
  repository,
  temporaryFolder,
  until,
} from '../support/processes.ts';

const CLUSTER_ID = 'c3RhdGljLXF1b3J1bS1pZA';

let folder: string;
let bootstrap: string;
let controllers: string;
const nodes = new Map<number, BackgroundProcess>();

async function startNode(id: number): Promise<void> {
  const path = join(folder, `${id}.properties`);
  const args = ['serve', '--config', path, '--cluster-id', CLUSTER_ID, '--output', 'json'];
  const node = new BackgroundProcess(process.execPath, [join(repository, 'bin/ottla'), ...args]);
  nodes.set(id, node);
  await node.untilPrinted(/"event":"ready"/, 60_000);
}

function writeProperties(id: number, listeners: string, quorum: string): void {
  const roles = listeners.includes('PLAINTEXT:') ? 'broker,controller' : 'controller';
  const lines = [
    `process.roles=${roles}`,
    `node.id=${id}`,
    `listeners=${listeners}`,
    `advertised.listeners=${listeners}`,
    'controller.listener.names=CONTROLLER',
    'listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    `log.dirs=${join(folder, String(id))}`,
    quorum,
  ];
  writeFileSync(join(folder, `${id}.properties`), `${lines.join('\n')}\n`);
}

beforeAll(async () => {
  folder = temporaryFolder();
  const [port, one, two, three] = [await freePort(), await freePort(), await freePort(), await freePort()];
  bootstrap = `localhost:${port}`;
  controllers = `localhost:${one},localhost:${two}`;
  const voters = `controller.quorum.voters=1@localhost:${one},2@localhost:${two}`;
  writeProperties(1, `PLAINTEXT://localhost:${port},CONTROLLER://localhost:${one}`, voters);
  writeProperties(2, `CONTROLLER://localhost:${two}`, voters);
  writeProperties(3, `CONTROLLER://localhost:${three}`, `controller.quorum.bootstrap.servers=${controllers}`);
  await Promise.all([startNode(1), startNode(2)]);
}, 60_000);
afterAll(async () => {
  for (const node of nodes.values()) await node.stop('SIGKILL');
  removeFolder(folder);
});

const tool = (name: string, ...args: string[]) => ottla(name, ['--bootstrap-server', bootstrap, ...args]);
const addNode3 = () =>
  tool('kafka-metadata-quorum', '--command-config', join(folder, '3.properties'), 'add-controller');

async function kraftVersion(): Promise<string | undefined> {
  const { stdout } = await tool('kafka-features', 'describe');
  return /Feature: kraft\.version .*FinalizedVersionLevel: (\d)/.exec(stdout)?.[1];
}

async function voterIds(): Promise<number[]> {
  const { stdout } = await tool('kafka-metadata-quorum', 'describe', '--status');
  const [, voters = ''] = /CurrentVoters: +(\[.*\])/.exec(stdout) ?? [];
  return [...voters.matchAll(/"id": (\d+)/g)].map(([, id]) => Number(id));
}

test('voters cannot change before, can afterwards, and the level does not go down', async () => {
  expect(await kraftVersion()).toBe('0');
  await startNode(3);
  expect((await addNode3()).stderr).toContain('the kraft.version feature is 0');
  // The other voter has to tell the leader of itself first; it does so every two seconds.
  const raise = ['upgrade', '--feature', 'kraft.version=1'];
  const raised = await until('kraft.version is raised', async () => {
    const { code, stdout, stderr } = await tool('kafka-features', ...raise);
    if (code !== 0) expect(stderr + stdout).toContain('because not all of the voters support it');
    return code === 0 && stdout;
  });
  expect(raised).toBe('kraft.version was upgraded to 1.\n');
  expect(await kraftVersion()).toBe('1');
  expect((await tool('kafka-features', ...raise)).code).toBe(0);
  const lowered = await tool('kafka-features', 'downgrade', '--feature', 'kraft.version=0');
  expect([lowered.code, lowered.stdout + lowered.stderr]).toEqual([
    1,
    expect.stringContaining("Can't downgrade the version of this feature."),
  ]);

  expect(await addNode3()).toMatchObject({ code: 0 });
  expect(await voterIds()).toEqual([1, 2, 3]);
  for (const id of [1, 2]) {
    await nodes.get(id)?.stop('SIGKILL');
    await startNode(id);
  }
  expect(await kraftVersion()).toBe('1');
  await until('the voters are those of the log', async () => (await voterIds()).join() === '1,2,3');
}, 120_000);
