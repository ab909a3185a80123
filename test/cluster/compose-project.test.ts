/** Goal: `ottla compose` behaves as `docker compose` does: up is repeatable, a changed file counts, down is harmless. */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort, ottla, removeFolder, temporaryFolder } from '../support/processes.ts';

let folder: string;
let port: number;
beforeEach(async () => {
  folder = temporaryFolder();
  mkdirSync(join(folder, 'shop'));
  port = await freePort();
});
afterEach(async () => {
  await compose('down', '-v');
  removeFolder(folder);
});

function compose(...args: string[]) {
  const all = ['compose', '--data-dir', join(folder, 'data'), ...args];
  return ottla('ottla', all, { cwd: join(folder, 'shop'), timeoutMs: 90_000 });
}

const partitionsOf = async (topic: string): Promise<string | undefined> => {
  const at = ['--bootstrap-server', `localhost:${port}`];
  await ottla('kafka-topics', [...at, '--create', '--if-not-exists', '--topic', topic]);
  const { stdout } = await ottla('kafka-topics', [...at, '--describe', '--topic', topic]);
  return /PartitionCount: (\d+)/.exec(stdout)?.[1];
};

function writeCompose(partitions: number): void {
  const yaml = `
services:
  kafka:
    image: apache/kafka:4.0.0
    ports: ["${port}:9092"]
    environment:
      KAFKA_NODE_ID: 1
      KAFKA_PROCESS_ROLES: broker,controller
      KAFKA_NUM_PARTITIONS: ${partitions}
      KAFKA_INTER_BROKER_PROTOCOL_VERSION: '3.4'
      KAFKA_AUTHORIZER_CLASS_NAME: kafka.security.authorizer.AclAuthorizer
  init:
    image: apache/kafka:4.0.0
    command: |
      kafka-topics.sh --create
        --topic first
`;
  writeFileSync(join(folder, 'shop', 'docker-compose.yml'), yaml);
}

test('a second file is laid over the first', async () => {
  writeCompose(3);
  writeFileSync(join(folder, 'more.yml'), 'services: { kafka: { environment: { KAFKA_NUM_PARTITIONS: 6 } } }');
  const files = ['-f', 'docker-compose.yml', '-f', '../more.yml'];
  expect((await compose(...files, 'up', '-d')).code).toBe(0);
  expect(await partitionsOf('first')).toBe('6');
  expect((await compose(...files, 'ps')).stdout).toContain('node 1 is service kafka\n');
});

test('up says what it does not do, again is harmless, a changed file counts and keeps the data, down removes it', async () => {
  writeCompose(3);
  expect((await compose('ps')).stdout).toContain('nothing of this file was started');
  const up = await compose('up', '-d');
  expect([up.code, up.stderr.trim().split('\n')]).toEqual([
    0,
    [
      'ottla compose: init: not run; its command is: kafka-topics.sh --create --topic first',
      'ottla compose: kafka: authorizer.class.name has no effect; there is no such thing in ottla',
      'ottla compose: kafka: the property inter.broker.protocol.version is not known to Kafka 4.4 and has no effect',
    ],
  ]);
  expect(await partitionsOf('before')).toBe('3');
  const again = await compose('up', '-d');
  expect([again.stderr, again.stdout]).toEqual(['', expect.stringContaining(`running already on localhost:${port}`)]);
  expect((await compose('ps')).stdout).toMatch(/^1 .* running [\s\S]*node 1 is service kafka\n$/m);

  writeCompose(5);
  const changed = await compose('up', '-d');
  expect([changed.code, changed.stderr]).toEqual([0, expect.stringContaining('the file has changed')]);
  expect([await partitionsOf('before'), await partitionsOf('after')]).toEqual(['3', '5']);

  expect((await compose('down')).stdout).toBe('stopped, data removed\n');
  expect(existsSync(join(folder, 'data', 'shop'))).toBe(false);
  const twice = await compose('down');
  expect([twice.code, twice.stdout]).toEqual([0, 'there is nothing to stop\n']);
});
