import type { Clock, Timer } from '../../base/clock.ts';
import { KafkaError } from '../../base/kafka-error.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import type { Uuid } from '../../base/uuid.ts';
import { bootstrapRecords, bootstrapTransaction } from '../bootstrap.ts';
import type { BrokerConfig } from '../configs/broker-config.ts';
import { levelsOutside, METADATA_VERSION, SUPPORTED_FEATURES, TOLERATED_FEATURES } from '../features.ts';
import type { MetadataImage } from '../metadata-image.ts';
import { encodeMetadataRecord, type MetadataRecord, metadataRecord } from '../metadata-record.ts';
import { BrokerSessions } from './broker-sessions.ts';
import type { ControllerState, Decision, KRaftVersionAccess } from './controller-state.ts';
import { PeriodicTasks } from './periodic-tasks.ts';

export interface ControllerOptions {
  readonly nodeId: number;
  readonly clusterId: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Configs of this node. */
  readonly config: BrokerConfig;
  /**
   * Appends record values to the metadata log as one atomic batch and returns the offset of the last one, without
   * waiting for anybody. Throws KafkaError when this node does not lead in `epoch`.
   */
  readonly append: (epoch: number, values: Uint8Array[]) => number;
  /** Offset that the next appended record gets. */
  readonly logEndOffset: () => number;
  /** Ids of the quorum's voters. */
  readonly quorumNodeIds: () => readonly number[];
  readonly kraftVersion: KRaftVersionAccess;
  /** Data records of the snapshot 0-0, for a cluster that is new; default: those of a folder that ottla formatted. */
  readonly bootstrapRecords?: () => readonly MetadataRecord[] | undefined;
}

/** Called once: with the response when its records are committed, or with the error. */
export type ControllerReply<T> = (result: T | KafkaError) => void;

interface PendingReply {
  /** Last offset that must be committed. */
  readonly offset: number;
  readonly succeed: () => void;
  readonly fail: (error: KafkaError) => void;
  timer: Timer | undefined;
}

/** Records that fit into one batch; decisions that need not be atomic are cut at this size. */
const MAX_RECORDS_PER_BATCH = 10_000;

/**
 * The active controller's machine: a request is decided on the present state, its records are appended and applied at
 * once, and its answer leaves when they are committed. On a node that is not the active controller every request is
 * answered with NOT_CONTROLLER. What requests come to is in the files beside this one; controller-api.ts joins them.
 */
export class Controller {
  readonly #options: ControllerOptions;
  readonly #sessions: BrokerSessions;
  readonly #tasks: PeriodicTasks;
  #state: ControllerState | undefined;
  #epoch = -1;
  #committedOffset = -1;
  #lastAppendedOffset = -1;
  #lastAppendMs = 0;
  readonly #pending: PendingReply[] = [];

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.#sessions = new BrokerSessions(options.clock, options.config.number('broker.session.timeout.ms'));
    this.#tasks = new PeriodicTasks(options.clock, options.config, this.#sessions, (name, decide) =>
      this.#runTask(name, decide),
    );
  }

  get isActive(): boolean {
    return this.#state !== undefined;
  }

  /** Epoch in which this node is the active controller, -1 when it is not. */
  get epoch(): number {
    return this.#state === undefined ? -1 : this.#epoch;
  }

  /** The active controller's own state, uncommitted records included; undefined on any other node. */
  get image(): MetadataImage | undefined {
    return this.#state?.image;
  }

  /** clock.monotonicMs() of the last append. */
  get lastAppendMs(): number {
    return this.#lastAppendMs;
  }

  /**
   * This node leads the quorum in `epoch`, and `committed` is all that earlier epochs wrote. Writes the bootstrap
   * records when the cluster is new. Throws KafkaError UNSUPPORTED_VERSION when features are finalised that this node
   * does not support: it must not lead then and has to resign.
   * @param committed state of the committed log; it is copied
   * @param isInTransaction whether an open transaction was left in the log; it is aborted
   */
  activate(epoch: number, committed: MetadataImage, isInTransaction = false): void {
    const problems = levelsOutside(TOLERATED_FEATURES, committed.features);
    if (problems.length > 0) {
      throw new KafkaError(
        'UNSUPPORTED_VERSION',
        `this node cannot be the active controller: the cluster has feature levels it does not support: ${problems.join(', ')}`,
      );
    }
    const unserved = levelsOutside(SUPPORTED_FEATURES, committed.features);
    if (unserved.length > 0) {
      this.#options.logger.warn(
        `the cluster has feature levels whose requests are not served here: ${unserved.join(', ')}`,
      );
    }
    this.deactivate();
    const { nodeId, clusterId, clock, random, logger, config, logEndOffset, quorumNodeIds, kraftVersion } =
      this.#options;
    this.#epoch = epoch;
    this.#committedOffset = logEndOffset() - 1;
    this.#lastAppendedOffset = this.#committedOffset;
    const state: ControllerState = {
      nodeId,
      clusterId,
      clock,
      random,
      logger,
      config,
      image: committed.clone(),
      sessions: this.#sessions,
      registrationOffsets: new Map(),
      nextOffset: logEndOffset,
      quorumNodeIds,
      epoch,
      kraftVersion,
      ownIncarnationId: () => this.#ownIncarnationId,
    };
    this.#state = state;
    this.#startSessions(state.image);
    const records: MetadataRecord[] = isInTransaction
      ? [metadataRecord('AbortTransactionRecord', { reason: 'Controller failover' })]
      : [];
    if (!committed.features.has(METADATA_VERSION)) {
      const minIsr = Number(config.staticProperties.get('min.insync.replicas') ?? '1');
      records.push(...bootstrapTransaction(this.#options.bootstrapRecords?.() ?? bootstrapRecords(), minIsr));
    }
    if (records.length > 0) this.#appendAndApply(state, records);
    this.#tasks.start();
    logger.info(`node ${nodeId} is the active controller of epoch ${epoch}`);
  }

  // Who was unfenced gets a fresh session, for nobody could reach us before.
  #startSessions(image: MetadataImage): void {
    this.#sessions.clear();
    for (const { id, epoch, fenced } of image.brokers.values()) {
      this.#sessions.register(id, epoch, fenced);
      if (!fenced) this.#sessions.contact(id);
    }
  }

  #ownIncarnationId: Uuid | undefined;

  /**
   * Tells which incarnation the broker in this process is, if there is one. The incarnation before it ended with the
   * process, so this one is let in without waiting for the end of that one's session.
   */
  set ownBrokerIncarnationId(incarnationId: Uuid) {
    this.#ownIncarnationId = incarnationId;
  }

  /** This node leads no more: requests that wait for their commit are answered with NOT_CONTROLLER. */
  deactivate(): void {
    this.#tasks.stop();
    this.#state = undefined;
    this.#sessions.clear();
    for (const pending of this.#pending.splice(0)) {
      pending.timer?.cancel();
      pending.fail(notController());
    }
  }

  /** All records up to `offset` are committed: answers those that waited for it. */
  handleCommitted(offset: number): void {
    if (offset <= this.#committedOffset) return;
    this.#committedOffset = offset;
    let done = 0;
    for (const pending of this.#pending) {
      if (pending.offset > offset) break;
      done++;
    }
    for (const pending of this.#pending.splice(0, done)) {
      pending.timer?.cancel();
      pending.succeed();
    }
  }

  /**
   * Decides a request and answers it once its records, and all that it may have read, are committed. KafkaErrors that
   * `decide` throws are the answer; any other error is logged and answered with UNKNOWN_SERVER_ERROR.
   * @param timeoutMs how long the commit may take before the answer is REQUEST_TIMED_OUT; default: for ever
   */
  handle<T>(
    name: string,
    decide: (state: ControllerState) => Decision<T>,
    reply: ControllerReply<T>,
    timeoutMs?: number,
  ): void {
    const state = this.#state;
    if (state === undefined) {
      reply(notController());
      return;
    }
    let response: T;
    try {
      const decision = decide(state);
      response = decision.response;
      if (decision.records.length > 0) this.#appendAndApply(state, decision.records, decision.isAtomic);
    } catch (error) {
      reply(this.#expected(name, error));
      return;
    }
    this.#replyWhenCommitted(() => reply(response), reply, timeoutMs);
  }

  #expected(name: string, error: unknown): KafkaError {
    if (error instanceof KafkaError) {
      // The log says it in its own words.
      return error.errorName === 'NOT_LEADER_OR_FOLLOWER' ? notController() : error;
    }
    this.#options.logger.error(`the controller failed unexpectedly in ${name}`, error);
    return new KafkaError('UNKNOWN_SERVER_ERROR');
  }

  #replyWhenCommitted(succeed: () => void, fail: (error: KafkaError) => void, timeoutMs: number | undefined): void {
    // A decision without records may have read what others have written and is not committed yet.
    const offset = this.#lastAppendedOffset;
    if (offset <= this.#committedOffset) {
      succeed();
      return;
    }
    const pending: PendingReply = { offset, succeed, fail, timer: undefined };
    this.#pending.push(pending);
    if (timeoutMs === undefined) return;
    pending.timer = this.#options.clock.schedule(Math.max(0, timeoutMs), () => {
      const at = this.#pending.indexOf(pending);
      if (at < 0) return;
      this.#pending.splice(at, 1);
      fail(new KafkaError('REQUEST_TIMED_OUT'));
    });
  }

  #appendAndApply(state: ControllerState, records: readonly MetadataRecord[], isAtomic = false): void {
    const batchSize = isAtomic ? records.length : MAX_RECORDS_PER_BATCH;
    for (let from = 0; from < records.length; from += batchSize) {
      const batch = records.slice(from, from + batchSize);
      const lastOffset = this.#options.append(this.#epoch, batch.map(encodeMetadataRecord));
      this.#lastAppendedOffset = lastOffset;
      this.#lastAppendMs = this.#options.clock.monotonicMs();
      for (const [i, record] of batch.entries()) this.#apply(state, record, lastOffset - batch.length + 1 + i);
    }
  }

  #apply(state: ControllerState, record: MetadataRecord, offset: number): void {
    state.image.apply(record);
    if (record.type === 'RegisterBrokerRecord') {
      const { brokerId, brokerEpoch, fenced } = record.body;
      state.registrationOffsets.set(brokerId, offset);
      state.sessions.register(brokerId, brokerEpoch, fenced);
    } else if (record.type === 'UnregisterBrokerRecord') {
      state.registrationOffsets.delete(record.body.brokerId);
      state.sessions.remove(record.body.brokerId);
    }
  }

  #runTask(name: string, decide: (state: ControllerState) => readonly MetadataRecord[]): void {
    const state = this.#state;
    if (state === undefined) return;
    try {
      const records = decide(state);
      if (records.length > 0) this.#appendAndApply(state, records);
    } catch (error) {
      // Leadership may be gone and we not know it yet.
      if (!(error instanceof KafkaError))
        this.#options.logger.error(`the controller failed unexpectedly to ${name}`, error);
    }
  }
}

function notController(): KafkaError {
  return new KafkaError('NOT_CONTROLLER');
}
