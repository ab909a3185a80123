/** Brokers register, are fenced when their session runs out, and leave by controlled shutdown, as in Kafka. */
import { expect, test } from 'vitest';
import { CLUSTER_ID, ControllerHarness, registration, uuid } from './controller-harness.ts';

test('the epoch of a new incarnation is the offset of its registration, and it starts fenced', () => {
  const harness = ControllerHarness.active();
  const before = harness.log.length;
  expect(harness.register(1)).toBe(before);
  expect(harness.records(before)).toMatchObject([
    { type: 'RegisterBrokerRecord', version: 4, body: { brokerId: 1, brokerEpoch: before, fenced: true } },
  ]);
  expect(harness.image.brokers.get(1)?.fenced).toBe(true);
});

test('a broker is unfenced once it has read its own registration', () => {
  const harness = ControllerHarness.active();
  const epoch = harness.register(1);
  expect(harness.heartbeat(1, { offset: epoch - 1 })).toEqual({
    isCaughtUp: false,
    isFenced: true,
    shouldShutDown: false,
  });
  expect(harness.heartbeat(1, { wantFence: true, offset: epoch })).toMatchObject({ isCaughtUp: true, isFenced: true });
  const before = harness.log.length;
  expect(harness.heartbeat(1, { offset: epoch })).toMatchObject({ isCaughtUp: true, isFenced: false });
  expect(harness.records(before)).toMatchObject([
    { type: 'BrokerRegistrationChangeRecord', version: 0, body: { brokerId: 1, brokerEpoch: epoch, fenced: -1 } },
  ]);
});

test('another process with the same id is refused while the first one lives, then let in', () => {
  const harness = ControllerHarness.active();
  harness.startBrokers(1);
  const second = registration(1, { incarnation: 2 });
  expect(harness.error('registerBroker', second)[0]).toBe('DUPLICATE_BROKER_REGISTRATION');
  harness.clock.runFor(9001);
  expect(harness.image.brokers.get(1)?.fenced).toBe(true);
  expect(harness.response('registerBroker', second).brokerEpoch).toBeGreaterThan(0);
});

test('the same process may register again: its epoch and state stay', () => {
  const harness = ControllerHarness.active();
  harness.startBrokers(1);
  const { epoch } = harness.image.brokers.get(1) ?? { epoch: -1 };
  expect(harness.register(1)).toBe(epoch);
  expect(harness.image.brokers.get(1)?.fenced).toBe(false);
});

test.each([
  [
    { clusterId: 'another' },
    'INCONSISTENT_CLUSTER_ID',
    `Expected cluster ID ${CLUSTER_ID}, but got cluster ID another`,
  ],
  [{ logDirs: [] }, 'INVALID_REGISTRATION', 'No directories specified in request'],
  [{ logDirs: ['AAAAAAAAAAAAAAAAAAAAAQ'] }, 'INVALID_REGISTRATION', 'Reserved directory ID in request'],
  [{ logDirs: [uuid(1), uuid(1)] }, 'INVALID_REGISTRATION', 'Duplicate directory ID in request'],
  [{ logDirs: [uuid(9)] }, 'INVALID_REGISTRATION', `Broker 9 is already registered with directory ${uuid(9)}`],
  [{ features: [] }, 'INVALID_REGISTRATION', "Request features do not contain 'metadata.version'"],
  [
    { features: [{ name: 'metadata.version', minSupportedVersion: 7, maxSupportedVersion: 30 }] },
    'UNSUPPORTED_VERSION',
    'Unable to register because the broker does not support finalized version 33 of metadata.version. ' +
      'The broker wants a version between 7 and 30, inclusive.',
  ],
  [
    { features: [{ name: 'metadata.version', minSupportedVersion: 7, maxSupportedVersion: 33 }] },
    'UNSUPPORTED_VERSION',
    'Unable to register because the broker does not support finalized version 1 of eligible.leader.replicas.version. ' +
      'The broker wants a version between 0 and 0, inclusive.',
  ],
  [{ isMigratingZkBroker: true }, 'BROKER_ID_NOT_REGISTERED', 'Controller does not support registering ZK brokers.'],
])('a registration with %j is refused', (change, errorName, message) => {
  const harness = ControllerHarness.active();
  harness.register(9);
  expect(harness.error('registerBroker', { ...registration(1), ...change })).toEqual([errorName, message]);
});

test('a broker without heartbeats is fenced after broker.session.timeout.ms, and no sooner', () => {
  const harness = ControllerHarness.active({ 'broker.session.timeout.ms': '5000' });
  harness.startBrokers(1, 2);
  harness.createTopic('t', [[1, 2]]);
  const before = harness.log.length;
  for (let elapsedMs = 0; elapsedMs < 4900; elapsedMs += 700) {
    harness.clock.runFor(700);
    harness.heartbeat(2);
  }
  expect(harness.image.brokers.get(1)?.fenced).toBe(false);
  harness.clock.runFor(200);
  expect(harness.image.brokers.get(1)?.fenced).toBe(true);
  expect(harness.image.brokers.get(2)?.fenced).toBe(false);
  // One batch: the partitions first, then the broker.
  expect(harness.recordTypes(before)).toEqual(['PartitionChangeRecord', 'BrokerRegistrationChangeRecord']);
  expect(harness.partition('t', 0)).toMatchObject({ isr: [2], leader: 2, leaderEpoch: 1, partitionEpoch: 1 });
});

test('a new active controller gives every broker a fresh session', () => {
  const harness = ControllerHarness.active();
  harness.startBrokers(1);
  harness.clock.runFor(8000);
  harness.controller.deactivate();
  harness.controller.activate(2, harness.loader.image);
  harness.clock.runFor(8000);
  expect(harness.image.brokers.get(1)?.fenced).toBe(false);
  harness.clock.runFor(1100);
  expect(harness.image.brokers.get(1)?.fenced).toBe(true);
});

test('who knows the epoch of the last incarnation has stopped cleanly, and need not wait for its session', () => {
  const harness = ControllerHarness.active();
  harness.startBrokers(1);
  const previousBrokerEpoch = harness.image.brokers.get(1)?.epoch ?? -1;
  const wrong = { ...registration(1, { incarnation: 2 }), previousBrokerEpoch: previousBrokerEpoch + 1 };
  expect(harness.error('registerBroker', wrong)[0]).toBe('DUPLICATE_BROKER_REGISTRATION');
  expect(harness.response('registerBroker', { ...wrong, previousBrokerEpoch }).brokerEpoch).toBeGreaterThan(0);
});

test("a restarted node's own broker need not wait for its predecessor's session; another process must", () => {
  const harness = ControllerHarness.active();
  harness.startBrokers(100);
  harness.controller.deactivate();
  const ours = registration(100, { incarnation: 5 });
  harness.controller.ownBrokerIncarnationId = ours.incarnationId;
  harness.controller.activate(2, harness.loader.image);
  const theirs = registration(100, { incarnation: 6 });
  expect(harness.error('registerBroker', theirs)[0]).toBe('DUPLICATE_BROKER_REGISTRATION');
  expect(harness.response('registerBroker', ours).brokerEpoch).toBeGreaterThan(0);
});

test('a heartbeat of an unknown or an older incarnation is refused', () => {
  const harness = ControllerHarness.active();
  const request = { brokerId: 1, brokerEpoch: 3, currentMetadataOffset: 0, wantFence: false, wantShutDown: false };
  const heartbeat = { ...request, offlineLogDirs: [], cordonedLogDirs: null };
  expect(harness.error('heartbeat', heartbeat)).toEqual([
    'STALE_BROKER_EPOCH',
    'No broker registration found for broker id 1',
  ]);
  const epoch = harness.register(1);
  expect(harness.error('heartbeat', heartbeat)).toEqual([
    'STALE_BROKER_EPOCH',
    `Expected broker epoch ${epoch}, but got broker epoch 3`,
  ]);
});

test('controlled shutdown moves leaderships away and ends when the others have read it', () => {
  const harness = ControllerHarness.active();
  harness.startBrokers(1, 2);
  harness.createTopic('t', [
    [1, 2],
    [2, 1],
  ]);
  const before = harness.log.length;
  expect(harness.heartbeat(1, { wantShutDown: true })).toMatchObject({ isFenced: false, shouldShutDown: false });
  expect(harness.records(before)).toMatchObject([
    { type: 'BrokerRegistrationChangeRecord', version: 1, body: { inControlledShutdown: 1 } },
    { type: 'PartitionChangeRecord', body: { partitionId: 0, isr: [2], leader: 2 } },
    { type: 'PartitionChangeRecord', body: { partitionId: 1, isr: [2], leader: -2 } },
  ]);
  // Broker 2 has not read the records yet, so who asks it would find no leader there.
  harness.heartbeat(2, { offset: before });
  expect(harness.heartbeat(1, { wantShutDown: true })).toMatchObject({ isFenced: false, shouldShutDown: false });
  harness.heartbeat(2, { offset: harness.log.length - 1 });
  expect(harness.heartbeat(1, { wantShutDown: true })).toMatchObject({ isFenced: true, shouldShutDown: true });
  expect(harness.image.brokers.get(1)?.fenced).toBe(true);
});

test('a broker that leads nothing may stop at once', () => {
  const harness = ControllerHarness.active();
  harness.startBrokers(1, 2);
  expect(harness.heartbeat(1, { wantShutDown: true })).toMatchObject({ isFenced: true, shouldShutDown: true });
});

test('a cordoned directory is told once, and its broker gets no new replicas', () => {
  const harness = ControllerHarness.active();
  harness.startBrokers(1, 2);
  const beat = () =>
    harness.response('heartbeat', {
      brokerId: 1,
      brokerEpoch: harness.image.brokers.get(1)?.epoch ?? -1,
      currentMetadataOffset: harness.log.length,
      wantFence: false,
      wantShutDown: false,
      offlineLogDirs: [],
      cordonedLogDirs: [uuid(1)],
    });
  const before = harness.log.length;
  beat();
  beat();
  expect(harness.records(before)).toMatchObject([
    { type: 'BrokerRegistrationChangeRecord', version: 3, body: { cordonedLogDirs: [uuid(1)] } },
  ]);
  harness.createTopic('manual', [[1]]);
  const results = harness.createTopics({
    name: 't',
    numPartitions: 4,
    replicationFactor: 1,
    assignments: [],
    configs: [],
  });
  expect(results).toMatchObject([{ name: 't' }]);
  expect(harness.image.topic('t')?.partitions.every(({ replicas }) => replicas[0] === 2)).toBe(true);
});

test('a failed directory takes its partitions out of the ISR', () => {
  const harness = ControllerHarness.active();
  harness.response('registerBroker', registration(1, { logDirs: [uuid(1), uuid(11)] }));
  harness.heartbeat(1);
  harness.startBrokers(2);
  harness.createTopic('t', [
    [1, 2],
    [1, 2],
  ]);
  const brokerEpoch = harness.image.brokers.get(1)?.epoch ?? -1;
  // With two directories the controller does not choose; the broker tells.
  expect(harness.partition('t', 0).directories[0]).toBe('AAAAAAAAAAAAAAAAAAAAAQ');
  const topicId = harness.topicId('t');
  harness.response('assignReplicasToDirs', {
    brokerId: 1,
    brokerEpoch,
    directories: [
      { id: uuid(1), topics: [{ topicId, partitions: [{ partitionIndex: 0 }] }] },
      { id: uuid(11), topics: [{ topicId, partitions: [{ partitionIndex: 1 }] }] },
    ],
  });
  expect(harness.partition('t', 1).directories).toEqual([uuid(11), uuid(2)]);
  harness.response('heartbeat', {
    brokerId: 1,
    brokerEpoch,
    currentMetadataOffset: harness.log.length,
    wantFence: false,
    wantShutDown: false,
    offlineLogDirs: [uuid(11)],
    cordonedLogDirs: null,
  });
  expect(harness.partition('t', 0)).toMatchObject({ isr: [1, 2], leader: 1 });
  expect(harness.partition('t', 1)).toMatchObject({ isr: [2], leader: 2 });
  expect(harness.image.brokers.get(1)?.directories).toEqual([uuid(1)]);
});

test('an unregistered broker is gone from ISRs and from the cluster', () => {
  const harness = ControllerHarness.active();
  harness.startBrokers(1, 2);
  harness.createTopic('t', [[1, 2]]);
  harness.response('unregisterBroker', 1);
  expect(harness.image.brokers.has(1)).toBe(false);
  expect(harness.partition('t', 0)).toMatchObject({ isr: [2], leader: 2 });
  expect(harness.error('unregisterBroker', 1)).toEqual([
    'BROKER_ID_NOT_REGISTERED',
    'Broker ID 1 is not currently registered',
  ]);
});

test('controllers register at each start and can be unregistered', () => {
  const harness = ControllerHarness.active();
  const listeners = [{ name: 'CONTROLLER', host: 'localhost', port: 9093, securityProtocol: 0 }];
  const features = [{ name: 'metadata.version', minSupportedVersion: 7, maxSupportedVersion: 33 }];
  const request = { controllerId: 100, incarnationId: uuid(5), zkMigrationReady: false, listeners, features };
  harness.response('registerController', request);
  expect(harness.image.controllers.get(100)).toMatchObject({ incarnationId: uuid(5), listeners });
  harness.response('unregisterController', 100);
  expect(harness.image.controllers.size).toBe(0);
  expect(harness.error('unregisterController', 100)[0]).toBe('CONTROLLER_ID_NOT_REGISTERED');
});

test('producer id blocks do not overlap, and stale brokers get none', () => {
  const harness = ControllerHarness.active();
  const brokerEpoch = harness.register(1);
  const allocate = () => harness.response('allocateProducerIds', { brokerId: 1, brokerEpoch });
  expect([allocate(), allocate()]).toEqual([
    { producerIdStart: 0, producerIdLen: 1000 },
    { producerIdStart: 1000, producerIdLen: 1000 },
  ]);
  expect(harness.image.nextProducerId).toBe(2000);
  expect(harness.error('allocateProducerIds', { brokerId: 1, brokerEpoch: 0 })[0]).toBe('STALE_BROKER_EPOCH');
});
