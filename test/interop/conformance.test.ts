/**
 * Goal: sessions of the kafka-* tools look the same whoever made the tools and whoever made the broker. Our tools run
 * the whole kit against one broker of ours, against Apache Kafka's, and what does not depend on there being one broker
 * against three of ours; Apache Kafka's tools run a choice of it against ours (a JVM call costs over a second), and the
 * whole with OTTLA_CONFORMANCE=whole. That also runs the cases that are known to fail, and finds those that pass by now.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestCluster } from '../support/clusters.ts';
import { caseNames, casesForSeveralBrokers, type KitRun, quickJavaTools, runKit } from '../support/conformance.ts';
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

/** Cases that fail, each with its reason; docs/compatibility.md tells users. */
type Known = Readonly<Record<string, string>>;

const NO_TRANSACTIONAL_PRODUCER: Known = {
  'admin/transactions': "our perf test's producer has no transactions yet",
};

const BROKER_DIFFERENCES: Known = {
  'admin/api-versions-all': 'transactions, share and streams groups are not advertised',
  'admin/features': 'nor are their features',
  'admin/transactions': 'there are no transactions yet',
};

/**
 * Seen to fail in the same way, our tools asking, on three nodes of Apache Kafka 4.4 (topics/alter-partitions at an earlier
 * step; groups/consumer-protocol was not asked there, but only the coordinator's id differs).
 */
const ONE_BROKER: Known = {
  'admin/log-dirs': 'lists the folders of every broker',
  'admin/api-versions': 'lists every broker',
  'admin/metadata-quorum': 'names the one voter and its id',
  'admin/cluster': 'lists the endpoints of every broker',
  'admin/reassign-partitions': 'moves replicas to broker 1, where all of them are',
  'admin/reassign-errors': 'expects that broker 2 is not known',
  'groups/consumer-protocol': 'expects broker 1 as the coordinator of the group',
  'configs/broker': 'lists the configs of every broker',
  'configs/broker-all': 'shows the default replication factor, 3 on a cluster',
  'topics-errors/create-bad-counts': 'expects that three replicas are too many',
  'topics/describe-report-filters': 'counts replicas in sync against min.insync.replicas=2',
  'topics/alter-partitions':
    'adds partitions of one replica each, where the topic has as many replicas as there are brokers',
};

/** What has nothing to do with brokers, and so passes on three as on one. */
const WITHOUT_BROKERS = /^(?:help|storage|dump-log|perf)\//;

/** A few cases of each tool, for the pairings that need a JVM for every step. */
const CHOICE = [
  'topics/create',
  'produce-consume/hello',
  'produce-consume/keys',
  'groups/two-members',
  'configs/topic',
  'admin/get-offsets',
];

/** Runs cases; of those known to fail only with OTTLA_CONFORMANCE=whole. The others must pass. */
async function expectPasses(kit: KitRun, names: readonly string[], known: Known): Promise<void> {
  const good = names.filter((name) => known[name] === undefined);
  const { failed, passed, output } = await runKit({ ...kit, only: isWhole ? names : good });
  // A name stands for all that contain it, so that more may run than was asked for.
  const unexpected = failed.filter((name) => good.includes(name));
  expect(unexpected, output).toEqual([]);
  expect(passed).toBeGreaterThanOrEqual(good.length);
  if (!isWhole) return;
  const mended = names.filter((name) => known[name] !== undefined && !failed.includes(name));
  expect(mended, 'these pass now').toEqual([]);
}

const HOUR_MS = 3_600_000;
const ourTools = join(repository, 'bin');

describe.skipIf(isMissing(conformanceKit, 'python3'))('the conformance kit', () => {
  const folders: string[] = [];
  const stops: (() => Promise<unknown>)[] = [];
  let names: string[] = [];
  beforeAll(async () => {
    names = await caseNames();
  });
  afterAll(async () => {
    for (const stop of stops) await stop();
    for (const folder of folders) removeFolder(folder);
  });

  function newFolder(): string {
    const folder = temporaryFolder();
    folders.push(folder);
    return folder;
  }

  async function ourBroker(): Promise<{ broker: ServedBroker; dataDir: string }> {
    const dataDir = join(newFolder(), 'data');
    const broker = await serve(['--host', 'localhost', '--port', String(await freePort())], { dataDir });
    stops.push(() => broker.stop());
    return { broker, dataDir };
  }

  test(
    'our tools on our broker',
    async () => {
      const { broker, dataDir } = await ourBroker();
      const kit = { tools: ourTools, bootstrap: broker.bootstrap, dataDir };
      await expectPasses(kit, names, BROKER_DIFFERENCES);
    },
    HOUR_MS,
  );

  test(
    'our tools on three brokers of ours',
    async () => {
      const port = await freePort();
      const cluster = await TestCluster.start(['--port', String(port)]);
      stops.push(() => cluster.purge());
      const kit = { tools: ourTools, bootstrap: `localhost:${port}`, cases: casesForSeveralBrokers(newFolder()) };
      const meant = names.filter((name) => !WITHOUT_BROKERS.test(name));
      await expectPasses(kit, meant, { ...BROKER_DIFFERENCES, ...ONE_BROKER });
    },
    HOUR_MS,
  );

  test.skipIf(isMissing(apacheKafka, 'java'))(
    "Apache Kafka's tools on our broker",
    async () => {
      const { broker, dataDir } = await ourBroker();
      const env = await quickJavaTools(newFolder(), broker.bootstrap);
      const kit = { tools: apacheKafka, bootstrap: broker.bootstrap, dataDir, slow: 2, env };
      const meant = isWhole ? names : names.filter((name) => CHOICE.some((part) => name.includes(part)));
      await expectPasses(kit, meant, BROKER_DIFFERENCES);
    },
    HOUR_MS,
  );

  test.skipIf(isMissing(apacheKafka, 'java', 'kcat'))(
    "our tools on Apache Kafka's broker",
    async () => {
      const folder = newFolder();
      const port = await freePort();
      const settings = ['group.initial.rebalance.delay.ms=0'];
      const broker = new BackgroundProcess(apacheKafka, ['broker', folder, String(port), ...settings]);
      stops.push(() => broker.stop('SIGKILL'));
      await until(
        'Apache Kafka answers',
        async () => (await run('kcat', ['-b', `localhost:${port}`, '-L', '-m', '2'])).code === 0,
        60_000,
      );
      const kit = { tools: ourTools, bootstrap: `localhost:${port}`, dataDir: join(folder, 'data') };
      await expectPasses(kit, names, NO_TRANSACTIONAL_PRODUCER);
    },
    HOUR_MS,
  );
});
