/**
 * Goal: a cluster of real processes under real clients keeps every acknowledged record once and in order, whatever node
 * is killed, frozen or cut off, and consumer groups go on.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Kafka, Kafka as KafkaClass, logLevel, type Producer } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestCluster } from '../support/clusters.ts';
import { apacheKafka, BackgroundProcess, isMissing, ottla, run, until } from '../support/processes.ts';

describe('a cluster of three', () => {
  let cluster: TestCluster;
  beforeEach(async () => {
    // A dead broker is noticed after two seconds, not nine, so that the tests are short.
    cluster = await TestCluster.start([
      '--override',
      'broker.session.timeout.ms=2000',
      '--override',
      'broker.heartbeat.interval.ms=500',
    ]);
    const create = [
      '--create',
      '--topic',
      'safe',
      '--partitions',
      '3',
      '--replication-factor',
      '3',
      '--config',
      'min.insync.replicas=2',
    ];
    expect((await ottla('kafka-topics', ['--bootstrap-server', cluster.bootstrap, ...create])).stderr).toBe('');
  });
  afterEach(async () => {
    await cluster.purge();
  });

  const tool = (name: string, args: string[]) => ottla(name, ['--bootstrap-server', cluster.bootstrap, ...args]);

  test('is ready with every broker unfenced, one active controller, replicas on all', async () => {
    const status = await cluster.status();
    expect(status.nodes.map(({ state, isFenced }) => [state, isFenced])).toEqual(Array(3).fill(['running', false]));
    expect(status.nodes.filter(({ isActiveController }) => isActiveController)).toHaveLength(1);
    const { stdout } = await tool('kafka-topics', ['--describe', '--topic', 'safe']);
    expect([...stdout.matchAll(/Isr: ([\d,]+)/g)].map((match) => match[1]?.split(',').sort().join())).toEqual(
      Array(3).fill('1,2,3'),
    );
  });

  test('starting twice is harmless, and every verb finds the cluster by its folder', async () => {
    const again = JSON.parse(await cluster.verb('start', '--detach')) as { nodes: { pid: number }[] };
    expect(again.nodes.map(({ pid }) => pid)).toEqual(cluster.started.nodes.map(({ pid }) => pid));
    await cluster.verb('stop', '2');
    expect((await cluster.status()).nodes.map(({ state }) => state)).toEqual(['running', 'stopped', 'running']);
    await cluster.verb('restart', '2');
    await until('nothing lags', async () => (await cluster.status()).underReplicated === 0);
    const added = JSON.parse(await cluster.verb('add-broker')) as { node: { id: number; roles: string[] } };
    expect(added.node).toMatchObject({ id: 4, roles: ['broker'] });
    expect((await cluster.status()).nodes).toHaveLength(4);
    await cluster.verb('stop');
    expect((await cluster.status()).nodes.every(({ state }) => state === 'stopped')).toBe(true);
  });

  test('status after a cut believes the majority, and names who does not know it', async () => {
    const { activeController: old } = await cluster.status();
    const others = [1, 2, 3].filter((id) => id !== old);
    await cluster.verb('partition', String(old), '/', others.join());
    const status = await until('the majority has elected another', async () => {
      const found = await cluster.status();
      expect(found.problem).toBe(null);
      return found.activeController !== old && found;
    });
    expect(others).toContain(status.activeController);
    expect(status.unaware).toEqual([old]);
    const { stdout } = await ottla('ottla', ['cluster', 'status', '--data-dir', cluster.folder]);
    expect(stdout).toContain(`, unknown to node ${old}\n`);
    await cluster.verb('heal');
    await until('all know it', async () => (await cluster.status()).unaware.length === 0);
  });

  test.skipIf(isMissing('kcat'))('a consumer with a rack reads from the replica in that rack', async () => {
    await run('kcat', ['-P', '-b', cluster.bootstrap, '-t', 'safe', '-p', '0'], { input: 'near\n' });
    const leader = await cluster.leaderOf('safe', 0);
    const follower = leader === 1 ? 2 : 1;
    const debug = [
      '-X',
      `client.rack=rack-${follower}`,
      '-X',
      'debug=fetch',
      '-c',
      '1',
      '-t',
      'safe',
      '-p',
      '0',
      '-o',
      '0',
    ];
    const { stdout, stderr } = await run('kcat', ['-C', '-b', cluster.bootstrap, ...debug]);
    expect(stdout).toBe('near\n');
    expect(stderr).toMatch(
      new RegExp(
        `redirecting to follower replica .*${follower}|preferred replica.*\\b${follower}\\b|migrating from broker \\d+ to ${follower} `,
        'i',
      ),
    );
  });

  /** Sends numbered records one after another with an idempotent producer until told to stop. */
  function keepProducing(kafka: Kafka) {
    const acknowledged: number[] = [];
    let isStopping = false;
    const producer: Producer = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      // kafkajs asks a leader that does not answer again and again, until its metadata is old.
      metadataMaxAge: 1000,
      retry: { retries: 1000, maxRetryTime: 500 },
    });
    const done = (async () => {
      await producer.connect();
      for (let next = 0; !isStopping; next++) {
        await producer.send({ topic: 'safe', acks: -1, messages: [{ value: String(next), partition: next % 3 }] });
        acknowledged.push(next);
      }
      await producer.disconnect();
    })();
    return {
      acknowledged,
      stop: async () => {
        isStopping = true;
        await done;
      },
      done,
    };
  }

  async function contents(): Promise<number[][]> {
    const partitions: number[][] = [];
    for (const partition of ['0', '1', '2']) {
      const { stdout } = await tool('kafka-console-consumer', [
        '--topic',
        'safe',
        '--partition',
        partition,
        '--offset',
        'earliest',
        '--timeout-ms',
        '3000',
      ]);
      partitions.push(stdout.trim().split('\n').filter(Boolean).map(Number));
    }
    return partitions;
  }

  test('kill -9 of leader, follower and active controller in turn, a freeze and a cut: nothing acknowledged is lost, doubled or reordered', async () => {
    const kafka = new KafkaClass({
      brokers: cluster.bootstrap.split(','),
      logLevel: logLevel.NOTHING,
      // A frozen broker keeps its connections; the client must not wait 30 s for each of its answers.
      requestTimeout: 4000,
      retry: { retries: 100, maxRetryTime: 1000 },
    });
    const load = keepProducing(kafka);
    load.done.catch(() => {});
    const group = kafka.consumer({ groupId: 'following', sessionTimeout: 6000, heartbeatInterval: 500 });
    const seen = new Set<number>();
    await group.connect();
    await group.subscribe({ topic: 'safe', fromBeginning: true });
    await group.run({ eachMessage: async ({ message }) => void seen.add(Number(message.value)) });
    const progress = async (what: string) => {
      const before = load.acknowledged.length;
      await until(`writes flow again after ${what}`, () => load.acknowledged.length > before + 20, 60_000);
    };
    const whole = () =>
      until('all replicas are in sync', async () => (await cluster.status()).underReplicated === 0, 60_000);
    await progress('the start');

    const leader = await cluster.leaderOf('safe', 0);
    await cluster.verb('kill', String(leader));
    await progress('kill -9 of a leader');
    await cluster.verb('restart', String(leader));
    await whole();

    const controller = (await cluster.status()).activeController;
    await cluster.verb('kill', String(controller));
    await progress('kill -9 of the active controller');
    await cluster.verb('restart', String(controller));
    await whole();

    const paused = await cluster.leaderOf('safe', 1);
    await cluster.verb('pause', String(paused));
    await progress('a freeze of a leader');
    await cluster.verb('resume', String(paused));
    await whole();

    const alone = await cluster.leaderOf('safe', 2);
    const others = [1, 2, 3].filter((id) => id !== alone).join(',');
    await cluster.verb('partition', `${alone}`, '/', others);
    await progress('a leader was cut off');
    await cluster.verb('heal');
    await whole();

    for (const id of [1, 2, 3]) {
      await cluster.verb('restart', String(id));
      await whole();
    }
    await progress('a rolling restart');
    await load.stop();

    const partitions = await contents();
    for (const [partition, found] of partitions.entries()) {
      const wanted = load.acknowledged.filter((value) => value % 3 === partition);
      expect(found.slice(0, wanted.length), `partition ${partition}`).toEqual(wanted);
    }
    await until('the group has read all', () => load.acknowledged.every((value) => seen.has(value)), 60_000);
    await group.disconnect();
  }, 300_000);

  test.skipIf(isMissing(apacheKafka, 'java'))(
    "Kafka's verifiable producer loses nothing when a leader is killed",
    async () => {
      const args = [
        'kafka-verifiable-producer',
        '--bootstrap-server',
        cluster.bootstrap,
        '--topic',
        'safe',
        '--throughput',
        '500',
        '--acks',
        '-1',
        '--command-config',
        join(cluster.folder, 'producer.properties'),
      ];
      // By itself it does not retry, and what is on its way to the killed leader fails.
      writeFileSync(join(cluster.folder, 'producer.properties'), 'retries=2147483647\nenable.idempotence=true\n');
      const producer = new BackgroundProcess(apacheKafka, [...args, '--max-messages', '10000']);
      await until('some are sent', () => producer.stdout.split('producer_send_success').length > 1000, 60_000);
      const leader = await cluster.leaderOf('safe', 0);
      await cluster.verb('kill', String(leader));
      await until('all are sent', () => producer.exit !== undefined, 120_000);
      const sent = [
        ...producer.stdout.matchAll(
          /"name":"producer_send_success".*?"value":"(\d+)"|"value":"(\d+)".*?"name":"producer_send_success"/g,
        ),
      ].map((match) => Number(match[1] ?? match[2]));
      expect(sent).toHaveLength(10_000);
      const found = (await contents()).flat();
      expect(new Set(found).size).toBe(found.length);
      expect([...found].sort((a, b) => a - b)).toEqual([...sent].sort((a, b) => a - b));
    },
    240_000,
  );
});
