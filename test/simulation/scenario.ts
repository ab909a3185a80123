import type { ActorContext } from './actors.ts';
import { Administrator } from './administrator.ts';
import type { Coverage } from './coverage.ts';
import { Faults, newestPartitions } from './faults.ts';
import { MetadataOracle } from './metadata-oracle.ts';
import { PartitionOracle } from './oracle.ts';
import { SimulatedCluster } from './simulated-cluster.ts';
import { Workload } from './workload.ts';

const TOPIC = 'events';
const START_LIMIT_MS = 60_000;
const SETTLE_LIMIT_MS = 60_000;
const IMAGE_CHECK_INTERVAL_MS = 500;
/** How often it is looked whether something has come true. */
const LOOK_INTERVAL_MS = 20;
const MIN_ACTIONS = 8;
const MAX_ACTIONS = 24;

/** What one run consists of; all that is left out follows from the seed. */
export interface ScenarioOptions {
  readonly seed: number;
  readonly nodeCount?: number;
  /** How often something is done to the cluster. */
  readonly actionCount?: number;
  readonly trace?: ((line: string) => void) | undefined;
}

/** A broken invariant, with the seed that shows it again. */
export class SimulationFailure extends Error {
  readonly seed: number;

  constructor(seed: number, cause: unknown) {
    const message = cause instanceof Error ? cause.message : String(cause);
    super(`seed ${seed}: ${message}\n(again: npm run simulate -- --from ${seed} --seeds 1 --trace)`, { cause });
    this.seed = seed;
  }
}

/** Lets everything that waits for promises and microtasks happen, before time moves on. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Runs a cluster with its clients under faults and checks what must be true. Throws {@link SimulationFailure}. */
export async function runScenario(options: ScenarioOptions): Promise<Coverage> {
  try {
    return await new Scenario(options).run();
  } catch (error) {
    throw new SimulationFailure(options.seed, error);
  }
}

/** Nodes by seed: most clusters are of three. */
const NODE_COUNTS = [1, 3, 3, 3, 3, 3, 3, 4, 1, 3, 3, 3, 3, 3, 3, 5];

class Scenario {
  readonly #cluster: SimulatedCluster;
  readonly #options: ScenarioOptions;
  readonly #faults: Faults;
  readonly #partitions: PartitionOracle;
  readonly #metadata: MetadataOracle;
  readonly #workload: Workload;
  readonly #administrator: Administrator;
  readonly #partitionCount: number;
  #nextImageCheckMs = 0;
  #events = 0;

  constructor(options: ScenarioOptions) {
    this.#options = options;
    const nodeCount = options.nodeCount ?? NODE_COUNTS[options.seed % NODE_COUNTS.length] ?? 3;
    // A lone broker keeps what it acknowledged only if it syncs before that; of others, disks may then forget at once.
    const flushesEach = nodeCount === 1 || options.seed % 4 === 1;
    this.#cluster = new SimulatedCluster({
      seed: options.seed,
      nodeCount,
      properties: {
        ...(flushesEach ? { 'log.flush.interval.messages': '1' } : {}),
        // Many segments, so that they go when the records in them are deleted.
        ...(options.seed % 3 === 0 ? { 'log.roll.ms': '800', 'log.segment.delete.delay.ms': '500' } : {}),
      },
      trace: options.trace,
    });
    this.#partitions = new PartitionOracle(this.#cluster);
    this.#metadata = new MetadataOracle(this.#cluster);
    this.#partitionCount = 1 + this.#cluster.random.int(2);
    const context: ActorContext = { cluster: this.#cluster, oracle: this.#partitions };
    const workload = new Workload(context, TOPIC);
    this.#workload = workload;
    this.#faults = new Faults({ cluster: this.#cluster, flushesEach, clientHosts: () => workload.producerNames });
    this.#administrator = new Administrator({
      ...context,
      workload,
      topic: TOPIC,
      partitionCount: this.#partitionCount,
    });
  }

  async run(): Promise<Coverage> {
    const { nodes } = this.#cluster;
    for (const node of nodes) this.#cluster.start(node);
    await turn();
    await this.#until(() => nodes.every(({ isReady }) => isReady), START_LIMIT_MS, 'the cluster does not start');
    let isCreated = false;
    this.#administrator.create(TOPIC, this.#partitionCount, () => {
      isCreated = true;
    });
    await this.#until(() => isCreated, START_LIMIT_MS, 'no topic can be created');
    this.#workload.addTopic(TOPIC, 'main', this.#partitionCount, 2);
    this.#workload.startMembers();
    await this.#chaos();
    await this.#settle();
    return this.#coverage();
  }

  #coverage(): Coverage {
    const administrator = this.#administrator;
    return {
      events: this.#events,
      simulatedMs: this.#cluster.clock.monotonicMs(),
      faults: this.#faults.count,
      losses: this.#faults.lossCount,
      fullDisks: this.#faults.fullDiskCount,
      starts: this.#cluster.startCount,
      committedRecords: this.#partitions.committedCount,
      ackedRecords: this.#partitions.ackedCount,
      consumedRecords: this.#partitions.consumedCount,
      leaderEpochs: this.#partitions.epochCount,
      quorumEpochs: this.#metadata.epochCount,
      truncations: this.#partitions.truncationCount,
      committedOffsets: this.#workload.committedOffsets,
      createdTopics: administrator.createdTopicCount,
      deletedTopics: administrator.deletedTopicCount,
      reassignments: administrator.reassignmentCount,
      deletedRecords: administrator.deletedRecordCount,
      voterChanges: administrator.voterChangeCount,
      changedConfigs: administrator.changedConfigCount,
      expiredRecords: this.#partitions.expiredCount,
    };
  }

  // ---- time ----

  async #step(untilMs: number): Promise<boolean> {
    const { clock, failures, nodes } = this.#cluster;
    if (!clock.step(untilMs)) return false;
    await turn();
    this.#events++;
    if (failures.length > 0) throw failures[0];
    this.#faults.check();
    // Only where something happened can anything be wrong that was right before.
    const touched = nodes.filter((node) => node.clock.hasRun);
    for (const node of touched) node.clock.hasRun = false;
    this.#partitions.check(touched);
    this.#metadata.check(touched);
    if (clock.monotonicMs() >= this.#nextImageCheckMs) {
      this.#nextImageCheckMs = clock.monotonicMs() + IMAGE_CHECK_INTERVAL_MS;
      this.#metadata.checkImages();
    }
    return true;
  }

  async #runFor(durationMs: number): Promise<void> {
    const { clock } = this.#cluster;
    const untilMs = clock.monotonicMs() + durationMs;
    while (await this.#step(untilMs));
    clock.runFor(Math.max(0, untilMs - clock.monotonicMs()));
    await turn();
  }

  async #until(isDone: () => boolean, limitMs: number, otherwise: string): Promise<void> {
    const { clock } = this.#cluster;
    const untilMs = clock.monotonicMs() + limitMs;
    while (!isDone()) {
      if (clock.monotonicMs() >= untilMs) throw new Error(`${otherwise} within ${limitMs} ms: ${this.#describe()}`);
      await this.#runFor(LOOK_INTERVAL_MS);
    }
  }

  #describe(): string {
    const nodes = this.#cluster.nodes.map(({ host, isRunning, isReady, server }) => {
      const leader = server?.internals.raft.leaderAndEpoch;
      const partitions = [...(server?.internals.replicaManager.partitions() ?? [])].map((partition) => {
        const { log, isLeader, leaderEpoch, isr } = partition;
        return `${partition}${isLeader ? '*' : ''} epoch ${leaderEpoch} isr ${isr} end ${log.logEndOffset} hw ${log.highWatermark}`;
      });
      return `${host} running ${isRunning} ready ${isReady} leader ${leader?.leaderId} epoch ${leader?.epoch}; ${partitions.join('; ')}`;
    });
    const moving = newestPartitions(this.#cluster)
      .filter(
        ({ isr, replicas, addingReplicas, removingReplicas }) =>
          isr.length !== replicas.length || addingReplicas.length + removingReplicas.length > 0,
      )
      .map(
        ({ leader, replicas, isr, addingReplicas, removingReplicas, elr, lastKnownElr }) =>
          `leader ${leader} replicas ${replicas} isr ${isr} elr ${elr} before ${lastKnownElr} adding ${addingReplicas} removing ${removingReplicas}`,
      );
    return `${nodes.join('\n')}\n${moving.join('\n')}\nnot done: ${this.#workload.unfinished} ${this.#administrator.unsettled ?? ''}`;
  }

  // ---- faults ----

  async #chaos(): Promise<void> {
    const { random } = this.#cluster;
    const actionCount = this.#options.actionCount ?? MIN_ACTIONS + random.int(MAX_ACTIONS - MIN_ACTIONS);
    const pauseMs = [100, 400, 1400][random.int(3)] ?? 400;
    await this.#runFor(random.int(800));
    for (let i = 0; i < actionCount; i++) {
      if (random.int(3) === 0) this.#administrator.act();
      else this.#faults.happen();
      await turn();
      await this.#runFor(50 + random.int(pauseMs));
    }
  }

  // ---- the end ----

  // All faults end: the cluster must find together and show everything to everybody.
  async #settle(): Promise<void> {
    const { nodes } = this.#cluster;
    this.#cluster.trace('all faults end');
    this.#faults.stop();
    this.#workload.stopProducers();
    const isSettled = (): boolean => {
      for (const node of nodes) {
        if (!node.isRunning) this.#cluster.start(node);
        // As in Kafka, a log that could not be written comes back with the next start.
        else if (node.lastFullLife === node.life && !this.#faults.isRecovering) this.#cluster.kill(node);
      }
      return (
        nodes.every(({ isReady, isClosing }) => isReady && !isClosing) &&
        newestPartitions(this.#cluster).every(({ isr, replicas }) => isr.length === replicas.length) &&
        this.#workload.unfinished.length === 0 &&
        this.#administrator.unsettled === undefined
      );
    };
    await this.#until(isSettled, SETTLE_LIMIT_MS, 'the cluster does not settle');
    let isChecked = false;
    this.#workload.stopMembers(() => {
      isChecked = true;
    });
    await this.#until(() => isChecked, SETTLE_LIMIT_MS, 'committed offsets cannot be fetched');
    // Followers hear of the last high watermark with their next fetch; groups may still write a little.
    // What was asked for before all faults ended may be done just now.
    const isEven = (): boolean => this.#partitions.isEven && this.#administrator.unsettled === undefined;
    await this.#until(isEven, SETTLE_LIMIT_MS, 'the replicas do not become equal');
    this.#partitions.checkSettled();
    this.#metadata.checkImages();
    this.#administrator.checkSettled();
    for (const node of nodes) if (node.isRunning) this.#cluster.kill(node);
  }
}
