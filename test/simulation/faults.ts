import type { PartitionRegistration } from '../../src/metadata/partition-registration.ts';
import type { SimulatedCluster, SimulatedNode } from './simulated-cluster.ts';
import { CALM_LINKS } from './simulated-internet.ts';

const MAX_TRIES = 10;
const MAX_FULL_DISK_MS = 3000;
const ELECTION_MS = 300;
const ELECTION_RESTARTS = 4;

export interface FaultsOptions {
  readonly cluster: SimulatedCluster;
  /** Brokers sync every write before they acknowledge it: any disk may forget what was not synced, at any time. */
  readonly flushesEach: boolean;
  /** Hosts of clients, which may be cut off too. */
  clientHosts(): readonly string[];
}

/** All that goes wrong in a scenario, by chance, within what Kafka promises to bear. */
export class Faults {
  readonly #options: FaultsOptions;
  readonly #cluster: SimulatedCluster;
  /** What may happen, as often as it stands here; false = it cannot happen now. */
  readonly #kinds: readonly (() => boolean)[];
  /** A node whose disk forgot something, until it has everything again: then nobody else may fail. */
  #forgetful: { readonly node: SimulatedNode; readonly life: number } | undefined;
  #isOver = false;
  /** How many happened. */
  count = 0;
  /** How often a machine lost its power, or died in the middle of a write. */
  lossCount = 0;
  fullDiskCount = 0;

  constructor(options: FaultsOptions) {
    this.#options = options;
    this.#cluster = options.cluster;
    const start = (): boolean => this.#start();
    const mend = (): boolean => this.#mend();
    const losePower = (): boolean => this.#end(this.#any(), (node) => this.#losePower(node));
    const cutLeader = (): boolean => this.#cutOff(this.#leader());
    this.#kinds = [
      losePower,
      losePower,
      () => this.#end(this.#leader(), (node) => this.#losePower(node)),
      () => this.#end(this.#any(), (node) => this.#kill(node)),
      () => this.#end(this.#leader(), (node) => this.#kill(node)),
      () => this.#end(this.#any(), (node) => this.#restart(node)),
      () => this.#end(this.#any(), (node) => this.#close(node)),
      () => this.#end(this.#any(), (node) => this.#dieWhileWriting(node)),
      start,
      start,
      start,
      start,
      () => this.#cutOff(this.#any()),
      cutLeader,
      cutLeader,
      () => this.#cutOneWay(),
      mend,
      mend,
      () => this.#changeConditions(),
      () => this.#breakConnections(),
      () => this.#jumpClock(),
      () => this.#end(this.#quorumLeader(), (node) => this.#troubleElection(node)),
      () => this.#end(this.#any(), (node) => this.#fillDisk(node)),
      () => this.#end(this.#leader(), (node) => this.#fillDisk(node)),
    ];
  }

  /** Mends all that is mended without a process: disks, hosts and links are well from now on. */
  stop(): void {
    const { internet, nodes } = this.#cluster;
    this.#isOver = true;
    internet.conditions = CALM_LINKS;
    internet.heal();
    for (const node of nodes) {
      node.disk.dieWithin(Number.POSITIVE_INFINITY, () => {});
      this.#cluster.emptyDisk(node);
    }
  }

  /** Makes something go wrong; false when nothing can. */
  happen(): boolean {
    for (let i = 0; i < MAX_TRIES; i++) {
      if (this.#pick(this.#kinds)?.() !== true) continue;
      this.count++;
      return true;
    }
    return false;
  }

  /** Whether no process may be stopped now, because a disk forgot what others must still give back. */
  get isRecovering(): boolean {
    return this.#forgetful !== undefined && !this.#options.flushesEach;
  }

  /** To be called after every event: notes when a node has caught up. */
  check(): void {
    if (this.#forgetful === undefined) return;
    const { node, life } = this.#forgetful;
    if (node.life === life || !node.isReady) return;
    const replicated = newestPartitions(this.#cluster).filter(({ replicas }) => replicas.includes(node.id));
    if (replicated.every(({ isr }) => isr.includes(node.id))) this.#forgetful = undefined;
  }

  #pick<T>(from: readonly T[]): T | undefined {
    return from[this.#cluster.random.int(Math.max(1, from.length))];
  }

  #any(): SimulatedNode | undefined {
    return this.#pick(this.#cluster.nodes.filter(({ isRunning }) => isRunning));
  }

  // Of some partition.
  #leader(): SimulatedNode | undefined {
    const leaderId = this.#pick(newestPartitions(this.#cluster))?.leader;
    return this.#cluster.nodes.find(({ id, isRunning }) => isRunning && id === leaderId);
  }

  #quorumLeader(): SimulatedNode | undefined {
    return this.#cluster.nodes.find(({ isRunning, server }) => isRunning && server?.internals.raft.isLeader === true);
  }

  // Whether a node may end without that what was acknowledged is lost, by the rules of Kafka.
  #end(node: SimulatedNode | undefined, run: (node: SimulatedNode) => boolean): boolean {
    if (node?.isRunning !== true) return false;
    return !this.isRecovering && run(node);
  }

  // Its disk forgets what it had not synced: each partition must be in the ISR of another node that is well.
  #mayForget(node: SimulatedNode): boolean {
    if (this.#options.flushesEach) return true;
    // Who had no space is not well until it was started anew.
    const isWell = (one: SimulatedNode): boolean => one.isReady && !one.isClosing && one.lastFullLife !== one.life;
    if (!this.#cluster.nodes.every(isWell)) return false;
    return newestPartitions(this.#cluster).every(({ isr }) => isr.some((id) => id !== node.id));
  }

  #losePower(node: SimulatedNode): boolean {
    if (!this.#mayForget(node)) return false;
    if (!this.#options.flushesEach) this.#forgetful = { node, life: node.life };
    this.lossCount++;
    this.#cluster.crash(node);
    return true;
  }

  #kill(node: SimulatedNode): boolean {
    this.#cluster.kill(node);
    return true;
  }

  // Back before anybody notices.
  #restart(node: SimulatedNode): boolean {
    if (this.#cluster.random.int(2) === 0 || !this.#losePower(node)) this.#cluster.kill(node);
    this.#cluster.start(node);
    return true;
  }

  // Votes are slow to come, and those who gave them start anew: each epoch must have one leader all the same.
  #troubleElection(leader: SimulatedNode): boolean {
    const { random, internet, clock } = this.#cluster;
    this.#cluster.trace(`the quorum is to lose its leader ${leader.host}, and voters their memory`);
    internet.conditions = { minDelayMs: 0.1, maxDelayMs: ELECTION_MS, stallChance: 0, stallMs: 0 };
    this.#cluster.kill(leader);
    const startAgain = (node: SimulatedNode): boolean => {
      this.#cluster.kill(node);
      this.#cluster.start(node);
      return true;
    };
    for (let i = 0; i < ELECTION_RESTARTS; i++) {
      clock.schedule(random.int(4 * ELECTION_MS), () => !this.#isOver && this.#end(this.#any(), startAgain));
    }
    clock.schedule(random.int(4 * ELECTION_MS), () => this.#cluster.start(leader));
    return true;
  }

  #close(node: SimulatedNode): boolean {
    if (node.isClosing || node.server === undefined) return false;
    this.#cluster.close(node);
    return true;
  }

  #dieWhileWriting(node: SimulatedNode): boolean {
    const { random, clock } = this.#cluster;
    const forgets = this.#mayForget(node);
    const { life } = node;
    // From now on nobody else may fail, as it may happen at any time.
    if (forgets && !this.#options.flushesEach) this.#forgetful = { node, life };
    this.#cluster.trace(`${node.host} is to die while it writes`);
    node.disk.dieWithin(1 + random.int(30), () => {
      if (node.life !== life || !node.isRunning) return;
      this.#cluster.trace(`${node.host} dies while it writes`);
      this.lossCount++;
      node.clock.die();
      clock.schedule(0, () => {
        if (node.life !== life) return;
        if (forgets) this.#cluster.crash(node);
        else this.#cluster.kill(node);
      });
    });
    return true;
  }

  #start(): boolean {
    const node = this.#pick(this.#cluster.nodes.filter(({ isRunning }) => !isRunning));
    if (node === undefined) return false;
    this.#cluster.start(node);
    return true;
  }

  #cutOff(node: SimulatedNode | undefined): boolean {
    const { internet, random, hosts } = this.#cluster;
    if (node === undefined) return false;
    const withClients = random.int(3) === 0;
    this.#cluster.trace(`${node.host} is cut off${withClients ? ' from clients too' : ''}`);
    internet.isolate(node.host, withClients ? [...hosts, ...this.#options.clientHosts()] : hosts);
    return true;
  }

  #cutOneWay(): boolean {
    const { internet, hosts } = this.#cluster;
    const from = this.#pick(hosts);
    const to = this.#pick(hosts);
    if (from === undefined || to === undefined || from === to) return false;
    this.#cluster.trace(`${from} > ${to} is cut`);
    internet.cut(from, to);
    return true;
  }

  #mend(): boolean {
    const { internet } = this.#cluster;
    if (!internet.hasCuts) return false;
    this.#cluster.trace('the network is mended');
    internet.heal();
    return true;
  }

  #changeConditions(): boolean {
    const { internet } = this.#cluster;
    internet.conditions = {
      minDelayMs: 0.1,
      maxDelayMs: this.#pick([2, 2, 20, 300]) ?? 2,
      stallChance: this.#pick([0, 0, 0.01, 0.1]) ?? 0,
      stallMs: this.#pick([200, 3000]) ?? 200,
    };
    this.#cluster.trace(`conditions ${JSON.stringify(internet.conditions)}`);
    return true;
  }

  #breakConnections(): boolean {
    this.#cluster.trace('connections break');
    for (let i = this.#cluster.random.int(6); i >= 0; i--) this.#cluster.internet.breakOne();
    return true;
  }

  #fillDisk(node: SimulatedNode): boolean {
    const { random, clock } = this.#cluster;
    if (node.disk.isFull) return false;
    this.fullDiskCount++;
    this.#cluster.fillDisk(node);
    clock.schedule(50 + random.int(MAX_FULL_DISK_MS), () => this.#cluster.emptyDisk(node));
    return true;
  }

  #jumpClock(): boolean {
    const node = this.#any();
    if (node === undefined) return false;
    node.clock.skewMs = this.#pick([-3_600_000, -5000, 0, 5000, 3_600_000]) ?? 0;
    this.#cluster.trace(`${node.host} has its clock ${node.clock.skewMs} ms off`);
    return true;
  }
}

/** All partitions as the node sees them that knows the most of the metadata. */
export function newestPartitions(cluster: SimulatedCluster): PartitionRegistration[] {
  let newest: SimulatedNode | undefined;
  for (const node of cluster.nodes) {
    const offset = node.server?.internals.loader.lastAppliedOffset ?? -1;
    if (offset > (newest?.server?.internals.loader.lastAppliedOffset ?? -1)) newest = node;
  }
  const topics = [...(newest?.server?.internals.loader.image.topics() ?? [])];
  return topics.flatMap(({ partitions }) => partitions);
}
