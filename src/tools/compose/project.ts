import { dirname, join, resolve } from 'node:path';
import { nodeFileSystem } from '../../base/file-system.ts';
import { KafkaError } from '../../base/kafka-error.ts';
import { createTopics } from '../../client/admin/topics.ts';
import { KafkaClient } from '../../client/index.ts';
import { Cluster, type ClusterEnvironment } from '../../cluster/cluster.ts';
import { type ComposeFile, readComposeFile } from '../../cluster/compose/file.ts';
import { type ComposePlan, planCompose, type WantedTopic } from '../../cluster/compose/plan.ts';
import { defaultClusterDir } from '../../cluster/layout.ts';
import { ottlaCommand } from '../../cluster/ottla-command.ts';
import { clusterStatus } from '../../cluster/status.ts';
import { startedJson, startedText, statusJson, statusTable } from '../cluster/print.ts';
import { superviseInForeground } from '../cluster/supervise.ts';
import type { ToolIo } from '../shared/tool.ts';

/** What is remembered of a project beside its cluster. */
interface ProjectNotes {
  readonly keepsData: boolean;
  readonly serviceNames: Readonly<Record<string, string>>;
  /** The services that it was made of. */
  readonly services?: unknown;
}

/** The cluster that a compose file stands for; its folder is named after the project. */
export class ComposeProject {
  readonly #file: ComposeFile;
  readonly #directory: string;
  readonly #environment: ClusterEnvironment;
  readonly #output: 'text' | 'json';
  readonly #io: ToolIo;

  private constructor(file: ComposeFile, directory: string, output: 'text' | 'json', io: ToolIo) {
    this.#file = file;
    this.#directory = directory;
    this.#output = output;
    this.#io = io;
    this.#environment = { fileSystem: nodeFileSystem, clock: io.clock, random: io.random, command: ottlaCommand() };
  }

  /** Reads the files, each laid over those before. Throws ClusterError when one is missing or wrong. */
  static open(
    paths: readonly string[],
    dataDir: string | undefined,
    output: 'text' | 'json',
    io: ToolIo,
  ): ComposeProject {
    const file = readComposeFile(paths, nodeFileSystem, io.env);
    const projects =
      dataDir === undefined ? join(dirname(defaultClusterDir(io.env)), 'compose') : resolve(io.cwd, dataDir);
    return new ComposeProject(file, join(projects, file.project), output, io);
  }

  get #notesPath(): string {
    return join(this.#directory, 'compose.json');
  }

  #readNotes(): ProjectNotes {
    if (!nodeFileSystem.exists(this.#notesPath)) return { keepsData: false, serviceNames: {} };
    return JSON.parse(nodeFileSystem.readFile(this.#notesPath).toString()) as ProjectNotes;
  }

  /** Starts what the file says. A project whose file was changed gets its nodes anew; they keep their data. */
  async up(isDetached: boolean): Promise<number> {
    const found = Cluster.find(this.#directory, this.#environment);
    const isChanged = found !== undefined && this.#isChanged();
    const wasRunning = found !== undefined && !isChanged && found.runningIds().length === found.nodes.length;
    if (isChanged) {
      this.#io.stderr.write('ottla compose: the file has changed: the brokers start anew with their data\n');
      await found.stop();
    }
    const plan = found === undefined || isChanged ? await this.#plan(found) : undefined;
    for (const remark of plan?.remarks ?? []) this.#io.stderr.write(`ottla compose: ${remark}\n`);
    const cluster = plan === undefined ? Cluster.open(this.#directory, this.#environment) : this.#create(plan);
    let interrupted = false;
    const unhook = this.#io.onInterrupt(() => {
      interrupted = true;
    });
    try {
      await cluster.start(() => interrupted);
      if (plan !== undefined) await this.#createTopics(cluster, plan.topics);
    } catch (error) {
      // One that never ran holds nothing.
      if (found === undefined) await cluster.purge();
      throw error;
    } finally {
      unhook();
    }
    if (plan !== undefined) this.#tellWarnings(cluster);
    this.#io.stdout.write(this.#output === 'json' ? startedJson(cluster) : startedText(cluster, wasRunning));
    if (isDetached) return 0;
    if (interrupted) {
      await cluster.stop();
      return 0;
    }
    const { io, environment } = { io: this.#io, environment: this.#environment };
    const context = { io, environment, directory: this.#directory, output: this.#output, open: () => cluster };
    return superviseInForeground(cluster, context);
  }

  /** Properties that the brokers do not know: their own warnings would be seen by nobody. */
  #tellWarnings(cluster: Cluster): void {
    const { serviceNames } = this.#readNotes();
    for (const { id } of cluster.nodes) {
      for (const warning of cluster.process(id).startWarnings()) {
        this.#io.stderr.write(`ottla compose: ${serviceNames[id]}: ${warning}\n`);
      }
    }
  }

  #isChanged(): boolean {
    const { services } = this.#readNotes();
    return services !== undefined && JSON.stringify(services) !== JSON.stringify(this.#file.services);
  }

  #plan(found: Cluster | undefined): Promise<ComposePlan> {
    const { random } = this.#environment;
    if (found === undefined) return planCompose(this.#file, random);
    const names = Object.entries(this.#readNotes().serviceNames);
    const serviceNames = new Map(names.map(([id, name]) => [Number(id), name]));
    return planCompose(this.#file, random, { spec: found.spec, serviceNames });
  }

  #create(plan: ComposePlan): Cluster {
    const cluster = Cluster.fromSpec(this.#directory, plan.spec, this.#environment);
    const { services } = this.#file;
    const serviceNames = Object.fromEntries(plan.serviceNames);
    const notes: ProjectNotes = { keepsData: plan.keepsData, serviceNames, services };
    nodeFileSystem.writeFileAtomically(this.#notesPath, JSON.stringify(notes));
    return cluster;
  }

  async #createTopics(cluster: Cluster, topics: readonly WantedTopic[]): Promise<void> {
    if (topics.length === 0) return;
    const client = await KafkaClient.create('admin', new Map([['bootstrap.servers', cluster.bootstrapServers]]));
    try {
      const wanted = topics.map(({ name, partitions, replicationFactor, configs }) => ({
        name,
        numPartitions: partitions,
        replicationFactor,
        configs: new Map(Object.entries(configs)),
      }));
      for (const [name, result] of await createTopics(client, wanted)) {
        if (!(result instanceof KafkaError) || result.errorName === 'TOPIC_ALREADY_EXISTS') continue;
        this.#io.stderr.write(`ottla compose: topic ${name} could not be created: ${result.message}\n`);
      }
    } finally {
      client.close();
    }
  }

  async down(removesVolumes: boolean): Promise<number> {
    const cluster = Cluster.find(this.#directory, this.#environment);
    if (cluster === undefined) return this.#say('there is nothing to stop');
    const keepsData = this.#readNotes().keepsData && !removesVolumes;
    await cluster.stop();
    if (!keepsData) await cluster.purge();
    return this.#say(keepsData ? `stopped; its data stays in ${this.#directory}` : 'stopped, data removed');
  }

  #say(text: string): number {
    this.#io.stdout.write(this.#output === 'json' ? `${JSON.stringify({ event: text })}\n` : `${text}\n`);
    return 0;
  }

  async ps(): Promise<number> {
    const cluster = Cluster.find(this.#directory, this.#environment);
    if (cluster === undefined) return this.#say('nothing of this file was started; do it with: ottla compose up -d');
    const status = await clusterStatus(cluster);
    const { serviceNames } = this.#readNotes();
    this.#io.stdout.write(this.#output === 'json' ? statusJson(status) : await statusTable(status, this.#io, false));
    if (this.#output === 'text') {
      for (const [id, name] of Object.entries(serviceNames)) this.#io.stdout.write(`node ${id} is service ${name}\n`);
    }
    return 0;
  }
}
