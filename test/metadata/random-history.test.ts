/**
 * Whatever happens to a cluster, in whatever order: partitions stay well formed, only who may lead leads, and the log
 * alone gives the same state. Histories come from a seed, which the test's name tells.
 */
import { expect, test } from 'vitest';
import { KafkaError } from '../../src/base/kafka-error.ts';
import { seededRandom } from '../../src/base/random.ts';
import { NO_LEADER, type PartitionRegistration } from '../../src/metadata/partition-registration.ts';
import { isActive } from '../../src/metadata/registrations.ts';
import { ErrorCode } from '../../src/protocol/error-codes.ts';
import { ControllerHarness, registration, TIMEOUT_MS, topic } from './controller-harness.ts';

const BROKERS = [1, 2, 3, 4, 5];
const STEPS = 150;

class History {
  readonly harness = ControllerHarness.active({ 'leader.imbalance.check.interval.seconds': '20' });
  readonly #random;
  readonly #running = new Set<number>();
  #incarnation = 100;
  #topicNumber = 0;
  /** Epochs that were seen, by topic id and partition; they never go back. */
  readonly #epochs = new Map<string, { leaderEpoch: number; partitionEpoch: number }>();

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    for (const id of BROKERS) this.start(id, false);
  }

  #pick<T>(list: readonly T[]): T | undefined {
    return list[this.#random.int(Math.max(1, list.length))];
  }

  start(id: number, wasClean: boolean): void {
    const previousBrokerEpoch = wasClean ? (this.harness.image.brokers.get(id)?.epoch ?? -1) : -1;
    const incarnation = this.#incarnation++;
    const result = this.harness.result('registerBroker', registration(id, { incarnation, previousBrokerEpoch }));
    // Its predecessor's session may go on for some seconds.
    if (result instanceof KafkaError) return;
    this.#running.add(id);
    this.harness.heartbeat(id);
  }

  step(): void {
    const actions = [
      () => this.#create(),
      () => this.#alterIsr(),
      () => this.#alterIsr(),
      () => this.#crashOrStart(),
      () => this.#shutDown(),
      () => this.#reassign(),
      () => this.#elect(),
      () => this.#alterMinIsr(),
      () => this.#delete(),
      () => this.#failOver(),
    ];
    this.#pick(actions)?.();
    this.#letTimePass(this.#random.int(4000));
    this.#check();
  }

  #letTimePass(durationMs: number): void {
    this.harness.clock.runFor(durationMs);
    for (const id of this.#running) if (this.harness.image.brokers.has(id)) this.harness.heartbeat(id);
  }

  #create(): void {
    const configs: Record<string, string> = { 'min.insync.replicas': String(1 + this.#random.int(3)) };
    if (this.#random.int(3) === 0) configs['unclean.leader.election.enable'] = 'true';
    const options = { numPartitions: 1 + this.#random.int(4), replicationFactor: 1 + this.#random.int(3), configs };
    this.harness.createTopics(topic(`t${this.#topicNumber++}`, options));
  }

  #delete(): void {
    const doomed = this.#pick([...this.harness.image.topics()]);
    if (doomed === undefined || this.#random.int(3) > 0) return;
    this.harness.response('deleteTopics', { topics: [], topicNames: [doomed.name], timeoutMs: TIMEOUT_MS }, 5);
  }

  #somePartition():
    | { topicName: string; topicId: string; partitionId: number; partition: PartitionRegistration }
    | undefined {
    const chosen = this.#pick([...this.harness.image.topics()]);
    if (chosen === undefined) return undefined;
    const partitionId = this.#random.int(chosen.partitions.length);
    const partition = chosen.partitions[partitionId];
    if (partition === undefined) return undefined;
    return { topicName: chosen.name, topicId: chosen.id, partitionId, partition };
  }

  #alterIsr(): void {
    const some = this.#somePartition();
    if (some === undefined || !this.#running.has(some.partition.leader)) return;
    const { topicId, partitionId, partition } = some;
    const { leader, leaderEpoch, partitionEpoch } = partition;
    const ids = partition.replicas.filter((id) => id === leader || this.#random.int(4) > 0);
    const members = ids.map((brokerId) => ({
      brokerId,
      brokerEpoch: this.harness.image.brokers.get(brokerId)?.epoch ?? -1,
    }));
    const change = { partitionIndex: partitionId, leaderEpoch, partitionEpoch, leaderRecoveryState: 0 };
    const partitions = [{ ...change, newIsr: [], newIsrWithEpochs: members }];
    const brokerEpoch = this.harness.image.brokers.get(leader)?.epoch ?? -1;
    const request = { brokerId: leader, brokerEpoch, topics: [{ topicId, partitions }] };
    const response = this.harness.response('alterPartition', request, 3);
    const code = response.topics?.[0]?.partitions?.[0]?.errorCode ?? 0;
    const allowed: number[] = [ErrorCode.NONE, ErrorCode.INELIGIBLE_REPLICA, ErrorCode.NEW_LEADER_ELECTED];
    expect(allowed).toContain(code);
  }

  #crashOrStart(): void {
    const id = this.#pick(BROKERS) ?? 1;
    if (!this.#running.delete(id)) this.start(id, false);
  }

  #shutDown(): void {
    const id = this.#pick([...this.#running]);
    if (id === undefined) return;
    for (let i = 0; i < 3; i++) {
      const { shouldShutDown } = this.harness.heartbeat(id, { wantShutDown: true });
      if (shouldShutDown) {
        this.#running.delete(id);
        if (this.#random.int(2) === 0) this.start(id, true);
        return;
      }
      this.#letTimePass(100);
    }
    this.#running.delete(id);
  }

  #reassign(): void {
    const some = this.#somePartition();
    if (some === undefined) return;
    const shuffled = [...BROKERS].sort(() => this.#random.float() - 0.5);
    const replicas = this.#random.int(4) === 0 ? null : shuffled.slice(0, 1 + this.#random.int(3));
    const topics = [{ name: some.topicName, partitions: [{ partitionIndex: some.partitionId, replicas }] }];
    const request = { timeoutMs: TIMEOUT_MS, allowReplicationFactorChange: true, topics };
    this.harness.response('alterPartitionReassignments', request);
  }

  #elect(): void {
    const electionType = this.#random.int(2);
    this.harness.response('electLeaders', { electionType, topicPartitions: null, timeoutMs: TIMEOUT_MS });
  }

  #alterMinIsr(): void {
    const name = this.#random.int(4) === 0 ? '' : (this.#pick([...this.harness.image.topics()])?.name ?? '');
    const configs = [{ name: 'min.insync.replicas', configOperation: 0, value: String(1 + this.#random.int(3)) }];
    const resources = [{ resourceType: name === '' ? 4 : 2, resourceName: name, configs }];
    this.harness.response('incrementalAlterConfigs', { resources, validateOnly: false }, { isForwarded: true });
  }

  #failOver(): void {
    if (this.#random.int(4) > 0) return;
    this.harness.commit();
    this.harness.controller.activate(this.harness.controller.epoch + 1, this.harness.loader.image);
  }

  #check(): void {
    for (const { id, name, partitions } of this.harness.image.topics()) {
      for (const [number, partition] of partitions.entries()) this.#checkPartition(`${id}:${number}`, name, partition);
    }
  }

  #checkPartition(key: string, name: string, partition: PartitionRegistration): void {
    const { replicas, isr, elr, leader, directories, addingReplicas, removingReplicas } = partition;
    const shown = `${name} ${JSON.stringify(partition)}`;
    const isSet = (list: readonly number[]): boolean => new Set(list).size === list.length;
    expect(replicas.length > 0 && isSet(replicas) && isSet(isr) && isSet(elr), shown).toBe(true);
    expect(
      [...isr, ...elr].every((id) => replicas.includes(id)),
      shown,
    ).toBe(true);
    expect(
      isr.some((id) => elr.includes(id)),
      shown,
    ).toBe(false);
    expect(directories.length, shown).toBe(replicas.length);
    expect(
      [...addingReplicas, ...removingReplicas].every((id) => replicas.includes(id)),
      shown,
    ).toBe(true);
    if (leader !== NO_LEADER) {
      expect(isr.includes(leader), shown).toBe(true);
      expect(isActive(this.harness.image.brokers.get(leader)), shown).toBe(true);
    }
    const before = this.#epochs.get(key) ?? { leaderEpoch: 0, partitionEpoch: 0 };
    expect(partition.leaderEpoch >= before.leaderEpoch, shown).toBe(true);
    expect(partition.partitionEpoch >= before.partitionEpoch, shown).toBe(true);
    this.#epochs.set(key, partition);
  }

  finish(): void {
    this.harness.commit();
    expect(this.harness.loader.image.toRecords()).toEqual(this.harness.image.toRecords());
  }
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])('a random history from seed %d', (seed) => {
  const history = new History(seed);
  for (let i = 0; i < STEPS; i++) history.step();
  history.finish();
});
