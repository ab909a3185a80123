/**
 * Goal: a command line of the time of ZooKeeper works where a broker runs at the usual place; elsewhere, and so in scripts
 * that expect Kafka, it is refused as Kafka refuses it.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { tool as consumerGroups } from '../../../src/tools/consumer-groups/command.ts';
import { tool as topics } from '../../../src/tools/topics/command.ts';
import { runCaptured } from '../captured-io.ts';
import { ToolBench } from '../with-broker.ts';

const local = vi.hoisted(() => ({ address: 'localhost:9092', isThere: false }));

vi.mock('../../../src/tools/shared/local-broker.ts', () => ({
  get LOCAL_BROKER() {
    return local.address;
  },
  hasLocalBroker: async () => local.isThere,
}));

let bench: ToolBench;
beforeAll(async () => {
  bench = await ToolBench.start([{ name: 'orders', partitions: 1 }]);
  local.address = bench.broker.bootstrapServers;
});
afterAll(() => bench.close());
beforeEach(() => {
  local.isThere = true;
});

describe('--zookeeper', () => {
  test.each([[['--zookeeper', 'z:2181']], [['--zookeeper=z:2181']]])('%s means the local broker', async (old) => {
    const result = await runCaptured(topics, [...old, '--list']);
    expect([result.exitCode, result.stdout]).toEqual([0, 'orders\n']);
    expect(result.stderr).toBe(
      'WARNING: --zookeeper is no option any more: Kafka runs without ZooKeeper since 4.0; using the local broker ' +
        `${local.address} instead. Give the address of a broker with --bootstrap-server.\n`,
    );
  });

  test('beside --bootstrap-server it is ignored', async () => {
    const result = await bench.run(topics, ['--zookeeper', 'z:2181', '--list']);
    expect([result.exitCode, result.stdout]).toEqual([0, 'orders\n']);
    expect(result.stderr).toContain('it is ignored');
  });

  test('without a local broker it is the error of the tool at hand', async () => {
    local.isThere = false;
    const refused = 'joptsimple.UnrecognizedOptionException: zookeeper is not a recognized option';
    expect(await runCaptured(topics, ['--zookeeper', 'z:2181', '--list'])).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: `zookeeper is not a recognized option\n${refused}\n\n`,
    });
    expect((await runCaptured(consumerGroups, ['--zookeeper', 'z', '--list'])).stderr).toBe(
      `Exception in thread "main" ${refused}\n`,
    );
  });

  test('with one dash it is a bundle of letters, as ever', async () => {
    expect((await runCaptured(topics, ['-zookeeper', 'x'])).stderr).toMatch(/^z is not a recognized option\n/);
  });

  test('a person without a local broker is told what to give', async () => {
    local.isThere = false;
    const { stderr } = await runCaptured(topics, ['--zookeeper', 'z:2181', '--list'], { terminal: true });
    expect(stderr).toContain('give --bootstrap-server');
  });
});

test('--broker-list is --bootstrap-server at a terminal, and refused in a script', async () => {
  const argv = ['--broker-list', bench.broker.bootstrapServers, '--list'];
  expect((await runCaptured(topics, argv, { terminal: true })).stdout).toContain('orders');
  expect((await runCaptured(topics, argv)).stderr).toMatch(/^broker-list is not a recognized option\n/);
});
