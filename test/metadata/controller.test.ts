/** Decide, append, apply, answer when committed: the controller's machine around its decisions. */
import { expect, test } from 'vitest';
import { KafkaError } from '../../src/base/kafka-error.ts';
import { bootstrapRecords } from '../../src/metadata/bootstrap.ts';
import { MetadataImage } from '../../src/metadata/metadata-image.ts';
import { metadataRecord } from '../../src/metadata/metadata-record.ts';
import { ControllerHarness, TIMEOUT_MS, topic } from './controller-harness.ts';

test('the first active controller writes the bootstrap transaction, later ones do not', () => {
  const harness = ControllerHarness.active({ 'min.insync.replicas': '2' });
  expect(harness.records(0)).toMatchObject([
    { type: 'BeginTransactionRecord', body: { name: 'Bootstrap records' } },
    { type: 'FeatureLevelRecord', body: { name: 'metadata.version', featureLevel: 33 } },
    { type: 'FeatureLevelRecord', body: { name: 'eligible.leader.replicas.version', featureLevel: 1 } },
    { type: 'FeatureLevelRecord', body: { name: 'group.version', featureLevel: 1 } },
    { type: 'ConfigRecord', body: { resourceType: 4, resourceName: '', name: 'min.insync.replicas', value: '2' } },
    { type: 'EndTransactionRecord' },
  ]);
  harness.commit();
  harness.controller.activate(2, harness.loader.image);
  expect(harness.log.length).toBe(6);
});

test('without ELR there is no default of min.insync.replicas', () => {
  expect(bootstrapRecords(new Map([['metadata.version', 33]])).map(({ type }) => type)).toEqual(['FeatureLevelRecord']);
});

test('a transaction that was left open is aborted first', () => {
  const harness = ControllerHarness.active();
  harness.commit();
  const before = harness.log.length;
  harness.controller.activate(2, harness.loader.image, true);
  expect(harness.records(before)).toMatchObject([
    { type: 'AbortTransactionRecord', body: { reason: 'Controller failover' } },
  ]);
});

test('a node does not lead a cluster whose features it does not have', () => {
  const harness = new ControllerHarness();
  const image = new MetadataImage();
  image.apply(metadataRecord('FeatureLevelRecord', { name: 'metadata.version', featureLevel: 33 }));
  image.apply(metadataRecord('FeatureLevelRecord', { name: 'some.future.version', featureLevel: 4 }));
  expect(() => harness.controller.activate(1, image)).toThrow('some.future.version=4');
  expect(harness.controller.isActive).toBe(false);
});

test('nobody but the active controller answers', () => {
  const harness = new ControllerHarness();
  expect(harness.error('unregisterBroker', 1)).toEqual(['NOT_CONTROLLER', 'NOT_CONTROLLER']);
});

test('an answer leaves when its records are committed, and what was read meanwhile waits, too', () => {
  const harness = ControllerHarness.active();
  harness.startBrokers(1);
  harness.holdCommits = true;
  const answers: string[] = [];
  const request = { topics: [topic('t')], timeoutMs: TIMEOUT_MS, validateOnly: false };
  harness.controller.createTopics(request, { isForwarded: false }, () => answers.push('created'));
  harness.controller.createTopics(request, { isForwarded: false }, (result) => {
    answers.push(result instanceof KafkaError ? result.errorName : String(result.topics?.[0]?.errorCode));
  });
  harness.clock.runFor(100);
  expect(answers).toEqual([]);
  expect(harness.controller.image?.topic('t')).toBeDefined();
  expect(harness.loader.image.topic('t')).toBeUndefined();
  harness.commit();
  expect(answers).toEqual(['created', '36']);
  expect(harness.loader.image.topic('t')).toBeDefined();
});

test('a commit that takes longer than the request allows is answered with REQUEST_TIMED_OUT', () => {
  const harness = ControllerHarness.active();
  harness.startBrokers(1);
  harness.holdCommits = true;
  const results: unknown[] = [];
  const request = { topics: [topic('t')], timeoutMs: 5000, validateOnly: false };
  harness.controller.createTopics(request, { isForwarded: false }, (result) => results.push(result));
  harness.clock.runFor(4999);
  expect(results).toEqual([]);
  harness.clock.runFor(2);
  expect(results).toMatchObject([{ errorName: 'REQUEST_TIMED_OUT' }]);
  harness.commit();
  expect(results.length).toBe(1);
});

test('who loses the leadership answers NOT_CONTROLLER and forgets what was not committed', () => {
  const harness = ControllerHarness.active();
  harness.startBrokers(1);
  harness.commit();
  const committed = harness.log.length;
  harness.holdCommits = true;
  const results: unknown[] = [];
  const request = { topics: [topic('lost')], timeoutMs: TIMEOUT_MS, validateOnly: false };
  harness.controller.createTopics(request, { isForwarded: false }, (result) => results.push(result));
  harness.controller.deactivate();
  expect(results).toMatchObject([{ errorName: 'NOT_CONTROLLER' }]);
  harness.log.length = committed;
  harness.controller.activate(3, harness.loader.image);
  expect(harness.image.topic('lost')).toBeUndefined();
  expect(harness.image.brokers.size).toBe(1);
});

test('what the log refuses is not applied', () => {
  const harness = ControllerHarness.active();
  harness.startBrokers(1);
  harness.isDeposed = true;
  const request = { topics: [topic('t')], timeoutMs: TIMEOUT_MS, validateOnly: false };
  expect(harness.error('createTopics', request, { isForwarded: false })[0]).toBe('NOT_CONTROLLER');
  expect(harness.image.topic('t')).toBeUndefined();
});

test('an idle log gets a no-op record every metadata.max.idle.interval.ms, a busy one does not', () => {
  const harness = ControllerHarness.active({ 'metadata.max.idle.interval.ms': '500' });
  harness.clock.runFor(500);
  const before = harness.log.length;
  harness.clock.runFor(1500);
  expect(harness.recordTypes(before)).toEqual(['NoOpRecord', 'NoOpRecord', 'NoOpRecord']);
  harness.register(1);
  const busy = harness.log.length;
  harness.clock.runFor(499);
  expect(harness.recordTypes(busy).length).toBeLessThanOrEqual(1);
});

test('thousands of partition changes are cut into batches, a topic creation is not', () => {
  const harness = ControllerHarness.active();
  harness.startBrokers(1, 2);
  for (const name of ['a', 'b']) harness.createTopics(topic(name, { numPartitions: 9999, replicationFactor: 2 }));
  expect(harness.batchSizes.at(-1)).toBe(10_000);
  const batches = harness.batchSizes.length;
  harness.heartbeat(1, { wantFence: true });
  expect(harness.batchSizes.slice(batches)).toEqual([10_000, 9999]);
  expect(harness.partition('b', 5000)).toMatchObject({ isr: [2], leader: 2 });
});

test('replaying the log gives the state that the controller has', () => {
  const harness = ControllerHarness.active();
  harness.startBrokers(1, 2, 3);
  harness.createTopics(topic('t', { numPartitions: 20, replicationFactor: 3, configs: { 'segment.ms': '5' } }));
  harness.expire(2);
  harness.commit();
  expect(harness.loader.image.toRecords()).toEqual(harness.image.toRecords());
});
