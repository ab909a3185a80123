import { KafkaError } from '../../src/base/kafka-error.ts';
import type { Logger } from '../../src/base/logger.ts';
import { type Random, randomUuid, seededRandom } from '../../src/base/random.ts';
import type { Uuid } from '../../src/base/uuid.ts';
import { writeBootstrapCheckpoint } from '../../src/raft/bootstrap-checkpoint.ts';
import { DEFAULT_RAFT_CONFIG, type RaftConfig } from '../../src/raft/raft-config.ts';
import { RaftNode } from '../../src/raft/raft-node.ts';
import type {
  CommittedBatch,
  LeaderAndEpoch,
  RaftApi,
  RaftApis,
  RaftDestination,
  RaftEndpoint,
  RaftListener,
  RaftResult,
  RaftTransport,
  SnapshotContent,
} from '../../src/raft/raft-types.ts';
import { ProcessClock, SimulatedClock } from '../simulation/simulated-clock.ts';
import { SimulatedFileSystem } from '../simulation/simulated-file-system.ts';
import { SimulatedNetwork } from '../simulation/simulated-network.ts';
import { deliverOverWire, LISTENER } from './wire.ts';

export const CLUSTER_ID = 'kCvBshF_TjqDJ9caa6UtHA';
export const DIRECTORY = '/data/__cluster_metadata-0';
const HOST = 'localhost';
const FIRST_PORT = 9000;

export function portOf(id: number): number {
  return FIRST_PORT + id;
}

/** A state machine that remembers what it was shown: value by offset, as text. */
export class RecordingListener implements RaftListener {
  readonly values = new Map<number, string>();
  readonly leaders: LeaderAndEpoch[] = [];
  bootstrap: string[] | undefined;
  snapshots: SnapshotContent[] = [];
  /** Offset after the last that was shown. */
  nextOffset = 0;
  lastEpoch = 0;
  lastTimestamp = 0;

  handleCommit(batches: readonly CommittedBatch[]): void {
    for (const batch of batches) {
      if (batch.baseOffset < this.nextOffset) throw new Error(`offset ${batch.baseOffset} shown twice`);
      batch.values.forEach((value, i) => {
        this.values.set(batch.baseOffset + i, value.toString());
      });
      this.nextOffset = batch.lastOffset + 1;
      this.lastEpoch = batch.epoch;
      this.lastTimestamp = batch.appendTimestamp;
    }
  }

  handleLoadBootstrap(values: readonly Buffer[]): void {
    this.bootstrap = values.map(String);
  }

  /** Snapshots of these tests hold `offset=value`. */
  handleLoadSnapshot(snapshot: SnapshotContent): void {
    this.snapshots.push(snapshot);
    this.values.clear();
    for (const value of snapshot.values) {
      const [offset, text] = value.toString().split('=', 2);
      this.values.set(Number(offset), text ?? '');
    }
    this.nextOffset = snapshot.snapshotId.offset;
    this.lastEpoch = snapshot.snapshotId.epoch;
    this.lastTimestamp = snapshot.lastContainedLogTimestamp;
  }

  handleLeaderChange(leader: LeaderAndEpoch): void {
    this.leaders.push(leader);
  }

  snapshotValues(): Buffer[] {
    return [...this.values].map(([offset, text]) => Buffer.from(`${offset}=${text}`));
  }
}

/** One simulated node: survives as a disk, lives as a RaftNode. */
export interface SimulatedNode {
  readonly id: number;
  directoryId: Uuid;
  disk: SimulatedFileSystem;
  raft: RaftNode | undefined;
  listener: RecordingListener;
  process: ProcessClock;
  canBecomeVoter: boolean;
  port: number;
}

export interface QuorumOptions {
  readonly seed: number;
  /** The voters of the beginning, ids 1 to `voters`. */
  readonly voters: number;
  readonly config?: Partial<RaftConfig>;
  readonly kraftVersion?: 0 | 1;
  /** The longest that a sync takes on a node's disk; default 5 ms on all. */
  readonly maxSyncMs?: (nodeId: number) => number;
  readonly logger?: (nodeId: number, message: string) => void;
}

/** A whole quorum in one process on a simulated clock, network and disks. */
export class Quorum {
  readonly clock = new SimulatedClock();
  readonly random: Random;
  readonly network: SimulatedNetwork;
  readonly nodes = new Map<number, SimulatedNode>();
  readonly config: RaftConfig;
  readonly #options: QuorumOptions;
  readonly fatal: unknown[] = [];
  /** Replaces responses on their way by something else. */
  distort: ((api: RaftApi, response: object) => object) | undefined;

  constructor(options: QuorumOptions) {
    this.#options = options;
    this.random = seededRandom(options.seed);
    this.network = new SimulatedNetwork(this.clock, this.random);
    this.config = { ...DEFAULT_RAFT_CONFIG, ...options.config };
    const ids = Array.from({ length: options.voters }, (_, i) => i + 1);
    for (const id of ids) this.#createNode(id, true);
    for (const id of ids) this.#format(this.node(id), ids);
  }

  get isStatic(): boolean {
    return this.#options.kraftVersion === 0;
  }

  #createNode(id: number, canBecomeVoter: boolean): SimulatedNode {
    const node: SimulatedNode = {
      id,
      directoryId: randomUuid(this.random),
      disk: this.#newDisk(id),
      raft: undefined,
      listener: new RecordingListener(),
      process: new ProcessClock(this.clock),
      canBecomeVoter,
      port: portOf(id),
    };
    this.nodes.set(id, node);
    return node;
  }

  #newDisk(id: number): SimulatedFileSystem {
    const maxSyncMs = this.#options.maxSyncMs?.(id) ?? 5;
    return new SimulatedFileSystem({ clock: this.clock, random: this.random, maxSyncMs });
  }

  #format(node: SimulatedNode, voterIds: readonly number[] | undefined): void {
    writeBootstrapCheckpoint(node.disk, {
      directory: DIRECTORY,
      kraftVersion: this.isStatic ? 0 : 1,
      voters: voterIds?.map((id) => ({
        id,
        directoryId: this.node(id).directoryId,
        endpoints: [this.endpointOf(id)],
      })),
      values: [Buffer.from('bootstrap')],
      timestampMs: this.clock.nowMs(),
    });
  }

  /** A further node, formatted as with `--no-initial-controllers` (or not at all as a broker). */
  addNode(id: number, canBecomeVoter: boolean): SimulatedNode {
    const node = this.#createNode(id, canBecomeVoter);
    if (canBecomeVoter) this.#format(node, undefined);
    return node;
  }

  /** An empty disk in place of the old one, with another directory id. */
  replaceDisk(id: number): void {
    const node = this.node(id);
    node.disk = this.#newDisk(id);
    node.directoryId = randomUuid(this.random);
    this.#format(node, undefined);
  }

  node(id: number): SimulatedNode {
    const node = this.nodes.get(id);
    if (node === undefined) throw new Error(`no node ${id}`);
    return node;
  }

  raft(id: number): RaftNode {
    const { raft } = this.node(id);
    if (raft === undefined) throw new Error(`node ${id} is down`);
    return raft;
  }

  endpointOf(id: number): RaftEndpoint {
    return { name: LISTENER, host: HOST, port: this.node(id).port };
  }

  get liveNodes(): SimulatedNode[] {
    return [...this.nodes.values()].filter((node) => node.raft !== undefined);
  }

  start(id: number): RaftNode {
    const node = this.node(id);
    node.process = new ProcessClock(this.clock);
    node.listener = new RecordingListener();
    this.network.setUp(id);
    const bootstrap = [...this.nodes.keys()].filter((one) => one <= Math.max(3, this.#options.voters));
    const addresses = bootstrap.map((one) => ({ id: one, host: HOST, port: this.node(one).port }));
    const raft = new RaftNode({
      nodeId: id,
      directoryId: node.directoryId,
      clusterId: CLUSTER_ID,
      directory: DIRECTORY,
      config: this.config,
      canBecomeVoter: node.canBecomeVoter,
      bootstrapServers: addresses,
      staticVoters: this.isStatic ? addresses.filter((one) => one.id <= this.#options.voters) : [],
      localListeners: node.canBecomeVoter ? [this.endpointOf(id)] : [],
      listenerName: LISTENER,
      transport: this.#transport(node),
      fileSystem: node.disk,
      clock: node.process,
      random: this.random,
      logger: this.#logger(id),
      onFatal: (error) => this.#onFatal(node, error),
    });
    node.raft = raft;
    raft.addListener(node.listener);
    raft.start();
    return raft;
  }

  startAll(): void {
    for (const id of this.nodes.keys()) this.start(id);
  }

  #onFatal(node: SimulatedNode, error: unknown): void {
    this.fatal.push(error);
    this.kill(node.id);
  }

  #logger(id: number): Logger {
    const log = this.#options.logger ?? (() => {});
    return {
      info: (message) => log(id, message),
      warn: (message) => log(id, message),
      error: (message, cause) => log(id, `ERROR ${message} ${cause instanceof Error ? cause.stack : (cause ?? '')}`),
    };
  }

  #end(id: number): void {
    const node = this.node(id);
    node.process.die();
    node.raft = undefined;
    this.network.setDown(id);
  }

  /** The process is killed; the page cache lives on. */
  kill(id: number): void {
    this.#end(id);
    this.node(id).disk.kill();
  }

  /** The machine stops: what was not synced is lost. */
  crash(id: number): void {
    this.#end(id);
    this.node(id).disk.crash();
  }

  get leader(): SimulatedNode | undefined {
    const leaders = this.liveNodes.filter((node) => node.raft?.isLeader);
    return leaders.sort((a, b) => epochOf(b) - epochOf(a))[0];
  }

  /** Waits for a leader that its state machine knows of. */
  awaitLeader(limitMs = 30_000): SimulatedNode {
    const isActive = (node: SimulatedNode): boolean => {
      const last = node.listener.leaders.at(-1);
      return last?.leaderId === node.id && last.epoch === epochOf(node);
    };
    const found = this.clock.runUntil(() => this.leader !== undefined && isActive(this.leader), limitMs);
    const { leader } = this;
    if (!found || leader === undefined) throw new Error(`no leader within ${limitMs} ms`);
    return leader;
  }

  /** Appends one record on the leader; undefined when nobody leads. */
  append(text: string): number | undefined {
    const { leader } = this;
    if (leader?.raft === undefined) return undefined;
    return leader.raft.append(leader.raft.leaderAndEpoch.epoch, [Buffer.from(text)]);
  }

  #transport(node: SimulatedNode): RaftTransport {
    return {
      send: (destination, api, request, timeoutMs, done) =>
        this.#send(node, destination, api, request, timeoutMs, done),
    };
  }

  #send<A extends RaftApi>(
    from: SimulatedNode,
    destination: RaftDestination,
    api: A,
    request: RaftApis[A]['request'],
    timeoutMs: number,
    done: (result: RaftResult<A>) => void,
  ): void {
    const { process } = from;
    const to = [...this.nodes.values()].find((one) => one.port === destination.port);
    let isDone = false;
    const finish = (result: RaftResult<A>): void => {
      if (isDone) return;
      isDone = true;
      timer.cancel();
      done(result);
    };
    const timer = process.schedule(timeoutMs, () =>
      finish({ error: new KafkaError('REQUEST_TIMED_OUT', `node ${destination.id} does not answer`) }),
    );
    if (to === undefined || this.network.isDown(to.id)) {
      const error = new KafkaError('BROKER_NOT_AVAILABLE', `node ${destination.id} refuses the connection`);
      process.schedule(1, () => finish({ error }));
      return;
    }
    const answer = (truth: RaftApis[A]['response']): void => {
      const response = this.distort === undefined ? truth : this.distort(api, truth);
      this.network.send(to.id, from.id, () => {
        if (from.process === process) finish({ response } as RaftResult<A>);
      });
    };
    this.network.send(from.id, to.id, () => {
      if (to.raft !== undefined) deliverOverWire(to.raft, api, request, answer);
    });
  }
}

function epochOf(node: SimulatedNode): number {
  return node.raft?.leaderAndEpoch.epoch ?? -1;
}
