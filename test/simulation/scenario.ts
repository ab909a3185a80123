import { createTopicsRequest, createTopicsResponse } from '../../src/protocol/messages/19-create-topics.ts';
import { electLeadersRequest, electLeadersResponse } from '../../src/protocol/messages/43-elect-leaders.ts';
import {
  alterPartitionReassignmentsRequest,
  alterPartitionReassignmentsResponse,
} from '../../src/protocol/messages/45-alter-partition-reassignments.ts';
import { Consumer, Producer } from './actors.ts';
import { checkCommitted, GroupLedger, GroupMember } from './group-actors.ts';
import { MetadataOracle, PartitionOracle } from './oracle.ts';
import { SimulatedClient } from './simulated-client.ts';
import { SimulatedCluster, type SimulatedNode } from './simulated-cluster.ts';
import { CALM_LINKS } from './simulated-internet.ts';

const TOPIC = 'events';
const START_LIMIT_MS = 60_000;
const SETTLE_LIMIT_MS = 120_000;
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
  readonly #partitions: PartitionOracle;
  readonly #metadata: MetadataOracle;
  readonly #admin: SimulatedClient;
  readonly #partitionCount: number;
  readonly #producers: Producer[] = [];
  readonly #consumers: Consumer[] = [];
  readonly #members: GroupMember[] = [];
  readonly #ledgers: GroupLedger[] = [];
  readonly #createdTopics = new Set<string>();
  readonly #flushesEach: boolean;
  /** A node whose disk forgot something, until it has everything again: then nobody else may fail. */
  #forgetful: { readonly node: SimulatedNode; readonly life: number } | undefined;
  #nextImageCheckMs = 0;
  #events = 0;
  #faults = 0;
  #topicCount = 0;

  constructor(options: ScenarioOptions) {
    this.#options = options;
    const nodeCount = options.nodeCount ?? (options.seed % 4 === 0 ? 1 : 3);
    // A lone broker keeps what it acknowledged only if it syncs before that.
    this.#flushesEach = nodeCount === 1;
    this.#cluster = new SimulatedCluster({
      seed: options.seed,
      nodeCount,
      properties: this.#flushesEach ? { 'log.flush.interval.messages': '1' } : {},
      trace: options.trace,
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
      faults: this.#faults,
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
    this.#checkForgetful();
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
      this.#faults++;
      this.#fault();
      await turn();
      await this.#runFor(50 + random.int(pauseMs));
    }
  }

  #pick<T>(from: readonly T[]): T | undefined {
    return from[this.#cluster.random.int(Math.max(1, from.length))];
  }

  // Whether a node may end without that what was acknowledged is lost, by the rules of Kafka.
  #mayEnd(node: SimulatedNode): boolean {
    return node.isRunning && (this.#forgetful === undefined || this.#flushesEach);
  }

  // Its disk forgets what it had not synced: each partition must be in the ISR of another node that is well.
  #mayForget(node: SimulatedNode): boolean {
    if (this.#flushesEach) return node.isRunning;
    const { nodes } = this.#cluster;
    if (!this.#mayEnd(node) || !nodes.every(({ isReady, isClosing }) => isReady && !isClosing)) return false;
    return this.#newestPartitions().every(({ isr }) => isr.some((id) => id !== node.id));
  }

  #newestPartitions() {
    let newest: SimulatedNode | undefined;
    for (const node of this.#cluster.nodes) {
      const offset = node.server?.internals.loader.lastAppliedOffset ?? -1;
      if (offset > (newest?.server?.internals.loader.lastAppliedOffset ?? -1)) newest = node;
    }
    const topics = [...(newest?.server?.internals.loader.image.topics() ?? [])];
    return topics.flatMap(({ partitions }) => partitions);
  }

  #checkForgetful(): void {
    if (this.#forgetful === undefined) return;
    const { node, life } = this.#forgetful;
    if (node.life === life || !node.isReady) return;
    const replicated = this.#newestPartitions().filter(({ replicas }) => replicas.includes(node.id));
    if (replicated.every(({ isr }) => isr.includes(node.id))) this.#forgetful = undefined;
  }

  #forget(node: SimulatedNode): void {
    if (!this.#flushesEach) this.#forgetful = { node, life: node.life };
    this.#cluster.crash(node);
  }

  #fault(): void {
    const cluster = this.#cluster;
    const { random, nodes, internet } = cluster;
    const running = nodes.filter(({ isRunning }) => isRunning);
    const down = nodes.filter(({ isRunning }) => !isRunning);
    const node = this.#pick(running);
    switch (random.int(16)) {
      case 0:
      case 1:
        if (node !== undefined && this.#mayForget(node)) this.#forget(node);
        return;
      case 2:
        if (node !== undefined && this.#mayEnd(node)) cluster.kill(node);
        return;
      case 3:
        // Back before anybody notices.
        if (node === undefined || !this.#mayEnd(node)) return;
        if (random.int(2) === 0 && this.#mayForget(node)) this.#forget(node);
        else cluster.kill(node);
        cluster.start(node);
        return;
      case 4:
      case 5:
      case 6: {
        const one = this.#pick(down);
        if (one !== undefined) cluster.start(one);
        return;
      }
      case 7:
        if (node !== undefined && this.#mayEnd(node)) cluster.close(node);
        return;
      case 8:
        if (node !== undefined && this.#mayEnd(node)) this.#dieWhileWriting(node);
        return;
      case 9:
        if (node === undefined) return;
        cluster.trace(`${node.host} is cut off`);
        internet.isolate(node.host, random.int(2) === 0 ? cluster.hosts : [...cluster.hosts, ...this.#clientHosts()]);
        return;
      case 10: {
        const from = this.#pick(cluster.hosts);
        const to = this.#pick(cluster.hosts);
        if (from === undefined || to === undefined) return;
        cluster.trace(`${from} > ${to} is cut`);
        internet.cut(from, to);
        return;
      }
      case 11:
      case 12:
        cluster.trace('the network is mended');
        internet.heal();
        return;
      case 13:
        internet.conditions = {
          minDelayMs: 0.1,
          maxDelayMs: this.#pick([2, 20, 300]) ?? 2,
          stallChance: this.#pick([0, 0, 0.01, 0.1]) ?? 0,
          stallMs: this.#pick([200, 3000]) ?? 200,
        };
        cluster.trace(`conditions ${JSON.stringify(internet.conditions)}`);
        return;
      case 14:
        cluster.trace('connections break');
        for (let i = random.int(6); i >= 0; i--) internet.breakOne();
        return;
      default:
        if (random.int(3) === 0) this.#jumpClock(node);
        else this.#administer();
    }
  }

  #jumpClock(node: SimulatedNode | undefined): void {
    if (node === undefined) return;
    node.clock.skewMs = this.#pick([-3_600_000, -5000, 0, 5000, 3_600_000]) ?? 0;
    this.#cluster.trace(`${node.host} has its clock ${node.clock.skewMs} ms off`);
  }

  #clientHosts(): string[] {
    return [...this.#producers.map(({ name }) => name)];
  }

  #dieWhileWriting(node: SimulatedNode): void {
    const { random, clock } = this.#cluster;
    const forgets = this.#mayForget(node);
    // From now on nobody else may fail, as it may happen at any time.
    const { life } = node;
    if (forgets && !this.#flushesEach) this.#forgetful = { node, life };
    this.#cluster.trace(`${node.host} is to die while it writes`);
    node.disk.dieWithin(1 + random.int(30), () => {
      if (node.life !== life || !node.isRunning) return;
      this.#cluster.trace(`${node.host} dies while it writes`);
      node.clock.die();
      clock.schedule(0, () => {
        if (node.life !== life) return;
        if (forgets) this.#cluster.crash(node);
        else this.#cluster.kill(node);
      });
    });
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
    const { nodes, internet, random } = this.#cluster;
    this.#cluster.trace('all faults end');
    internet.conditions = CALM_LINKS;
    internet.heal();
    for (const producer of this.#producers) producer.stop();
    for (const node of nodes) node.disk.dieWithin(Number.POSITIVE_INFINITY, () => {});
    void random;
    const isSettled = (): boolean => {
      for (const node of nodes) if (!node.isRunning) this.#cluster.start(node);
      return (
        nodes.every(({ isReady, isClosing }) => isReady && !isClosing) &&
        this.#newestPartitions().every(({ isr, replicas }) => isr.length === replicas.length) &&
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
    // Followers hear of the last high watermark with their next fetch.
    await this.#runFor(2000);
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
