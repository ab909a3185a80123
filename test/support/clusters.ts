import { ottla, removeFolder, temporaryFolder } from './processes.ts';

/** What `ottla cluster start --output json` prints. */
export interface StartedCluster {
  readonly clusterId: string;
  readonly bootstrapServers: string;
  readonly controllerBootstrapServers: string;
  readonly nodes: readonly {
    readonly id: number;
    readonly roles: readonly string[];
    readonly host: string;
    readonly port: number | null;
    readonly controllerPort: number | null;
    readonly pid: number;
    readonly dataDir: string;
    readonly rack: string | null;
  }[];
}

/** A node in `ottla cluster status --output json`. */
export interface NodeReport {
  readonly id: number;
  readonly state: string;
  readonly isFenced: boolean | null;
  readonly isActiveController: boolean;
  readonly partitionsLed: number;
  readonly partitionsOutOfSync: number;
}

/** A cluster of node processes in a folder of its own; drive it by the verbs of `ottla cluster`. */
export class TestCluster {
  readonly folder: string;
  readonly started: StartedCluster;

  private constructor(folder: string, started: StartedCluster) {
    this.folder = folder;
    this.started = started;
  }

  static async start(args: readonly string[] = []): Promise<TestCluster> {
    const folder = temporaryFolder();
    const port = args.includes('--port') ? [] : ['--port', '0'];
    const all = ['cluster', 'start', '--detach', '--output', 'json', '--data-dir', folder, ...port, ...args];
    const { stdout, stderr, code } = await ottla('ottla', all, { timeoutMs: 90_000 });
    if (code !== 0) throw new Error(`ottla cluster start ended with ${code}: ${stderr}`);
    return new TestCluster(folder, JSON.parse(stdout) as StartedCluster);
  }

  get bootstrap(): string {
    return this.started.bootstrapServers;
  }

  /** Runs a verb; throws when it fails. */
  async verb(name: string, ...args: string[]): Promise<string> {
    const all = ['cluster', name, ...args, '--data-dir', this.folder, '--output', 'json'];
    const { stdout, stderr, code } = await ottla('ottla', all, { timeoutMs: 90_000 });
    if (code !== 0) throw new Error(`ottla cluster ${name} ${args.join(' ')} ended with ${code}: ${stderr}`);
    return stdout;
  }

  async status(): Promise<{
    nodes: NodeReport[];
    activeController: number;
    underReplicated: number;
    withoutLeader: number;
    /** null when a broker that knows an active controller has answered. */
    problem: string | null;
    unaware: number[];
  }> {
    return JSON.parse(await this.verb('status'));
  }

  /** The broker that leads a partition, by Metadata through `kafka-topics --describe`. */
  async leaderOf(topic: string, partition: number): Promise<number> {
    const { stdout } = await ottla('kafka-topics', [
      '--bootstrap-server',
      this.bootstrap,
      '--describe',
      '--topic',
      topic,
    ]);
    const line = stdout.split('\n').find((text) => text.includes(`Partition: ${partition}\t`));
    return Number(/Leader: (\d+)/.exec(line ?? '')?.[1] ?? -1);
  }

  async purge(): Promise<void> {
    await this.verb('purge', '--yes').catch(() => {});
    removeFolder(this.folder);
  }
}
