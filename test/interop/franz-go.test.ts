/**
 * Goal: franz-go's own integration tests pass on one broker and, with three replicas, on a cluster: producing in order,
 * consuming by name, partition and pattern, deleted topics, a chain of groups whose members come and go under every
 * balancer and with KIP-848. What a broker does not advertise (share groups) they leave out by themselves.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestCluster } from '../support/clusters.ts';
import { isMissing, repository, run, type ServedBroker, serve } from '../support/processes.ts';

/** Names the version of franz-go. */
const module = join(repository, 'test/interop/franz-go');
const program = join(repository, 'node_modules/.cache/ottla-franz-go/kgo.test');
/** Those that talk to a broker; TestTxnEtl needs transactions. */
const PATTERN = '^Test(AddRemove|Client_|Consume|Direct|Group|HookPoll|Issue|Pause|Ping|Pooling|ShareGroup)';

describe.skipIf(isMissing('go'))('franz-go', () => {
  beforeAll(async () => {
    const build = ['test', '-c', '-o', program, 'github.com/twmb/franz-go/pkg/kgo'];
    const { stderr, code } = await run('go', build, { cwd: module, timeoutMs: 290_000 });
    expect(code, stderr).toBe(0);
  }, 300_000);

  /** Runs its tests; fails with the output of those that failed. */
  async function runTests(bootstrap: string, replicationFactor: number): Promise<void> {
    const { stdout, code } = await run(program, ['-test.v', '-test.timeout=170s', `-test.run=${PATTERN}`], {
      timeoutMs: 180_000,
      env: {
        KGO_SEEDS: bootstrap,
        KGO_TEST_RF: String(replicationFactor),
        KGO_TEST_RECORDS: '20000',
        KGO_TEST_STABLE_FETCH: '1',
        KGO_LOG_LEVEL: 'none',
      },
    });
    const verdicts = stdout.split('\n').filter((line) => /^\s*--- /.test(line));
    const failed = verdicts.filter((line) => line.includes('--- FAIL'));
    expect(failed, stdout.slice(-5000)).toEqual([]);
    expect(code, stdout.slice(-5000)).toBe(0);
    for (const name of [
      'TestGroupETL/cooperative-sticky',
      'TestGroupETL/range',
      'TestGroupETL/range/848',
      'TestIssue523',
      'TestClient_Produce',
    ]) {
      expect(verdicts.some((line) => line.includes(`--- PASS: ${name} `))).toBe(true);
    }
  }

  describe('on one broker', () => {
    let broker: ServedBroker;
    beforeAll(async () => {
      broker = await serve();
    });
    afterAll(async () => {
      await broker.stop();
    });

    test('passes its tests', () => runTests(broker.bootstrap, 1), 200_000);
  });

  describe('on three brokers', () => {
    let cluster: TestCluster;
    beforeAll(async () => {
      cluster = await TestCluster.start();
    });
    afterAll(async () => {
      await cluster.purge();
    });

    test('passes its tests with three replicas', () => runTests(cluster.bootstrap, 3), 200_000);
  });
});
