import { createTopicsRequest, createTopicsResponse } from '../../src/protocol/messages/19-create-topics.ts';
import { electLeadersRequest, electLeadersResponse } from '../../src/protocol/messages/43-elect-leaders.ts';
import {
  alterPartitionReassignmentsRequest,
  alterPartitionReassignmentsResponse,
} from '../../src/protocol/messages/45-alter-partition-reassignments.ts';
import { Consumer, Producer } from './actors.ts';
import { Faults, newestPartitions } from './faults.ts';
import { checkCommitted, GroupLedger, GroupMember } from './group-actors.ts';
import { MetadataOracle, PartitionOracle } from './oracle.ts';
import { SimulatedClient } from './simulated-client.ts';
import { SimulatedCluster } from './simulated-cluster.ts';
import { CALM_LINKS } from './simulated-internet.ts';

const TOPIC = 'events';
const START_LIMIT_MS = 60_000;
const SETTLE_LIMIT_MS = 60_000;
const EVEN_LIMIT_MS = 10_000;
const IMAGE_CHECK_INTERVAL_MS = 1000;
const ADMIN_TIMEOUT_MS = 3000;

/** What one run consists of; all that is left out follows from the seed. */
export interface ScenarioOptions {
  readonly seed: number;
  readonly nodeCount?: number;
  readonly durationMs?: number;
  readonly trace?: ((line: string) => void) | undefined;
}

/** What a run came to, for a test to see that it was not idle. */
export interface ScenarioResult {
  readonly events: number;
  readonly faults: number;
  /** How often a machine lost its power or died in the middle of a write. */
  readonly losses: number;
  readonly committedRecords: number;
  readonly ackedRecords: number;
  readonly leaderEpochs: number;
  readonly quorumEpochs: number;
  readonly committedOffsets: number;
  readonly simulatedMs: number;
}

/** A broken invariant, with the seed that shows it again. */
export class SimulationFailure extends Error {
  readonly seed: number;

  constructor(seed: number, cause: unknown) {
    const message = cause instanceof Error ? cause.message : String(cause);
    super(`seed ${seed}: ${message}\n(again: OTTLA_SIM_SEED=${seed} OTTLA_SIM_TRACE=1 npm run simulate)`, { cause });
    this.seed = seed;
  }
}

/** Lets everything that waits for promises and microtasks happen, before time moves on. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Runs a cluster with its clients under faults and checks what must be true. Throws {@link SimulationFailure}. */
export async function runScenario(options: ScenarioOptions): Promise<ScenarioResult> {
  try {
    return await new Scenario(options).run();
  } catch (error) {
    throw new SimulationFailure(options.seed, error);
  }
}

class Scenario {
  readonly #cluster: SimulatedCluster;
  readonly #options: ScenarioOptions;
  readonly #injected: Faults;
  readonly #partitions: PartitionOracle;
  readonly #metadata: MetadataOracle;
  readonly #admin: SimulatedClient;
  readonly #partitionCount: number;
  readonly #producers: Producer[] = [];
  readonly #consumers: Consumer[] = [];
  readonly #members: GroupMember[] = [];
  readonly #ledgers: GroupLedger[] = [];
  readonly #createdTopics = new Set<string>();
  #nextImageCheckMs = 0;
  #events = 0;
  #topicCount = 0;

  constructor(options: ScenarioOptions) {
    this.#options = options;
    const nodeCount = options.nodeCount ?? (options.seed % 4 === 0 ? 1 : 3);
    // A lone broker keeps what it acknowledged only if it syncs before that; of others, disks may then forget at once.
    const flushesEach = nodeCount === 1 || options.seed % 4 === 1;
    this.#cluster = new SimulatedCluster({
      seed: options.seed,
      nodeCount,
      properties: flushesEach ? { 'log.flush.interval.messages': '1' } : {},
      trace: options.trace,
    });
    this.#injected = new Faults({
      cluster: this.#cluster,
      flushesEach,
      clientHosts: () => this.#producers.map(({ name }) => name),
    });
    this.#partitions = new PartitionOracle(this.#cluster);
    this.#metadata = new MetadataOracle(this.#cluster);
    this.#admin = new SimulatedClient(this.#cluster, 'admin');
    this.#partitionCount = 1 + this.#cluster.random.int(2);
  }

  async run(): Promise<ScenarioResult> {
    const { clock, nodes } = this.#cluster;
    for (const node of nodes) this.#cluster.start(node);
    await turn();
    await this.#until(() => nodes.every(({ isReady }) => isReady), START_LIMIT_MS, 'the cluster does not start');
    let isCreated = false;
    this.#createTopic(TOPIC, this.#partitionCount, () => {
      isCreated = true;
    });
    await this.#until(() => isCreated, START_LIMIT_MS, 'no topic can be created');
    this.#startActors();
    await this.#chaos(this.#options.durationMs ?? 8000 + this.#cluster.random.int(12_000));
    await this.#settle();
    return {
      events: this.#events,
      faults: this.#injected.count,
      losses: this.#injected.lossCount,
      committedRecords: this.#partitions.committedCount,
      ackedRecords: this.#partitions.ackedCount,
      leaderEpochs: this.#partitions.epochCount,
      quorumEpochs: this.#metadata.epochCount,
      committedOffsets: this.#ledgers.reduce((sum, { commitCount }) => sum + commitCount, 0),
      simulatedMs: clock.monotonicMs(),
    };
  }

  #startActors(): void {
    const context = { cluster: this.#cluster, oracle: this.#partitions };
    for (let partition = 0; partition < this.#partitionCount; partition++) {
      for (const name of ['a', 'b'])
        this.#producers.push(new Producer(context, `producer-${name}${partition}`, TOPIC, partition));
      this.#consumers.push(new Consumer(context, `consumer-${partition}`, TOPIC, partition));
    }
    const ledger = new GroupLedger('group');
    this.#ledgers.push(ledger);
    for (let i = 0; i < 2; i++) this.#members.push(new GroupMember(context, `member-${i}`, ledger, TOPIC));
    for (const actor of [...this.#producers, ...this.#consumers, ...this.#members]) actor.start();
  }

  // ---- time ----

  async #step(untilMs: number): Promise<boolean> {
    const { clock, failures } = this.#cluster;
    if (!clock.step(untilMs)) return false;
    await turn();
    this.#events++;
    if (failures.length > 0) throw failures[0];
    this.#injected.check();
    this.#partitions.check();
    this.#metadata.check();
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
    const untilMs = this.#cluster.clock.monotonicMs() + limitMs;
    while (!isDone()) {
      if (!(await this.#step(untilMs))) throw new Error(`${otherwise} within ${limitMs} ms: ${this.#describe()}`);
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
    const waiting = this.#producers.filter(({ isDrained }) => !isDrained).map(({ name }) => name);
    return `${nodes.join('\n')}\nproducers not done: ${waiting}`;
  }

  // ---- faults ----

  async #chaos(durationMs: number): Promise<void> {
    const { clock, random } = this.#cluster;
    const untilMs = clock.monotonicMs() + durationMs;
    const pauseMs = [300, 1500, 4000][random.int(3)] ?? 1500;
    await this.#runFor(random.int(1500));
    while (clock.monotonicMs() < untilMs) {
      if (random.int(8) === 0) this.#administer();
      else this.#injected.happen();
      await turn();
      await this.#runFor(50 + random.int(pauseMs));
    }
  }

  // ---- what administrators do ----

  #createTopic(name: string, numPartitions: number, created: () => void): void {
    const admin = this.#admin;
    const topics = [{ name, numPartitions, replicationFactor: -1, assignments: [], configs: [] }];
    const body = { topics, timeoutMs: ADMIN_TIMEOUT_MS };
    admin.send(admin.anyNode(), createTopicsRequest, createTopicsResponse, body, 2 * ADMIN_TIMEOUT_MS, (response) => {
      if (response?.topics[0]?.errorCode === 0) created();
      else this.#cluster.trace(`topic ${name}: ${response?.topics[0]?.errorMessage ?? 'no answer'}`);
    });
  }

  #administer(): void {
    const { random, nodes } = this.#cluster;
    const admin = this.#admin;
    const partitionIndex = random.int(this.#partitionCount);
    switch (random.int(3)) {
      case 0: {
        const name = `topic-${this.#topicCount++}`;
        if (this.#topicCount < 5) this.#createTopic(name, 1, () => this.#createdTopics.add(name));
        return;
      }
      case 1: {
        const ids = nodes.map(({ id }) => id);
        for (let i = ids.length - 1; i > 0; i--) {
          const j = random.int(i + 1);
          [ids[i], ids[j]] = [ids[j] ?? 0, ids[i] ?? 0];
        }
        // Never fewer than min.insync.replicas asks for.
        const replicas = ids.slice(0, Math.min(ids.length, 2 + random.int(2)));
        this.#cluster.trace(`${TOPIC}-${partitionIndex} is to have replicas ${replicas}`);
        const topics = [{ name: TOPIC, partitions: [{ partitionIndex, replicas }] }];
        const body = { timeoutMs: ADMIN_TIMEOUT_MS, topics };
        admin.send(
          admin.anyNode(),
          alterPartitionReassignmentsRequest,
          alterPartitionReassignmentsResponse,
          body,
          2 * ADMIN_TIMEOUT_MS,
          (response) => this.#cluster.trace(`reassignment: ${JSON.stringify(response)}`),
        );
        return;
      }
      default: {
        const topicPartitions = [{ topic: TOPIC, partitions: [partitionIndex] }];
        const body = { electionType: 0, topicPartitions, timeoutMs: ADMIN_TIMEOUT_MS };
        admin.send(admin.anyNode(), electLeadersRequest, electLeadersResponse, body, 2 * ADMIN_TIMEOUT_MS, () => {});
      }
    }
  }

  // ---- the end ----

  // All faults end: the cluster must find together and show everything to everybody.
  async #settle(): Promise<void> {
    const { nodes, internet } = this.#cluster;
    this.#cluster.trace('all faults end');
    internet.conditions = CALM_LINKS;
    internet.heal();
    for (const producer of this.#producers) producer.stop();
    for (const node of nodes) node.disk.dieWithin(Number.POSITIVE_INFINITY, () => {});
    const isSettled = (): boolean => {
      for (const node of nodes) if (!node.isRunning) this.#cluster.start(node);
      return (
        nodes.every(({ isReady, isClosing }) => isReady && !isClosing) &&
        newestPartitions(this.#cluster).every(({ isr, replicas }) => isr.length === replicas.length) &&
        this.#producers.every(({ isDrained }) => isDrained) &&
        this.#consumers.every(({ isAtEnd }) => isAtEnd)
      );
    };
    await this.#until(isSettled, SETTLE_LIMIT_MS, 'the cluster does not settle');
    for (const member of this.#members) member.stop();
    let unchecked = this.#ledgers.length;
    const context = { cluster: this.#cluster, oracle: this.#partitions };
    for (const ledger of this.#ledgers) {
      checkCommitted(context, ledger, TOPIC, () => {
        unchecked--;
      });
    }
    await this.#until(() => unchecked === 0, SETTLE_LIMIT_MS, 'committed offsets cannot be fetched');
    // Followers hear of the last high watermark with their next fetch; groups may still write a little.
    await this.#until(() => this.#partitions.isEven, EVEN_LIMIT_MS, 'the replicas do not become equal');
    this.#partitions.checkSettled();
    this.#metadata.checkImages();
    this.#checkTopics();
    for (const node of nodes) if (node.isRunning) this.#cluster.kill(node);
  }

  #checkTopics(): void {
    for (const { host, server } of this.#cluster.nodes) {
      for (const name of this.#createdTopics) {
        if (server?.internals.loader.image.topic(name) === undefined) {
          throw new Error(`the topic ${name} was created and is not known to ${host}`);
        }
      }
    }
  }
}
