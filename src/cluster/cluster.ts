import type { Clock } from '../base/clock.ts';
import type { FileSystem } from '../base/file-system.ts';
import type { Random } from '../base/random.ts';
import { ClusterError, ClusterLayout, type ClusterSpec, type NodeSpec } from './layout.ts';
import { delay, NodeProcess, type OttlaCommand } from './node-process.ts';
import { type ClusterPlan, makeNode, planCluster } from './plan.ts';
import { claimPorts } from './ports.ts';
import { initialControllers, nodeProperties, propertiesText } from './server-properties.ts';
import { readiness } from './status.ts';

/** What a cluster is made of besides its folder. */
export interface ClusterEnvironment {
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly random: Random;
  /** How a node is run. */
  readonly command: OttlaCommand;
  /** Whether nodes that are started through this environment stop when this process is gone; default false. */
  readonly endsWithUs?: boolean;
}

const STOP_TIMEOUT_MS = 30_000;
const START_TIMEOUT_MS = 60_000;
const READY_POLL_MS = 15;
const FAULT_TIMEOUT_MS = 5000;

/**
 * A cluster of real node processes on this machine, known by its folder. The nodes do not depend on whoever started
 * them: another Cluster object on the same folder finds them again.
 */
export class Cluster {
  readonly layout: ClusterLayout;
  readonly #environment: ClusterEnvironment;
  #spec: ClusterSpec;

  private constructor(layout: ClusterLayout, spec: ClusterSpec, environment: ClusterEnvironment) {
    this.layout = layout;
    this.#spec = spec;
    this.#environment = environment;
  }

  /** The cluster in a folder. Throws ClusterError when there is none. */
  static open(directory: string, environment: ClusterEnvironment): Cluster {
    const layout = new ClusterLayout(directory, environment.fileSystem);
    return new Cluster(layout, layout.readSpec(), environment);
  }

  /** The cluster in a folder, or undefined. */
  static find(directory: string, environment: ClusterEnvironment): Cluster | undefined {
    return new ClusterLayout(directory, environment.fileSystem).exists()
      ? Cluster.open(directory, environment)
      : undefined;
  }

  /** Plans a new cluster in a folder; no process is started yet. Throws ClusterError when there is one already. */
  static async create(directory: string, plan: ClusterPlan, environment: ClusterEnvironment): Promise<Cluster> {
    const layout = new ClusterLayout(directory, environment.fileSystem);
    if (layout.exists()) throw new ClusterError(`${directory} holds a cluster already; ottla cluster purge removes it`);
    const spec = await planCluster(plan, environment.random);
    return Cluster.fromSpec(directory, spec, environment);
  }

  /** Writes down a cluster that was planned elsewhere (a compose file). */
  static fromSpec(directory: string, spec: ClusterSpec, environment: ClusterEnvironment): Cluster {
    const layout = new ClusterLayout(directory, environment.fileSystem);
    layout.writeSpec(spec);
    return new Cluster(layout, spec, environment);
  }

  get spec(): ClusterSpec {
    return this.#spec;
  }

  get clock(): Clock {
    return this.#environment.clock;
  }

  get nodes(): readonly NodeSpec[] {
    return this.#spec.nodes;
  }

  /** `host:port,...` of all brokers. */
  get bootstrapServers(): string {
    return this.nodes.flatMap((node) => (node.port === undefined ? [] : [`${node.host}:${node.port}`])).join(',');
  }

  /** `host:port,...` of all controllers. */
  get controllerBootstrapServers(): string {
    return this.nodes
      .flatMap((node) => (node.controllerPort === undefined ? [] : [`${node.host}:${node.controllerPort}`]))
      .join(',');
  }

  /** The node with an id. Throws ClusterError that lists the ids when there is none. */
  node(id: number): NodeSpec {
    const found = this.nodes.find((node) => node.id === id);
    if (found !== undefined) return found;
    throw new ClusterError(`there is no node ${id}; the cluster has ${this.nodes.map((node) => node.id).join(', ')}`);
  }

  process(id: number): NodeProcess {
    const { fileSystem, clock } = this.#environment;
    return new NodeProcess(this.node(id).id, this.layout, fileSystem, clock);
  }

  /** Ids of the nodes whose processes run. */
  runningIds(): number[] {
    return this.nodes.filter((node) => this.process(node.id).state() !== 'stopped').map((node) => node.id);
  }

  /**
   * Starts every node that does not run. Resolves when each broker is unfenced. Throws ClusterError with the last lines
   * of a node that ended, or when it takes longer than a minute, or when `isCancelled` says so; what was started is
   * stopped again then.
   */
  async start(isCancelled: () => boolean = () => false): Promise<void> {
    const stopped = this.nodes.filter((node) => this.process(node.id).state() === 'stopped');
    try {
      for (const node of stopped) await this.#startNode(node);
      await this.waitUntilReady(
        this.nodes.map((node) => node.id),
        isCancelled,
      );
    } catch (error) {
      // It would be in the way of the next attempt.
      await settleAll(stopped.map((node) => this.stopNode(node.id))).catch(() => {});
      throw error;
    }
  }

  async #startNode(node: NodeSpec): Promise<void> {
    const { fileSystem, command, endsWithUs = false } = this.#environment;
    fileSystem.makeDirectory(this.layout.nodeDirectory(node.id));
    const properties = nodeProperties(this.#spec, node, this.layout.dataDir(node.id));
    fileSystem.writeFileAtomically(this.layout.propertiesPath(node.id), propertiesText(properties));
    const voters = node.isInitialVoter ? ['--initial-controllers', initialControllers(this.#spec)] : [];
    const args = [
      ...['serve', '--output', 'json', '--config', this.layout.propertiesPath(node.id)],
      ...['--cluster-id', this.#spec.clusterId, '--directory-id', node.directoryId],
      ...['--faults', this.layout.faultsPath(node.id), ...voters],
    ];
    await this.process(node.id).start(command, args, endsWithUs);
  }

  /** Starts one node. Resolves when it is ready. */
  async startNode(id: number): Promise<void> {
    await this.#startNode(this.node(id));
    await this.waitUntilReady([id]);
  }

  /** Waits until the nodes answer and the brokers among them are unfenced. */
  async waitUntilReady(ids: readonly number[], isCancelled: () => boolean = () => false): Promise<void> {
    const { clock } = this.#environment;
    const deadline = clock.monotonicMs() + START_TIMEOUT_MS;
    for (;;) {
      if (isCancelled()) throw new ClusterError('interrupted');
      for (const id of ids) this.#throwIfEnded(id);
      const missing = await readiness(this, ids);
      if (missing.length === 0) return;
      if (clock.monotonicMs() > deadline) {
        const said = missing.map((id) => `node ${id} said last:\n${this.process(id).lastLines()}`).join('\n');
        throw new ClusterError(`not ready after ${START_TIMEOUT_MS} ms: node ${missing.join(', ')}\n${said}`);
      }
      await delay(clock, READY_POLL_MS);
    }
  }

  #throwIfEnded(id: number): void {
    const process = this.process(id);
    if (process.state() !== 'stopped') return;
    throw new ClusterError(`node ${id} ended; the last lines of ${this.layout.logPath(id)}:\n${process.lastLines()}`);
  }

  /** Stops one node cleanly. */
  async stopNode(id: number): Promise<void> {
    await this.process(id).stop(STOP_TIMEOUT_MS);
  }

  /**
   * Stops every node cleanly: brokers first, the controllers that they report to last, so that each can hand over its
   * partitions while it is still possible.
   */
  async stop(): Promise<void> {
    const byRole = (isController: boolean) =>
      this.nodes
        .filter((node) => node.roles.includes('controller') === isController)
        .map((node) => this.stopNode(node.id));
    await settleAll(byRole(false));
    await settleAll(byRole(true));
  }

  /** Stops a node cleanly and starts it again. */
  async restartNode(id: number): Promise<void> {
    await this.stopNode(id);
    await this.startNode(id);
  }

  /** Adds a broker with the next free id and starts it. Returns the new node. Throws ClusterError when nothing runs. */
  async addBroker(port = 0): Promise<NodeSpec> {
    const { random } = this.#environment;
    if (this.runningIds().length === 0) {
      throw new ClusterError('the cluster does not run, so no broker can join it; start it first: ottla cluster start');
    }
    const id = Math.max(...this.nodes.map((node) => node.id)) + 1;
    const [claimed] = await claimPorts([port]);
    const node = makeNode(id, claimed, undefined, random, false);
    const before = this.#spec;
    this.#writeSpec({ ...before, nodes: [...this.nodes, node] });
    try {
      await this.startNode(id);
    } catch (error) {
      await this.stopNode(id).catch(() => {});
      this.#writeSpec(before);
      this.#environment.fileSystem.removeTree(this.layout.nodeDirectory(id));
      throw error;
    }
    return node;
  }

  #writeSpec(spec: ClusterSpec): void {
    this.#spec = spec;
    this.layout.writeSpec(spec);
  }

  /**
   * Cuts the traffic between each node of one group and each node of another, both ways; clients still reach all. The
   * nodes named replace what was cut for them before. Resolves when every running node has confirmed it.
   */
  async partition(groups: readonly (readonly number[])[]): Promise<void> {
    if (groups.length < 2) throw new ClusterError('a partition needs two groups of nodes, as in: partition 1 / 2,3');
    const named = groups.flat();
    const twice = named.find((id, i) => named.indexOf(id) !== i);
    if (twice !== undefined) throw new ClusterError(`node ${twice} stands in two groups`);
    for (const group of groups) {
      const others = named.filter((id) => !group.includes(id));
      for (const id of group) this.#writeFaults(this.node(id).id, others);
    }
    await this.#waitForFaults(named);
  }

  /** Takes all cuts away. */
  async heal(): Promise<void> {
    const ids = this.nodes.map((node) => node.id);
    for (const id of ids)
      if (this.#environment.fileSystem.exists(this.layout.faultsPath(id))) this.#writeFaults(id, []);
    await this.#waitForFaults(ids);
  }

  #writeFaults(id: number, cutOffFrom: readonly number[]): void {
    this.#environment.fileSystem.writeFileAtomically(this.layout.faultsPath(id), JSON.stringify({ cutOffFrom }));
  }

  /** The nodes that a node is cut off from. */
  cutOffFrom(id: number): readonly number[] {
    const { fileSystem } = this.#environment;
    const path = this.layout.faultsPath(id);
    if (!fileSystem.exists(path)) return [];
    const value = JSON.parse(fileSystem.readFile(path).toString()) as { cutOffFrom?: unknown };
    return Array.isArray(value.cutOffFrom) ? value.cutOffFrom.filter((other) => typeof other === 'number') : [];
  }

  // A node copies the file beside itself once it acts upon it; a stopped or paused one will when it runs again.
  async #waitForFaults(ids: readonly number[]): Promise<void> {
    const { clock, fileSystem } = this.#environment;
    const deadline = clock.monotonicMs() + FAULT_TIMEOUT_MS;
    const isApplied = (id: number): boolean => {
      const path = this.layout.faultsPath(id);
      if (this.process(id).state() !== 'running' || !fileSystem.exists(path)) return true;
      const applied = `${path}.applied`;
      return fileSystem.exists(applied) && fileSystem.readFile(applied).equals(fileSystem.readFile(path));
    };
    while (!ids.every(isApplied)) {
      if (clock.monotonicMs() > deadline) {
        throw new ClusterError(
          `node ${ids.filter((id) => !isApplied(id)).join(', ')} did not confirm within ${FAULT_TIMEOUT_MS} ms`,
        );
      }
      await delay(clock, READY_POLL_MS);
    }
  }

  /** Kills what still runs and removes the folder with all data. */
  purge(): Promise<void> {
    return Cluster.purgeFolder(this.layout.directory, this.#environment);
  }

  /**
   * Kills what still runs of the cluster in a folder, also when its cluster.json cannot be read, and removes the folder
   * with all data. Throws ClusterError when there is no cluster.
   */
  static async purgeFolder(directory: string, { fileSystem, clock }: ClusterEnvironment): Promise<void> {
    const layout = new ClusterLayout(directory, fileSystem);
    layout.checkExists();
    const processes = layout.nodeIds().map((id) => new NodeProcess(id, layout, fileSystem, clock));
    const running = processes.filter((process) => process.state() !== 'stopped');
    await settleAll(running.map((process) => process.kill()));
    fileSystem.removeTree(directory);
  }
}

/** Waits for all, then throws the first failure: one node that will not stop must not keep the others from it. */
async function settleAll(promises: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(promises);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
