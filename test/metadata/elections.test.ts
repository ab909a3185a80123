/** Leaders come from the ISR, then from the eligible leader replicas (KIP-966), and unclean only where that is allowed. */
import { expect, test } from 'vitest';
import { ControllerHarness, TIMEOUT_MS } from './controller-harness.ts';

function cluster(...ids: number[]): ControllerHarness {
  const harness = ControllerHarness.active({ 'leader.imbalance.check.interval.seconds': '300' });
  harness.startBrokers(...ids);
  return harness;
}

/** Stops a broker without a word; it comes back as another incarnation. */
function crash(harness: ControllerHarness, id: number): void {
  harness.expire(id);
}

function restart(harness: ControllerHarness, id: number, options: { clean?: boolean } = {}): void {
  const previous = harness.image.brokers.get(id)?.epoch ?? -1;
  const incarnation = id + 100 * harness.log.length;
  harness.register(id, { incarnation, previousBrokerEpoch: options.clean ? previous : -1 });
  harness.heartbeat(id);
}

function joinIsr(harness: ControllerHarness, topicName: string, isr: number[]): void {
  const partition = harness.partition(topicName, 0);
  const response = harness.response(
    'alterPartition',
    {
      brokerId: partition.leader,
      brokerEpoch: harness.image.brokers.get(partition.leader)?.epoch ?? -1,
      topics: [
        {
          topicId: harness.topicId(topicName),
          partitions: [
            {
              partitionIndex: 0,
              leaderEpoch: partition.leaderEpoch,
              newIsr: [],
              newIsrWithEpochs: isr.map((brokerId) => ({ brokerId, brokerEpoch: -1 })),
              leaderRecoveryState: 0,
              partitionEpoch: partition.partitionEpoch,
            },
          ],
        },
      ],
    },
    3,
  );
  const code = response.topics?.[0]?.partitions?.[0]?.errorCode ?? 0;
  if (code !== 0) throw new Error(`AlterPartition was answered with ${code}`);
}

test('the first replica in sync takes over from a leader that is fenced', () => {
  const harness = cluster(1, 2, 3);
  harness.createTopic('t', [[1, 3, 2]]);
  crash(harness, 1);
  expect(harness.partition('t', 0)).toMatchObject({ leader: 3, leaderEpoch: 1, isr: [3, 2], elr: [] });
});

test('who leaves the ISR below min.insync.replicas stays eligible, until the ISR is full again', () => {
  const harness = cluster(1, 2, 3);
  harness.createTopic('t', [[1, 2, 3]], { 'min.insync.replicas': '2' });
  crash(harness, 3);
  expect(harness.partition('t', 0)).toMatchObject({ isr: [1, 2], elr: [] });
  crash(harness, 2);
  expect(harness.partition('t', 0)).toMatchObject({ isr: [1], elr: [2], leader: 1 });
  restart(harness, 2, { clean: true });
  joinIsr(harness, 't', [1, 2]);
  expect(harness.partition('t', 0)).toMatchObject({ isr: [1, 2], elr: [], lastKnownElr: [] });
});

test('with the ISR empty an eligible replica that stopped cleanly leads, without recovery', () => {
  const harness = cluster(1, 2);
  harness.createTopic('t', [[1, 2]], { 'min.insync.replicas': '2' });
  crash(harness, 2);
  crash(harness, 1);
  expect(harness.partition('t', 0)).toMatchObject({ isr: [], elr: [1, 2], lastKnownElr: [1], leader: -1 });
  restart(harness, 2, { clean: true });
  expect(harness.partition('t', 0)).toMatchObject({
    isr: [2],
    elr: [1],
    lastKnownElr: [],
    leader: 2,
    leaderRecoveryState: 0,
  });
});

test('an eligible replica that crashed is not: only the last known leader may come back, and has to recover', () => {
  const harness = cluster(1, 2);
  harness.createTopic('t', [[1, 2]]);
  crash(harness, 2);
  crash(harness, 1);
  expect(harness.partition('t', 0)).toMatchObject({ isr: [], elr: [1], lastKnownElr: [1], leader: -1 });
  restart(harness, 2);
  expect(harness.partition('t', 0)).toMatchObject({ leader: -1 });
  const before = harness.log.length;
  restart(harness, 1);
  // As a real cluster wrote it: the ELR goes before the registration, the leader comes with the unfencing.
  expect(harness.records(before)).toMatchObject([
    { type: 'PartitionChangeRecord', body: { eligibleLeaderReplicas: [] } },
    { type: 'RegisterBrokerRecord' },
    { type: 'BrokerRegistrationChangeRecord', body: { fenced: -1 } },
    { type: 'PartitionChangeRecord', body: { isr: [1], leader: 1, leaderRecoveryState: 1, lastKnownElr: [] } },
  ]);
});

test('min.insync.replicas counts no more than there are replicas', () => {
  const harness = cluster(1, 2);
  harness.createTopic('t', [[1, 2]], { 'min.insync.replicas': '5' });
  crash(harness, 2);
  expect(harness.partition('t', 0)).toMatchObject({ isr: [1], elr: [2] });
});

test('a change of min.insync.replicas clears the eligible replicas', () => {
  const harness = cluster(1, 2);
  harness.createTopic('t', [[1, 2]], { 'min.insync.replicas': '2' });
  crash(harness, 2);
  const { partitionEpoch } = harness.partition('t', 0);
  const configs = [{ name: 'min.insync.replicas', configOperation: 0, value: '1' }];
  const request = { resources: [{ resourceType: 2, resourceName: 't', configs }], validateOnly: false };
  harness.response('incrementalAlterConfigs', request, { isForwarded: false });
  expect(harness.partition('t', 0)).toMatchObject({ elr: [], partitionEpoch: partitionEpoch + 1 });
});

test('an unclean leader is elected where unclean.leader.election.enable allows it, and only there', () => {
  const harness = cluster(1, 2);
  harness.createTopic('kept', [[1, 2]]);
  harness.createTopic('risked', [[1, 2]], { 'unclean.leader.election.enable': 'true' });
  for (const name of ['kept', 'risked']) joinIsr(harness, name, [1]);
  crash(harness, 1);
  expect(harness.partition('kept', 0)).toMatchObject({ leader: -1, elr: [1] });
  expect(harness.partition('risked', 0)).toMatchObject({ leader: 2, isr: [2], elr: [], leaderRecoveryState: 1 });
});

test('ElectLeaders gives the preferred replica its leadership back, when it is in sync', () => {
  const harness = cluster(1, 2);
  harness.createTopic('t', [[1, 2]]);
  crash(harness, 1);
  const elect = (electionType: number, topicPartitions: { topic: string; partitions: number[] }[] | null) =>
    harness.response('electLeaders', { electionType, topicPartitions, timeoutMs: TIMEOUT_MS }).replicaElectionResults;
  const one = [{ topic: 't', partitions: [0] }];
  expect(elect(0, one)).toMatchObject([{ partitionResult: [{ partitionId: 0, errorCode: 80 }] }]);
  restart(harness, 1, { clean: true });
  joinIsr(harness, 't', [1, 2]);
  const before = harness.log.length;
  expect(elect(0, one)).toEqual([{ topic: 't', partitionResult: [{ partitionId: 0, errorMessage: null }] }]);
  expect(harness.records(before)).toMatchObject([{ body: { leader: 1, isr: null } }]);
  expect(elect(0, one)).toEqual([
    {
      topic: 't',
      partitionResult: [
        { partitionId: 0, errorCode: 84, errorMessage: 'Leader election not needed for topic partition.' },
      ],
    },
  ]);
  expect(elect(0, null)).toEqual([{ topic: 't', partitionResult: [] }]);
  expect(elect(0, [{ topic: 't', partitions: [9] }])).toMatchObject([
    { partitionResult: [{ errorCode: 3, errorMessage: 'No such partition as t-9' }] },
  ]);
  expect(elect(0, [{ topic: 'nope', partitions: [0] }])).toMatchObject([
    { partitionResult: [{ errorCode: 3, errorMessage: 'No such topic as nope' }] },
  ]);
  const bad = { electionType: 7, topicPartitions: null, timeoutMs: TIMEOUT_MS };
  expect(harness.error('electLeaders', bad)).toEqual(['INVALID_REQUEST', 'Unknown election type 7']);
});

test('an unclean ElectLeaders brings a partition back that has no leader', () => {
  const harness = cluster(1, 2);
  harness.createTopic('t', [[1, 2]]);
  joinIsr(harness, 't', [1]);
  crash(harness, 1);
  const request = { electionType: 1, topicPartitions: null, timeoutMs: TIMEOUT_MS };
  harness.response('electLeaders', request);
  expect(harness.partition('t', 0)).toMatchObject({ leader: 2, isr: [2], leaderRecoveryState: 1 });
});

test('the controller itself balances leaders every leader.imbalance.check.interval.seconds', () => {
  const harness = cluster(1, 2);
  harness.createTopic('t', [[1, 2]]);
  crash(harness, 1);
  restart(harness, 1, { clean: true });
  joinIsr(harness, 't', [1, 2]);
  expect(harness.partition('t', 0).leader).toBe(2);
  for (let seconds = 0; seconds < 300; seconds += 2) {
    harness.clock.runFor(2000);
    harness.heartbeat(1);
    harness.heartbeat(2);
  }
  expect(harness.partition('t', 0).leader).toBe(1);
});
