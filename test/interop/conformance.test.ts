/**
 * Goal: sessions of the kafka-* tools look the same whoever made the tools and whoever made the broker. Our tools run
 * the whole kit against our broker; against Apache Kafka's broker, and Apache Kafka's tools against ours, a choice of it
 * each time (a JVM call costs over a second) and the whole with OTTLA_CONFORMANCE=whole.
 */
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  apacheKafka,
  BackgroundProcess,
  conformanceKit,
  freePort,
  isMissing,
  removeFolder,
  repository,
  run,
  type ServedBroker,
  serve,
  temporaryFolder,
  until,
} from '../support/processes.ts';

const isWhole = process.env['OTTLA_CONFORMANCE'] === 'whole';

/**
 * Cases that cannot pass, each with its reason; docs/compatibility.md tells users.
 * Of our tools: `--zookeeper` warns and goes on with the local broker, where Kafka ends with an error.
 */
const TOOL_DIFFERENCES = ['topics-errors/parser', 'groups/option-errors'];
/** Of our tools too: the perf test's producer has no transactions yet. */
const NO_TRANSACTIONAL_PRODUCER = ['admin/transactions'];
/** Of our broker: transactions, consumer groups of KIP-848, share and streams groups are neither served nor advertised. */
const BROKER_DIFFERENCES = [
  'admin/api-versions-all',
  'admin/features',
  'admin/transactions',
  'groups/consumer-protocol',
];

/** A few cases of each tool, for the pairings that need a JVM for every step. */
const CHOICE = [
  'topics/create',
  'produce-consume/hello',
  'produce-consume/keys',
  'groups/two-members',
  'configs/topic',
  'admin/get-offsets',
];

/** Runs the kit and returns the names of the cases that failed, with all that was said about them. */
async function check(
  tools: string,
  bootstrap: string,
  dataDir: string,
  only: string[],
  slow: number,
): Promise<{ failed: string[]; passed: number; output: string }> {
  const args = [
    'check',
    '--tools',
    tools,
    '--bootstrap',
    bootstrap,
    '--set',
    `DATA_DIR=${dataDir}`,
    '--slow',
    String(slow),
  ];
  const { stdout } = await run(conformanceKit, [...args, ...only.flatMap((name) => ['--only', name])], {
    timeoutMs: 1_500_000,
  });
  const failed = [...stdout.matchAll(/^FAIL\s+(\S+)/gm)].flatMap((match) => match[1] ?? []);
  const passed = Number(/(\d+) passed/.exec(stdout)?.[1] ?? 0);
  return { failed, passed, output: stdout.slice(-20_000) };
}

function unexpected(failed: string[], ...known: string[][]): string[] {
  return failed.filter((name) => !known.flat().includes(name));
}

describe.skipIf(isMissing(conformanceKit, 'python3'))('the conformance kit', () => {
  const folders: string[] = [];
  const stops: (() => Promise<unknown>)[] = [];
  afterAll(async () => {
    for (const stop of stops) await stop();
    for (const folder of folders) removeFolder(folder);
  });

  async function ourBroker(): Promise<{ broker: ServedBroker; dataDir: string }> {
    const folder = temporaryFolder();
    folders.push(folder);
    const dataDir = join(folder, 'data');
    const port = String(20_000 + 2 * Math.floor((await freePort()) / 4));
    const broker = await serve(['--host', 'localhost', '--port', port], { dataDir });
    stops.push(() => broker.stop());
    return { broker, dataDir };
  }

  test('our tools on our broker', async () => {
    const { broker, dataDir } = await ourBroker();
    const { failed, passed, output } = await check(join(repository, 'bin'), broker.bootstrap, dataDir, [], 1);
    expect(unexpected(failed, TOOL_DIFFERENCES, BROKER_DIFFERENCES), output).toEqual([]);
    expect(passed).toBeGreaterThan(100);
  }, 1_500_000);

  test.skipIf(isMissing(apacheKafka, 'java'))(
    "Apache Kafka's tools on our broker",
    async () => {
      const { broker, dataDir } = await ourBroker();
      const { failed, passed, output } = await check(apacheKafka, broker.bootstrap, dataDir, isWhole ? [] : CHOICE, 2);
      expect(unexpected(failed, BROKER_DIFFERENCES), output).toEqual([]);
      expect(passed).toBeGreaterThan(isWhole ? 100 : 3);
    },
    1_500_000,
  );

  test.skipIf(isMissing(apacheKafka, 'java', 'kcat'))(
    "our tools on Apache Kafka's broker",
    async () => {
      const folder = temporaryFolder();
      folders.push(folder);
      const port = 20_000 + 2 * Math.floor((await freePort()) / 4);
      const broker = new BackgroundProcess(apacheKafka, [
        'broker',
        folder,
        String(port),
        'group.initial.rebalance.delay.ms=0',
      ]);
      stops.push(() => broker.stop('SIGKILL'));
      await until(
        'Apache Kafka answers',
        async () => (await run('kcat', ['-b', `localhost:${port}`, '-L', '-m', '2'])).code === 0,
        60_000,
      );
      const { failed, passed, output } = await check(
        join(repository, 'bin'),
        `localhost:${port}`,
        join(folder, 'data'),
        [],
        1,
      );
      expect(unexpected(failed, TOOL_DIFFERENCES, NO_TRANSACTIONAL_PRODUCER), output).toEqual([]);
      expect(passed).toBeGreaterThan(100);
    },
    1_500_000,
  );
});
