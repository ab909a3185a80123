/** AlterPartition and reassignments change partitions as Kafka's controller does. */
import { expect, test } from 'vitest';
import { ErrorCode } from '../../src/protocol/error-codes.ts';
import { ControllerHarness, TIMEOUT_MS, uuid } from './controller-harness.ts';

function cluster(...ids: number[]): ControllerHarness {
  const harness = ControllerHarness.active();
  harness.startBrokers(...ids);
  return harness;
}

interface Alteration {
  isr?: { brokerId: number; brokerEpoch: number }[];
  sender?: number;
  leaderEpoch?: number;
  partitionEpoch?: number;
  leaderRecoveryState?: number;
  partitionIndex?: number;
  topicId?: string;
}

function alter(harness: ControllerHarness, alteration: Alteration) {
  const partition = harness.partition('t', 0);
  const sender = alteration.sender ?? partition.leader;
  const request = {
    brokerId: sender,
    brokerEpoch: harness.image.brokers.get(sender)?.epoch ?? -1,
    topics: [
      {
        topicId: alteration.topicId ?? harness.topicId('t'),
        partitions: [
          {
            partitionIndex: alteration.partitionIndex ?? 0,
            leaderEpoch: alteration.leaderEpoch ?? partition.leaderEpoch,
            newIsr: [],
            newIsrWithEpochs: alteration.isr ?? members(harness, ...partition.isr),
            leaderRecoveryState: alteration.leaderRecoveryState ?? 0,
            partitionEpoch: alteration.partitionEpoch ?? partition.partitionEpoch,
          },
        ],
      },
    ],
  };
  return harness.response('alterPartition', request, 3).topics?.[0]?.partitions?.[0];
}

function members(harness: ControllerHarness, ...ids: number[]) {
  return ids.map((brokerId) => ({ brokerId, brokerEpoch: harness.image.brokers.get(brokerId)?.epoch ?? -1 }));
}

test('a leader shrinks and expands its ISR; each change raises the partition epoch only', () => {
  const harness = cluster(1, 2, 3);
  harness.createTopic('t', [[1, 2, 3]]);
  expect(alter(harness, { isr: members(harness, 1, 3) })).toEqual({
    partitionIndex: 0,
    leaderId: 1,
    leaderEpoch: 0,
    isr: [1, 3],
    leaderRecoveryState: 0,
    partitionEpoch: 1,
  });
  expect(alter(harness, { isr: members(harness, 1, 2, 3) })).toMatchObject({ isr: [1, 2, 3], partitionEpoch: 2 });
  expect(harness.partition('t', 0)).toMatchObject({ isr: [1, 2, 3], leaderEpoch: 0, partitionEpoch: 2 });
});

test('an ISR that is as before writes nothing', () => {
  const harness = cluster(1, 2);
  harness.createTopic('t', [[1, 2]]);
  const before = harness.log.length;
  expect(alter(harness, {})).toMatchObject({ partitionEpoch: 0 });
  expect(harness.log.length).toBe(before);
});

test.each<[string, (harness: ControllerHarness) => Alteration]>([
  ['NOT_CONTROLLER', () => ({ leaderEpoch: 9 })],
  ['NOT_CONTROLLER', () => ({ partitionEpoch: 9 })],
  ['FENCED_LEADER_EPOCH', () => ({ leaderEpoch: -1 })],
  ['INVALID_REQUEST', () => ({ sender: 2 })],
  ['INVALID_UPDATE_VERSION', () => ({ partitionEpoch: -1 })],
  ['INVALID_REQUEST', () => ({ isr: [] })],
  ['INVALID_REQUEST', (harness) => ({ isr: members(harness, 1, 1) })],
  ['INVALID_REQUEST', (harness) => ({ isr: members(harness, 1, 4) })],
  ['INVALID_REQUEST', (harness) => ({ isr: members(harness, 2, 3) })],
  ['INVALID_REQUEST', (harness) => ({ isr: members(harness, 1), leaderRecoveryState: 1 })],
  ['INELIGIBLE_REPLICA', (harness) => ({ isr: [...members(harness, 1), { brokerId: 2, brokerEpoch: 4 }] })],
  ['UNKNOWN_TOPIC_OR_PARTITION', () => ({ partitionIndex: 5 })],
  ['UNKNOWN_TOPIC_ID', () => ({ topicId: uuid(99) })],
])('an AlterPartition that cannot be is refused with %s', (errorName, alteration) => {
  const harness = cluster(1, 2, 3, 4);
  harness.createTopic('t', [[1, 2, 3]]);
  const before = harness.log.length;
  expect(alter(harness, alteration(harness))?.errorCode).toBe(ErrorCode[errorName as keyof typeof ErrorCode]);
  expect(harness.log.length).toBe(before);
});

test('a fenced broker and one on its way out are not let into an ISR', () => {
  const harness = cluster(1, 2, 3);
  harness.createTopic('t', [[1, 2, 3]]);
  alter(harness, { isr: members(harness, 1) });
  harness.heartbeat(2, { wantFence: true });
  expect(alter(harness, { isr: members(harness, 1, 2) })?.errorCode).toBe(ErrorCode.INELIGIBLE_REPLICA);
  harness.createTopic('u', [[3]]);
  harness.heartbeat(3, { wantShutDown: true });
  expect(alter(harness, { isr: members(harness, 1, 3) })?.errorCode).toBe(ErrorCode.INELIGIBLE_REPLICA);
});

test('an AlterPartition of a stale incarnation is refused as a whole', () => {
  const harness = cluster(1);
  harness.createTopic('t', [[1]]);
  const request = { brokerId: 1, brokerEpoch: 1, topics: [] };
  expect(harness.error('alterPartition', request, 3)[0]).toBe('STALE_BROKER_EPOCH');
});

function reassign(harness: ControllerHarness, replicas: number[] | null, allowReplicationFactorChange = true) {
  const partitions = [{ partitionIndex: 0, replicas }];
  const request = { timeoutMs: TIMEOUT_MS, allowReplicationFactorChange, topics: [{ name: 't', partitions }] };
  const response = harness.response('alterPartitionReassignments', request);
  return response.responses?.[0]?.partitions?.[0];
}

test('a reassignment ends with the record that brings its last new replica into the ISR', () => {
  const harness = cluster(1, 2, 3, 4, 5);
  harness.createTopic('t', [[3, 1, 2]]);
  let before = harness.log.length;
  expect(reassign(harness, [4, 5, 2])).toEqual({ partitionIndex: 0, errorMessage: null });
  expect(harness.records(before)).toMatchObject([
    {
      body: {
        replicas: [4, 5, 2, 1, 3],
        removingReplicas: [1, 3],
        addingReplicas: [4, 5],
        directories: [uuid(4), uuid(5), uuid(2), uuid(1), uuid(3)],
        leader: -2,
      },
    },
  ]);
  const listRequest = { timeoutMs: TIMEOUT_MS, topics: null };
  expect(harness.response('listPartitionReassignments', listRequest).topics).toEqual([
    {
      name: 't',
      partitions: [{ partitionIndex: 0, replicas: [4, 5, 2, 1, 3], addingReplicas: [4, 5], removingReplicas: [1, 3] }],
    },
  ]);
  alter(harness, { isr: members(harness, 1, 2, 3, 4) });
  before = harness.log.length;
  // The old leader is not among the replicas any more; it is told to look up who is.
  expect(alter(harness, { isr: members(harness, 1, 2, 3, 4, 5) })?.errorCode).toBe(ErrorCode.NEW_LEADER_ELECTED);
  expect(harness.records(before)).toMatchObject([
    { body: { isr: [2, 4, 5], leader: 4, replicas: [4, 5, 2], removingReplicas: [], addingReplicas: [] } },
  ]);
  expect(harness.partition('t', 0)).toMatchObject({ replicas: [4, 5, 2], directories: [uuid(4), uuid(5), uuid(2)] });
  expect(harness.response('listPartitionReassignments', listRequest).topics).toEqual([]);
});

test('replicas that are only taken away go at once', () => {
  const harness = cluster(1, 2, 3);
  harness.createTopic('t', [[1, 2, 3]]);
  reassign(harness, [2, 3]);
  expect(harness.partition('t', 0)).toMatchObject({ replicas: [2, 3], isr: [2, 3], leader: 2, removingReplicas: [] });
});

// Apache Kafka counts it among the eligible ones, and then never turns to the last leader when that one comes back.
test('a replica that was taken away is not eligible any more', () => {
  const harness = cluster(1, 2, 3);
  harness.createTopic('t', [[1, 2]], { 'min.insync.replicas': '2' });
  reassign(harness, [3, 2]);
  alter(harness, { isr: members(harness, 1) });
  alter(harness, { isr: members(harness, 1, 3) });
  expect(harness.partition('t', 0)).toMatchObject({ replicas: [3, 2], isr: [3], elr: [2], leader: 3 });
});

test('a change of order alone bumps no leader epoch, and the same list is no change', () => {
  const harness = cluster(1, 2);
  harness.createTopic('t', [[1, 2]]);
  const before = harness.log.length;
  reassign(harness, [1, 2]);
  expect(harness.log.length).toBe(before);
  reassign(harness, [2, 1]);
  expect(harness.partition('t', 0)).toMatchObject({ replicas: [2, 1], leader: 1, leaderEpoch: 0, partitionEpoch: 1 });
});

// Apache Kafka keeps the adding replicas of the reassignment before when the new one adds none: it never ends there.
test('a reassignment back to where another one began ends at once', () => {
  const harness = cluster(1, 2, 3);
  harness.createTopic('t', [[1, 2]]);
  reassign(harness, [3, 2]);
  expect(harness.partition('t', 0)).toMatchObject({ replicas: [3, 2, 1], addingReplicas: [3], removingReplicas: [1] });
  reassign(harness, [1, 2]);
  expect(harness.partition('t', 0)).toMatchObject({
    replicas: [1, 2],
    isr: [1, 2],
    addingReplicas: [],
    removingReplicas: [],
  });
});

test('a reassignment that takes over another one waits for what that one was adding', () => {
  const harness = cluster(1, 2, 3);
  harness.createTopic('t', [[1, 2]]);
  reassign(harness, [1, 3]);
  reassign(harness, [3, 2]);
  expect(harness.partition('t', 0)).toMatchObject({ replicas: [3, 2, 1], addingReplicas: [3], removingReplicas: [1] });
  alter(harness, { isr: members(harness, 1, 2, 3) });
  expect(harness.partition('t', 0)).toMatchObject({ replicas: [3, 2], isr: [2, 3], addingReplicas: [] });
});

test('a cancelled reassignment leaves the replicas that were there', () => {
  const harness = cluster(1, 2, 3);
  harness.createTopic('t', [[1, 2]]);
  expect(reassign(harness, null)).toEqual({
    partitionIndex: 0,
    errorCode: ErrorCode.NO_REASSIGNMENT_IN_PROGRESS,
    errorMessage: null,
  });
  reassign(harness, [3, 2]);
  expect(harness.partition('t', 0).addingReplicas).toEqual([3]);
  reassign(harness, null);
  expect(harness.partition('t', 0)).toMatchObject({
    replicas: [2, 1],
    isr: [1, 2],
    addingReplicas: [],
    removingReplicas: [],
  });
});

test.each([
  [[], 39, 'The manual partition assignment includes an empty replica list.'],
  [[9], 39, 'The manual partition assignment includes broker 9, but no such broker is registered.'],
  [[1, 1], 39, 'The manual partition assignment includes the broker 1 more than once.'],
])('a reassignment to %j is refused', (replicas, errorCode, errorMessage) => {
  const harness = cluster(1, 2);
  harness.createTopic('t', [[1, 2]]);
  expect(reassign(harness, replicas)).toEqual({ partitionIndex: 0, errorCode, errorMessage });
});

test('another number of replicas is refused when the request does not allow it', () => {
  const harness = cluster(1, 2, 3);
  harness.createTopic('t', [[1, 2]]);
  expect(reassign(harness, [1, 2, 3], false)).toEqual({
    partitionIndex: 0,
    errorCode: 38,
    errorMessage: 'The replication factor is changed from 2 to 3',
  });
});

test('reassignments of what is not there are refused', () => {
  const harness = cluster(1);
  harness.createTopic('t', [[1]]);
  const request = {
    timeoutMs: TIMEOUT_MS,
    allowReplicationFactorChange: true,
    topics: [
      { name: 'nope', partitions: [{ partitionIndex: 0, replicas: [1] }] },
      { name: 't', partitions: [{ partitionIndex: 77, replicas: [1] }] },
    ],
  };
  const { responses } = harness.response('alterPartitionReassignments', request);
  expect(responses?.map(({ partitions }) => partitions?.[0]?.errorMessage)).toEqual([
    'Unable to find a topic named nope.',
    'Unable to find partition t:77.',
  ]);
});
