/**
 * Goal: followers hold what their leader holds, the high watermark means what Kafka says it means, and nothing that was
 * acknowledged by all of the ISR is ever lost, whoever dies, freezes or is cut off.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { type ClusterOptions, ReplicaCluster } from './replica-cluster.ts';

const clusters: ReplicaCluster[] = [];
afterEach(() => {
  for (const cluster of clusters.splice(0)) cluster.close();
});

async function clusterOf(replicas: number[], options: ClusterOptions = {}): Promise<ReplicaCluster> {
  const cluster = new ReplicaCluster(options);
  clusters.push(cluster);
  await cluster.withTopic([replicas]);
  return cluster;
}

describe('a leader with followers', () => {
  test('acks=all is answered when all of the ISR have the record, acks=1 at once', async () => {
    const cluster = await clusterOf([1, 2, 3]);
    const leader = cluster.get(1);
    const one = cluster.produce(leader, ['a'], 1);
    expect(one.outcome).toBe('NONE');
    expect(leader.values('highWatermark')).toEqual([]);
    const all = cluster.produce(leader, ['b', 'c']);
    expect(all.outcome).toBeUndefined();
    await cluster.until('it is acknowledged', () => all.outcome !== undefined);
    expect(all.outcome).toBe('NONE');
    for (const id of [1, 2, 3]) expect(cluster.get(id).values()).toEqual(['a', 'b', 'c']);
  });

  test('a record reaches parked followers at once, and their high watermark follows with the next round', async () => {
    const cluster = await clusterOf([1, 2]);
    await cluster.run(1000);
    const before = cluster.clock.monotonicMs();
    const produced = cluster.produce(cluster.get(1), ['a']);
    await cluster.until('it is acknowledged', () => produced.outcome !== undefined);
    expect(cluster.clock.monotonicMs() - before).toBeLessThan(20);
    expect(cluster.get(2).values('highWatermark')).toEqual([]);
    await cluster.run(600);
    expect(cluster.get(2).values('highWatermark')).toEqual(['a']);
  });

  test('an idle follower names its partition once: later requests of the session are empty', async () => {
    const cluster = await clusterOf([1, 2]);
    await cluster.run(3000);
    const [full, ...later] = cluster.get(1).received;
    expect(full).toMatchObject({ sessionEpoch: 0, maxWaitMs: 500, minBytes: 1, replicaState: { replicaId: 2 } });
    expect(full?.topics[0]?.partitions[0]).toMatchObject({
      fetchOffset: 0,
      lastFetchedEpoch: -1,
      currentLeaderEpoch: 0,
    });
    expect(later.length).toBeGreaterThan(4);
    expect(later.map(({ topics, sessionEpoch }) => [topics.length, sessionEpoch])).toEqual(
      later.map((_request, i) => [0, i + 1]),
    );
  });

  test('the high watermark does not pass what a lagging member of the ISR has', async () => {
    const cluster = await clusterOf([1, 2, 3]);
    cluster.separate(1, 3);
    const produced = cluster.produce(cluster.get(1), ['a']);
    await cluster.run(1500);
    expect(cluster.get(2).values()).toEqual(['a']);
    expect(produced.outcome).toBeUndefined();
    expect(cluster.get(1).values('highWatermark')).toEqual([]);
  });
});

describe('the ISR', () => {
  test('shrinks by one that has not caught up for replica.lag.time.max.ms, and grows when it has', async () => {
    const cluster = await clusterOf([1, 2, 3]);
    cluster.separate(1, 3);
    const produced = cluster.produce(cluster.get(1), ['a']);
    await cluster.until('it is acknowledged', () => produced.outcome !== undefined, 5000);
    expect(produced.outcome).toBe('NONE');
    expect(cluster.registration().isr).toEqual([1, 2]);
    cluster.heal();
    await cluster.untilInSync(3);
    expect(cluster.get(3).values()).toEqual(['a']);
  });

  test('below min.insync.replicas nothing is accepted with acks=all, and the high watermark stays', async () => {
    const cluster = await clusterOf([1, 2], { minInsyncReplicas: 2 });
    cluster.kill(2);
    const pending = cluster.produce(cluster.get(1), ['a']);
    await cluster.until('the ISR is 1', () => cluster.get(1).partition().isr.length === 1);
    expect(cluster.produce(cluster.get(1), ['b']).outcome).toBe('NOT_ENOUGH_REPLICAS');
    expect(cluster.produce(cluster.get(1), ['c'], 1).outcome).toBe('NONE');
    await cluster.run(6000);
    expect(cluster.get(1).values('highWatermark')).toEqual([]);
    expect(pending.outcome).toBe('REQUEST_TIMED_OUT');
    cluster.start(2);
    await cluster.untilInSync(2);
    await cluster.run(100);
    expect(cluster.get(1).values('highWatermark')).toEqual(['a', 'c']);
  });

  test('a follower whose broker is not unfenced, or is an older incarnation, is not taken in', async () => {
    const cluster = await clusterOf([1, 2]);
    const epoch = cluster.get(2).brokerEpoch;
    cluster.isolate(2);
    await cluster.until('it was put out', () => cluster.registration().isr.length === 1);
    await cluster.until('the leader knows', () => cluster.get(1).partition().isr.length === 1);
    // Its data path is well again, the controller does not hear it: it stays fenced.
    cluster.heal();
    cluster.network.isolate(2, [100]);
    await cluster.run(5000);
    expect(cluster.get(2).partition().log.logEndOffset).toBe(cluster.get(1).partition().log.logEndOffset);
    expect(cluster.registration().isr).toEqual([1]);
    cluster.kill(2);
    cluster.heal();
    cluster.start(2);
    await cluster.untilInSync(2);
    expect(cluster.get(2).brokerEpoch).toBeGreaterThan(epoch);
    // A fetch of the process that died is refused: it must not vouch for the one that lives.
    const stale = cluster.get(1).partition();
    const follower = stale.followerOrThrow(2, true);
    expect(() => stale.followerFetched(follower, 0, 0, epoch)).toThrowError(/its epoch is/);
  });
});

describe('another leader', () => {
  test('delayed produces fail with NOT_LEADER_OR_FOLLOWER, the new leader has all that was acknowledged', async () => {
    const cluster = await clusterOf([1, 2, 3], { minInsyncReplicas: 2 });
    const safe = cluster.produce(cluster.get(1), ['a', 'b']);
    await cluster.until('it is acknowledged', () => safe.outcome === 'NONE');
    cluster.separate(1, 2);
    cluster.separate(1, 3);
    const lost = cluster.produce(cluster.get(1), ['lost']);
    cluster.network.isolate(1, [100]);
    await cluster.until('another leads', () => (cluster.leader()?.id ?? 1) !== 1);
    const leader = await cluster.untilLed();
    await cluster.untilInSync(2);
    const next = cluster.produce(leader, ['c']);
    await cluster.until('it is acknowledged', () => next.outcome !== undefined);
    expect(next.outcome).toBe('NONE');
    cluster.heal();
    await cluster.untilInSync(3);
    expect(lost.outcome).toBe('NOT_LEADER_OR_FOLLOWER');
    await cluster.run(1000);
    for (const id of [1, 2, 3]) expect(cluster.get(id).values()).toEqual(['a', 'b', 'c']);
  });

  test('a leader that comes back cuts what only it had, by leader epochs (KIP-101)', async () => {
    const cluster = await clusterOf([1, 2]);
    cluster.produce(cluster.get(1), ['a'], 1);
    await cluster.run(1000);
    cluster.separate(1, 2);
    for (const value of ['x', 'y', 'z']) cluster.produce(cluster.get(1), [value], 1);
    cluster.kill(1);
    await cluster.until('2 leads', () => cluster.leader()?.id === 2);
    cluster.heal();
    cluster.produce(cluster.get(2), ['b'], 1);
    cluster.start(1);
    await cluster.untilInSync(2);
    expect(cluster.get(1).values()).toEqual(['a', 'b']);
    expect(cluster.get(1).partition().log.epochForOffset(1)).toBe(1);
  });

  test('logs that diverged over several epochs meet again (KIP-279)', async () => {
    const cluster = await clusterOf([1, 2]);
    allowUncleanElections(cluster);
    for (const [leader, other] of [
      [1, 2],
      [2, 1],
      [1, 2],
      [2, 1],
    ] as const) {
      // Each leads alone for a while and writes what the other never hears of.
      for (const id of [leader, other]) if (cluster.broker(id) === undefined) cluster.start(id);
      if (cluster.leader()?.id !== leader) {
        cluster.kill(other);
        await cluster.until(`${leader} leads`, () => cluster.leader()?.id === leader, 60_000);
      } else {
        cluster.separate(1, 2);
        cluster.kill(other);
      }
      const length = cluster.get(leader).partition().log.logEndOffset;
      for (const value of ['a', 'b', 'c']) cluster.produce(cluster.get(leader), [`${leader}${value}${length}`], 1);
      cluster.kill(leader);
      cluster.heal();
      cluster.start(other);
      await cluster.until(`${other} leads`, () => cluster.leader()?.id === other, 60_000);
    }
    for (const id of [1, 2]) if (cluster.broker(id) === undefined) cluster.start(id);
    await cluster.untilInSync(2);
    await cluster.run(1000);
    expect(cluster.get(1).values()).toEqual(cluster.get(2).values());
  });
});

function allowUncleanElections(cluster: ReplicaCluster): void {
  const configs = [{ name: 'unclean.leader.election.enable', configOperation: 0, value: 'true' }];
  const resources = [{ resourceType: 2, resourceName: 't', configs }];
  cluster.controller.response('incrementalAlterConfigs', { resources, validateOnly: false }, { isForwarded: false });
}

describe('offsets that the leader does not have', () => {
  test('a follower starts anew where the leader starts, when the leader has deleted past its end', async () => {
    const cluster = await clusterOf([1, 2]);
    cluster.produce(cluster.get(1), ['a', 'b'], 1);
    await cluster.run(1000);
    cluster.kill(2);
    await cluster.until('the ISR is 1', () => cluster.get(1).partition().isr.length === 1);
    for (const value of ['c', 'd', 'e']) cluster.produce(cluster.get(1), [value], 1);
    cluster.get(1).partition().deleteRecords(4);
    cluster.start(2);
    await cluster.untilInSync(2);
    const { log } = cluster.get(2).partition();
    expect([log.logStartOffset, log.logEndOffset]).toEqual([4, 5]);
    expect(cluster.get(2).values()).toEqual(['e']);
  });

  test('a new replica of a log that starts within a batch takes the batch whole', async () => {
    const cluster = await clusterOf([1, 2]);
    cluster.kill(2);
    await cluster.until('the ISR is 1', () => cluster.get(1).partition().isr.length === 1);
    cluster.produce(cluster.get(1), ['a', 'b', 'c', 'd'], 1);
    cluster.get(1).partition().deleteRecords(2);
    cluster.start(2);
    await cluster.untilInSync(2);
    await cluster.run(1000);
    expect(cluster.get(2).partition().log).toMatchObject({ logStartOffset: 2, logEndOffset: 4, highWatermark: 4 });
  });

  test('DeleteRecords reaches the followers', async () => {
    const cluster = await clusterOf([1, 2]);
    cluster.produce(cluster.get(1), ['a', 'b', 'c'], 1);
    await cluster.run(1000);
    const leader = cluster.get(1).partition();
    expect(leader.deleteRecords(2)).toBe(2);
    expect(leader.lowWatermark).toBe(0);
    await cluster.until('the low watermark is there', () => leader.lowWatermark === 2, 2000);
    expect(cluster.get(2).partition().log.logStartOffset).toBe(2);
  });
});

describe('a reassignment', () => {
  test('brings the log to new replicas and takes it from the old ones', async () => {
    const cluster = await clusterOf([1, 2]);
    cluster.start(3, 4);
    for (const value of ['a', 'b', 'c']) cluster.produce(cluster.get(1), [value], 1);
    await cluster.run(1000);
    cluster.controller.response('alterPartitionReassignments', {
      timeoutMs: 10_000,
      allowReplicationFactorChange: true,
      topics: [{ name: 't', partitions: [{ partitionIndex: 0, replicas: [3, 4] }] }],
    });
    await cluster.until('it is done', () => cluster.registration().replicas.join() === '3,4');
    await cluster.until('the old ones are gone', () =>
      [1, 2].every((id) => cluster.get(id).replicaManager.get('t', 0) === undefined),
    );
    const leader = await cluster.untilLed();
    const produced = cluster.produce(leader, ['d']);
    await cluster.until('it is acknowledged', () => produced.outcome !== undefined);
    for (const id of [3, 4]) expect(cluster.get(id).values()).toEqual(['a', 'b', 'c', 'd']);
    expect(
      cluster
        .disk(1)
        .list('/simulated-1')
        .filter((name) => name.startsWith('t')),
    ).toEqual([expect.stringMatching(/^t-0\.[0-9a-f]{32}-delete$/)]);
  });

  test('a topic is deleted while it is followed', async () => {
    const cluster = await clusterOf([1, 2, 3]);
    cluster.produce(cluster.get(1), ['a'], 1);
    const id = cluster.controller.topicId('t');
    cluster.controller.response(
      'deleteTopics',
      {
        topics: [{ name: null, topicId: id }],
        topicNames: [],
        timeoutMs: 1000,
      },
      6,
    );
    await cluster.until('it is gone', () =>
      cluster.alive.every((broker) => broker.replicaManager.get('t', 0) === undefined),
    );
    cluster.controller.createTopic('t', [[3, 2, 1]]);
    await cluster.run(1000);
    const leader = await cluster.untilLed();
    expect(leader.id).toBe(3);
    const produced = cluster.produce(leader, ['b']);
    await cluster.until('it is acknowledged', () => produced.outcome !== undefined);
    expect(cluster.get(1).values()).toEqual(['b']);
  });
});

describe('a disk that fails', () => {
  test('a follower that cannot write falls out of the ISR, the others go on; it comes back when it can', async () => {
    const cluster = await clusterOf([1, 2, 3]);
    cluster.disk(3).failure = 'ENOSPC';
    const produced = cluster.produce(cluster.get(1), ['a']);
    await cluster.until('it is acknowledged', () => produced.outcome !== undefined, 5000);
    expect(produced.outcome).toBe('NONE');
    expect(cluster.registration().isr).toEqual([1, 2]);
    cluster.disk(3).failure = undefined;
    await cluster.untilInSync(3);
    expect(cluster.get(3).values()).toEqual(['a']);
  });

  test('a log that cannot be made is made when there is room', async () => {
    const cluster = await clusterOf([1, 2, 3]);
    cluster.disk(3).failure = 'ENOSPC';
    cluster.controller.createTopic('late', [[3]]);
    await cluster.run(1000);
    expect(cluster.get(3).replicaManager.get('late', 0)).toBeUndefined();
    cluster.disk(3).failure = undefined;
    await cluster.until('it is there', () => cluster.get(3).replicaManager.get('late', 0) !== undefined);
  });
});
