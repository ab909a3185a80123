import { KafkaError } from '../../src/base/kafka-error.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { Uuid } from '../../src/base/uuid.ts';
import { BrokerConfig } from '../../src/metadata/configs/broker-config.ts';
import type { ControllerReply } from '../../src/metadata/controller/controller.ts';
import { ControllerApi } from '../../src/metadata/controller/controller-api.ts';
import { LATEST_METADATA_VERSION } from '../../src/metadata/features.ts';
import { MetadataImage } from '../../src/metadata/metadata-image.ts';
import { MetadataLoader } from '../../src/metadata/metadata-loader.ts';
import { decodeMetadataRecord, type MetadataRecord } from '../../src/metadata/metadata-record.ts';
import type { PartitionRegistration } from '../../src/metadata/partition-registration.ts';
import type { CreateTopicsRequest } from '../../src/protocol/messages/19-create-topics.ts';
import { SimulatedClock } from '../simulation/simulated-clock.ts';

type Replying<T> = [...unknown[], ControllerReply<T>];
/** Methods of the controller that answer through a reply. */
type Call = {
  [K in keyof ControllerApi]: ControllerApi[K] extends (...args: infer A) => void
    ? A extends Replying<infer _>
      ? Exclude<K, 'handle'>
      : never
    : never;
}[keyof ControllerApi];
type Arguments<K extends Call> = Parameters<ControllerApi[K]> extends [...infer A, unknown] ? A : never;
type Answer<K extends Call> = Parameters<ControllerApi[K]> extends [...unknown[], ControllerReply<infer T>] ? T : never;

/** A topic of a CreateTopics request. */
export type WantedTopic = CreateTopicsRequest['topics'][number];

export const CLUSTER_ID = 'kCvBshF_TjqDJ9caa6UtHA';
export const TIMEOUT_MS = 30_000;

/** A UUID that is the same for the same number. */
export function uuid(number: number): Uuid {
  const bytes = Buffer.alloc(16, 0x5a);
  bytes.writeUInt32BE(number, 12);
  return bytes.toString('base64url');
}

/**
 * A controller on a log in memory. Records are committed as soon as they are appended, unless `holdCommits` is set;
 * `loader` replays what is committed from the bytes, as every other node would.
 */
export class ControllerHarness {
  readonly clock = new SimulatedClock();
  readonly config: BrokerConfig;
  readonly controller: ControllerApi;
  readonly loader = new MetadataLoader();
  readonly log: Buffer[] = [];
  readonly batchSizes: number[] = [];
  readonly warnings: string[] = [];
  holdCommits = false;
  kraftVersion = 1;
  /** Whether all voters support a higher kraft.version. */
  canRaiseKRaftVersion = true;
  /** When set, the log refuses what is appended. */
  isDeposed = false;

  constructor(properties: Record<string, string> = {}) {
    // The no-op records would only be in the way of what tests look at.
    const all = { 'metadata.max.idle.interval.ms': '0', ...properties };
    this.config = new BrokerConfig(new Map(Object.entries(all)));
    this.controller = new ControllerApi({
      nodeId: 100,
      clusterId: CLUSTER_ID,
      clock: this.clock,
      random: seededRandom(7),
      logger: {
        info: () => {},
        warn: (message) => this.warnings.push(message),
        error: (message, cause) => {
          throw new Error(message, { cause });
        },
      },
      config: this.config,
      append: (_epoch, values) => this.#append(values),
      logEndOffset: () => this.log.length,
      quorumNodeIds: () => [100],
      kraftVersion: {
        level: () => this.kraftVersion,
        raise: (_epoch, level, isValidationOnly) => this.#raiseKRaftVersion(level, isValidationOnly),
      },
    });
  }

  /** A harness whose controller is active, its bootstrap records committed. */
  static active(properties: Record<string, string> = {}): ControllerHarness {
    const harness = new ControllerHarness(properties);
    harness.controller.activate(1, harness.loader.image);
    return harness;
  }

  #append(values: Uint8Array[]): number {
    if (this.isDeposed) throw new KafkaError('NOT_LEADER_OR_FOLLOWER', 'this node leads no more');
    this.log.push(...values.map((value) => Buffer.from(value)));
    this.batchSizes.push(values.length);
    // Committing is told later, as the raft layer does: never within the append.
    if (!this.holdCommits) this.clock.schedule(0, () => this.commit());
    return this.log.length - 1;
  }

  #raiseKRaftVersion(level: number, isValidationOnly: boolean): void {
    if (!this.canRaiseKRaftVersion) throw new KafkaError('INVALID_UPDATE_VERSION', 'not all of the voters support it');
    if (!isValidationOnly) this.kraftVersion = level;
  }

  /** Commits everything that is in the log. */
  commit(): void {
    const from = this.loader.lastAppliedOffset + 1;
    if (from < this.log.length) {
      this.loader.handleCommit([{ baseOffset: from, epoch: 1, values: this.log.slice(from) }]);
    }
    this.controller.handleCommitted(this.log.length - 1);
  }

  /** The result of a controller call, once committed. */
  result<K extends Call>(method: K, ...args: Arguments<K>): Answer<K> | KafkaError {
    let result: Answer<K> | KafkaError | undefined;
    const reply = (answer: Answer<K> | KafkaError): void => {
      result = answer;
    };
    Reflect.apply(this.controller[method], this.controller, [...args, reply]);
    this.clock.runFor(0);
    if (result === undefined) throw new Error(`the controller has not answered ${method}`);
    return result;
  }

  /** The response of a controller call that must succeed. */
  response<K extends Call>(method: K, ...args: Arguments<K>): Answer<K> {
    const result = this.result(method, ...args);
    if (result instanceof KafkaError) throw result;
    return result;
  }

  /** Name and text of the error that a controller call must fail with. */
  error<K extends Call>(method: K, ...args: Arguments<K>): [name: string, message: string] {
    const result = this.result(method, ...args);
    if (result instanceof KafkaError) return [result.errorName, result.message];
    throw new Error(`an error was expected, received ${JSON.stringify(result)}`);
  }

  get image(): MetadataImage {
    return this.controller.image ?? new MetadataImage();
  }

  /** Records from an offset on. */
  records(from: number): MetadataRecord[] {
    return this.log.slice(from).map(decodeMetadataRecord);
  }

  /** Types of the records from an offset on. */
  recordTypes(from: number): string[] {
    return this.records(from).map(({ type }) => type);
  }

  /** Registers a broker, fenced. Returns its epoch. */
  register(id: number, options: { rack?: string; incarnation?: number; previousBrokerEpoch?: number } = {}): number {
    const { rack = null, incarnation = id, previousBrokerEpoch = -1 } = options;
    const response = this.response('registerBroker', registration(id, { rack, incarnation, previousBrokerEpoch }));
    return Number(response.brokerEpoch);
  }

  heartbeat(id: number, options: { wantFence?: boolean; wantShutDown?: boolean; offset?: number } = {}) {
    const { wantFence = false, wantShutDown = false, offset = this.log.length } = options;
    return this.response('heartbeat', {
      brokerId: id,
      brokerEpoch: this.image.brokers.get(id)?.epoch ?? -1,
      currentMetadataOffset: offset,
      wantFence,
      wantShutDown,
      offlineLogDirs: [],
      cordonedLogDirs: null,
    });
  }

  /** Brokers that are registered and unfenced. */
  startBrokers(...ids: number[]): void {
    for (const id of ids) {
      this.register(id);
      this.heartbeat(id);
    }
  }

  /** Fences a broker as if its session had run out; the others' sessions go on. */
  expire(id: number): void {
    const others = [...this.image.brokers.values()].filter((broker) => broker.id !== id && !broker.fenced);
    for (let elapsedMs = 0; elapsedMs <= 9000; elapsedMs += 1000) {
      this.clock.runFor(1000);
      for (const other of others) this.heartbeat(other.id);
    }
  }

  createTopics(...topics: WantedTopic[]) {
    const request = { topics, timeoutMs: TIMEOUT_MS, validateOnly: false };
    return this.response('createTopics', request, { isForwarded: false }).topics ?? [];
  }

  /** Creates a topic whose partitions have these replicas. */
  createTopic(name: string, assignments: number[][], configs: Record<string, string> = {}): void {
    const [result] = this.createTopics(topic(name, { numPartitions: -1, replicationFactor: -1, assignments, configs }));
    if (result?.errorCode !== undefined && result.errorCode !== 0) throw new Error(String(result.errorMessage));
  }

  partition(topicName: string, partition: number): PartitionRegistration {
    const found = this.image.topic(topicName)?.partitions[partition];
    if (found === undefined) throw new Error(`there is no ${topicName}-${partition}`);
    return found;
  }

  topicId(name: string): Uuid {
    return this.image.topic(name)?.id ?? '';
  }
}

export function topic(
  name: string,
  options: {
    numPartitions?: number;
    replicationFactor?: number;
    assignments?: number[][];
    configs?: Record<string, string | null>;
  } = {},
): WantedTopic {
  const { numPartitions = 1, replicationFactor = 1, assignments = [], configs = {} } = options;
  return {
    name,
    numPartitions,
    replicationFactor,
    assignments: assignments.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds })),
    configs: Object.entries(configs).map(([config, value]) => ({ name: config, value })),
  };
}

export function registration(
  brokerId: number,
  options: { rack?: string | null; incarnation?: number; previousBrokerEpoch?: number; logDirs?: Uuid[] } = {},
) {
  const { rack = null, incarnation = brokerId, previousBrokerEpoch = -1 } = options;
  return {
    brokerId,
    clusterId: CLUSTER_ID,
    incarnationId: uuid(1000 + incarnation),
    listeners: [{ name: 'PLAINTEXT', host: 'localhost', port: 9000 + brokerId, securityProtocol: 0 }],
    features: [
      { name: 'metadata.version', minSupportedVersion: 7, maxSupportedVersion: LATEST_METADATA_VERSION },
      { name: 'eligible.leader.replicas.version', minSupportedVersion: 0, maxSupportedVersion: 1 },
      { name: 'group.version', minSupportedVersion: 0, maxSupportedVersion: 1 },
    ],
    rack,
    isMigratingZkBroker: false,
    logDirs: options.logDirs ?? [uuid(brokerId)],
    previousBrokerEpoch,
  };
}
