/** Goal: the parts that replication is made of do what Kafka's do, each by itself. */
import { describe, expect, test } from 'vitest';
import { KafkaError } from '../../../src/base/kafka-error.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import {
  type AlterPartitionOutcome,
  AlterPartitionSender,
} from '../../../src/broker/replication/alter-partition-sender.ts';
import { DirectoryAssignments } from '../../../src/broker/replication/directory-assignments.ts';
import {
  type FetchPosition,
  FetchSessionClient,
  type FetchTarget,
} from '../../../src/broker/replication/fetch-session-client.ts';
import { replicaSelector, selectByRack } from '../../../src/broker/replication/replica-selector.ts';
import { ReplicaState } from '../../../src/broker/replication/replica-state.ts';
import { ReplicationQuota, throttledPartitions } from '../../../src/broker/replication/replication-quota.ts';
import type { AlterPartitionRequest } from '../../../src/protocol/messages/56-alter-partition.ts';
import type { AssignReplicasToDirsRequest } from '../../../src/protocol/messages/73-assign-replicas-to-dirs.ts';
import { uuid } from '../../metadata/controller-harness.ts';
import { SimulatedClock } from '../../simulation/simulated-clock.ts';

describe('the fetcher’s side of a fetch session', () => {
  const a: FetchTarget = { topic: 'a', topicId: uuid(1), partition: 0 };
  const b: FetchTarget = { topic: 'b', topicId: uuid(2), partition: 7 };
  const at = (fetchOffset: number): FetchPosition => ({
    fetchOffset,
    logStartOffset: 0,
    currentLeaderEpoch: 3,
    lastFetchedEpoch: 2,
  });
  const offsets = (request: ReturnType<FetchSessionClient<FetchTarget>['next']>) =>
    request?.topics.map(({ topicId, partitions }) => [topicId, partitions?.map(({ fetchOffset }) => fetchOffset)]);

  test('names all at first, then only what changed, came or went', () => {
    const session = new FetchSessionClient<FetchTarget>();
    const first = session.next(new Map([[a, at(5)]]), 100);
    expect(first).toMatchObject({ sessionId: 0, sessionEpoch: 0, forgottenTopicsData: [] });
    expect(first?.topics).toEqual([
      { topic: 'a', topicId: uuid(1), partitions: [{ partition: 0, ...at(5), partitionMaxBytes: 100 }] },
    ]);
    session.succeeded(77);
    expect(session.next(new Map([[a, at(5)]]), 100)).toMatchObject({ sessionId: 77, sessionEpoch: 1, topics: [] });
    session.succeeded(77);
    const third = session.next(
      new Map([
        [a, at(6)],
        [b, at(0)],
      ]),
      100,
    );
    expect([third?.sessionEpoch, offsets(third)]).toEqual([
      2,
      [
        [uuid(1), [6]],
        [uuid(2), [0]],
      ],
    ]);
    session.succeeded(77);
    const fourth = session.next(new Map([[b, at(0)]]), 100);
    expect(fourth).toMatchObject({
      topics: [],
      forgottenTopicsData: [{ topic: 'a', topicId: uuid(1), partitions: [0] }],
    });
  });

  test('after an error it begins anew, and names the session that it gives up unless the leader has none', () => {
    const session = new FetchSessionClient<FetchTarget>();
    session.next(new Map([[a, at(5)]]), 100);
    session.succeeded(77);
    session.next(new Map([[a, at(6)]]), 100);
    session.failed(false);
    const again = session.next(new Map([[a, at(6)]]), 100);
    expect([again?.sessionId, again?.sessionEpoch, offsets(again)]).toEqual([77, 0, [[uuid(1), [6]]]]);
    session.failed(true);
    expect(session.next(new Map([[a, at(6)]]), 100)).toMatchObject({ sessionId: 0, sessionEpoch: 0 });
  });

  test('a leader without room for sessions is sent everything each time', () => {
    const session = new FetchSessionClient<FetchTarget>();
    for (let i = 0; i < 3; i++) {
      expect(offsets(session.next(new Map([[a, at(5)]]), 100))).toEqual([[uuid(1), [5]]]);
      session.succeeded(0);
    }
  });

  test('nothing to fetch and nothing to forget is no request', () => {
    expect(new FetchSessionClient<FetchTarget>().next(new Map(), 100)).toBeUndefined();
  });
});

describe('what a leader knows of a follower', () => {
  test('it has caught up when it has what the leader had at its previous fetch', () => {
    const follower = new ReplicaState(2);
    follower.update(0, 0, 100, 10, 1);
    follower.update(10, 0, 200, 30, 1);
    expect(follower.lastCaughtUpTimeMs).toBe(100);
    follower.update(20, 0, 300, 40, 1);
    expect(follower.lastCaughtUpTimeMs).toBe(100);
    follower.update(40, 0, 400, 40, 1);
    expect(follower.lastCaughtUpTimeMs).toBe(400);
    expect(follower.isCaughtUp(40, 99_999, 10)).toBe(true);
    expect([follower.isCaughtUp(41, 410, 10), follower.isCaughtUp(41, 411, 10)]).toEqual([true, false]);
  });
});

describe('the replica in the consumer’s rack', () => {
  const leader = { id: 1, rack: 'a', logEndOffset: 10, msSinceCaughtUp: 0 };
  const replica = (id: number, rack: string, logEndOffset: number, msSinceCaughtUp = 0) => ({
    id,
    rack,
    logEndOffset,
    msSinceCaughtUp,
  });

  test('is the leader when that is there, or nobody is, or the consumer has no rack', () => {
    expect(selectByRack('a', leader, [replica(2, 'a', 10)])).toBe(1);
    expect(selectByRack('c', leader, [replica(2, 'b', 10)])).toBe(1);
    expect(selectByRack('', leader, [replica(2, '', 10)])).toBe(1);
  });

  test('is else the one that is furthest, then that caught up last', () => {
    expect(selectByRack('b', leader, [replica(2, 'b', 8), replica(3, 'b', 9), replica(4, 'b', 7)])).toBe(3);
    expect(selectByRack('b', leader, [replica(2, 'b', 9, 50), replica(3, 'b', 9, 40)])).toBe(3);
  });

  test('is asked for only with RackAwareReplicaSelector', () => {
    expect(replicaSelector(null)).toBeUndefined();
    expect(replicaSelector('org.apache.kafka.common.replica.LeaderSelector')).toBeUndefined();
    expect(replicaSelector('org.apache.kafka.common.replica.RackAwareReplicaSelector')).toBe(selectByRack);
  });
});

describe('the throttle of a reassignment', () => {
  test('lists name partitions and brokers', () => {
    expect(throttledPartitions('', 1)).toBeUndefined();
    expect(throttledPartitions('*', 1)).toBe('*');
    expect(throttledPartitions('0:1,1:2, 2:1', 1)).toEqual(new Set([0, 2]));
  });

  test('is exceeded when the bytes of the last windows are more than the rate, and only then', () => {
    const clock = new SimulatedClock();
    const quota = new ReplicationQuota({
      clock,
      rateBytesPerSecond: () => 100,
      throttledPartitions: (topic) => (topic === 't' ? new Set([1]) : undefined),
      windowSizeMs: 1000,
      windowCount: 11,
    });
    expect([quota.isThrottled('t', 1), quota.isThrottled('t', 2), quota.isThrottled('u', 1)]).toEqual([
      true,
      false,
      false,
    ]);
    expect(quota.isExceeded).toBe(false);
    quota.record(100);
    expect(quota.isExceeded).toBe(false);
    quota.record(150);
    expect(quota.isExceeded).toBe(true);
    clock.runFor(2600);
    expect(quota.isExceeded).toBe(false);
    clock.runFor(20_000);
    quota.record(101);
    expect(quota.isExceeded).toBe(true);
  });
});

describe('what the controller is asked', () => {
  const update = { leaderEpoch: 1, partitionEpoch: 4, leaderRecoveryState: 0, isr: [{ brokerId: 1, brokerEpoch: 9 }] };

  function alterPartitions() {
    const clock = new SimulatedClock();
    const requests: AlterPartitionRequest[] = [];
    const answers: ((codes: Record<number, number>) => void)[] = [];
    const refusals: ((error: KafkaError) => void)[] = [];
    const sender = new AlterPartitionSender({
      nodeId: 1,
      clock,
      logger: silentLogger,
      brokerEpoch: () => 9,
      channel: {
        alterPartition: (request, done, failed) => {
          requests.push(request);
          refusals.push(failed);
          answers.push((codes) =>
            done({
              topics: request.topics.map(({ topicId, partitions }) => ({
                topicId,
                partitions: partitions
                  .filter(({ partitionIndex }) => codes[partitionIndex] !== undefined)
                  .map(({ partitionIndex }) => ({
                    partitionIndex,
                    errorCode: codes[partitionIndex] ?? 0,
                    isr: [1],
                    leaderEpoch: 1,
                    partitionEpoch: 5,
                  })),
              })),
            }),
          );
        },
      },
    });
    const outcomes: Record<number, AlterPartitionOutcome> = {};
    const submit = (partition: number): void =>
      sender.submit(uuid(1), partition, update, (outcome) => {
        outcomes[partition] = outcome;
      });
    return { clock, requests, answers, refusals, outcomes, submit };
  }

  test('ISR changes that come up together travel together, one request at a time', () => {
    const { clock, requests, answers, outcomes, submit } = alterPartitions();
    submit(0);
    submit(1);
    clock.runFor(0);
    submit(2);
    clock.runFor(100);
    expect(requests.map(({ topics }) => topics[0]?.partitions.map(({ partitionIndex }) => partitionIndex))).toEqual([
      [0, 1],
    ]);
    expect(requests[0]).toMatchObject({ brokerId: 1, brokerEpoch: 9 });
    answers[0]?.({ 0: 0, 1: 95 });
    expect(outcomes).toEqual({
      0: { isr: [1], leaderEpoch: 1, partitionEpoch: 5 },
      1: { error: 'INVALID_UPDATE_VERSION' },
    });
    expect(requests[1]?.topics[0]?.partitions.map(({ partitionIndex }) => partitionIndex)).toEqual([2]);
  });

  test('a second change of a partition is not attempted while one is on its way', () => {
    const { clock, outcomes, submit } = alterPartitions();
    submit(0);
    submit(0);
    clock.runFor(0);
    expect(outcomes).toEqual({ 0: { error: 'OPERATION_NOT_ATTEMPTED' } });
  });

  test('what the controller refuses as a whole or forgets is sent again, a little later', () => {
    const { clock, requests, answers, refusals, outcomes, submit } = alterPartitions();
    submit(0);
    submit(1);
    clock.runFor(0);
    refusals[0]?.(new KafkaError('STALE_BROKER_EPOCH'));
    clock.runFor(49);
    expect(requests).toHaveLength(1);
    clock.runFor(1);
    expect(requests).toHaveLength(2);
    answers[1]?.({ 0: 0 });
    clock.runFor(50);
    expect(requests[2]?.topics[0]?.partitions.map(({ partitionIndex }) => partitionIndex)).toEqual([1]);
    expect(Object.keys(outcomes)).toEqual(['0']);
  });

  test('log directories are told in one request, the newest for each replica, until the controller has them', () => {
    const clock = new SimulatedClock();
    const requests: AssignReplicasToDirsRequest[] = [];
    let errorCode = 3;
    const assignments = new DirectoryAssignments({
      nodeId: 1,
      clock,
      logger: silentLogger,
      brokerEpoch: () => 9,
      channel: {
        assignReplicasToDirs: (request, done) => {
          requests.push(request);
          clock.schedule(1, () =>
            done({
              directories: request.directories.map(({ id, topics }) => ({
                id,
                topics: topics.map(({ topicId, partitions }) => ({
                  topicId,
                  partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
                })),
              })),
            }),
          );
        },
      },
    });
    assignments.assign(uuid(1), 0, uuid(50));
    assignments.assign(uuid(1), 0, uuid(51));
    assignments.assign(uuid(1), 1, uuid(50));
    clock.runFor(10);
    const topics = (partitionIndex: number) => [{ topicId: uuid(1), partitions: [{ partitionIndex }] }];
    const wanted = {
      brokerId: 1,
      brokerEpoch: 9,
      directories: [
        { id: uuid(51), topics: topics(0) },
        { id: uuid(50), topics: topics(1) },
      ],
    };
    expect(requests).toEqual([wanted]);
    errorCode = 0;
    clock.runFor(1000);
    expect(requests).toEqual([wanted, wanted]);
    clock.runFor(5000);
    expect(requests).toHaveLength(2);
  });
});
