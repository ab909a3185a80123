import type { Command } from 'commander';
import { nodeFileSystem } from '../../base/file-system.ts';
import type { Cluster, ClusterEnvironment } from '../../cluster/cluster.ts';
import { ClusterError } from '../../cluster/layout.ts';
import {
  collectPairs,
  type Example,
  notEmpty,
  outputFormat,
  ownCommand,
  runOwnCommand,
  systemFailureOf,
  wholeNumber,
} from '../shared/own-command.ts';
import type { Tool, ToolIo } from '../shared/tool.ts';

const EXAMPLES: readonly Example[] = [
  { does: 'three brokers on 9092, 9093, 9094; Ctrl-C takes them down', line: 'ottla cluster start' },
  { does: 'leave them running', line: 'ottla cluster start --brokers 3 --detach' },
  {
    does: 'see a failover: who leads, kill it, look again',
    line: 'ottla cluster kill 1 && ottla cluster status --watch',
  },
  { does: 'cut node 1 off from 2 and 3, and mend it', line: 'ottla cluster partition 1 / 2,3 && ottla cluster heal' },
];

/** What all verbs get. */
export interface VerbContext {
  readonly io: ToolIo;
  readonly environment: ClusterEnvironment;
  readonly directory: string;
  readonly output: 'text' | 'json';
  /** The cluster in the folder; throws ClusterError when there is none. */
  open(): Cluster;
}

interface CommonOptions {
  readonly dataDir?: string;
  readonly output: 'text' | 'json';
}

async function makeContext(io: ToolIo, options: CommonOptions): Promise<VerbContext> {
  const [{ Cluster }, { defaultClusterDir }, { ottlaCommand }] = await Promise.all([
    import('../../cluster/cluster.ts'),
    import('../../cluster/layout.ts'),
    import('../../cluster/ottla-command.ts'),
  ]);
  const { resolve } = await import('node:path');
  const environment: ClusterEnvironment = {
    fileSystem: nodeFileSystem,
    clock: io.clock,
    random: io.random,
    command: ottlaCommand(),
  };
  const directory = resolve(io.cwd, options.dataDir ?? defaultClusterDir(io.env));
  return { io, environment, directory, output: options.output, open: () => Cluster.open(directory, environment) };
}

type Verbs = typeof import('./verbs.ts');
type Act = (context: VerbContext, verbs: Verbs) => Promise<number>;

/** The command line of `ottla cluster`: its verbs, each with the options that all have. */
class ClusterProgram {
  readonly #io: ToolIo;
  readonly #program: Command;
  #exitCode = 0;

  constructor(io: ToolIo) {
    this.#io = io;
    const description = 'Runs a real Kafka cluster on this machine: one process a node.';
    this.#program = ownCommand('ottla cluster', description, EXAMPLES, io);
    this.#addLifeVerbs();
    this.#addFaultVerbs();
    this.#addViewVerbs();
  }

  async run(argv: readonly string[]): Promise<number> {
    const code = await runOwnCommand(this.#program, argv);
    return code === 0 ? this.#exitCode : code;
  }

  #verb(usage: string, description: string): Command {
    return this.#program
      .command(usage)
      .description(description)
      .option('--data-dir <dir>', "the cluster's folder (default: ottla/cluster in your data folder)", notEmpty)
      .option('--output <format>', 'text or json', outputFormat, 'text');
  }

  // A verb's code is loaded when it runs; a failure that people can act upon is one plain message.
  async #act(options: CommonOptions, act: Act): Promise<void> {
    try {
      this.#exitCode = await act(await makeContext(this.#io, options), await import('./verbs.ts'));
    } catch (error) {
      const why = error instanceof ClusterError ? error.message : systemFailureOf(error);
      if (why === undefined) throw error;
      this.#io.stderr.write(`ottla cluster: ${why}\n`);
      this.#exitCode = 1;
    }
  }

  #nodeVerb(
    name: string,
    description: string,
    act: (context: VerbContext, verbs: Verbs, id: number) => Promise<number>,
  ): Command {
    return this.#verb(`${name} <node>`, description).action((node: string, options: CommonOptions) =>
      this.#act(options, (context, verbs) => act(context, verbs, nodeId(node))),
    );
  }

  #addLifeVerbs(): void {
    const start = this.#verb('start', 'start the cluster; harmless when it runs already');
    start
      .option('--brokers <n>', 'number of brokers (default: 3)', wholeNumber(1, 100))
      .option(
        '--controllers <n>',
        'that many processes that are only controllers (default: the brokers do it)',
        wholeNumber(1, 100),
      )
      .option('--port <port>', 'port of the first broker, 0 for free ones (default: 9092)', wholeNumber(0, 65_535))
      .option(
        '--rf <n>',
        'replication factor of new topics (default: 3, or the number of brokers)',
        wholeNumber(1, 100),
      )
      .option('--override <key=value>', 'a broker property for every node; repeatable', collectPairs, {})
      .option('--detach', 'leave the cluster running in the background')
      .action((options: CommonOptions) => this.#act(options, (context, verbs) => verbs.start(context, start.opts())));
    this.#verb('stop [node]', 'stop a node, or all, cleanly').action(
      (node: string | undefined, options: CommonOptions) =>
        this.#act(options, (context, verbs) => verbs.stop(context, node === undefined ? undefined : nodeId(node))),
    );
    this.#nodeVerb('restart', 'stop a node cleanly and start it again', (context, verbs, id) =>
      verbs.restart(context, id),
    );
    const add = this.#verb('add-broker', 'add a broker and start it');
    add
      .option('--port <port>', 'its port', wholeNumber(0, 65_535), 0)
      .action((options: CommonOptions) =>
        this.#act(options, (context, verbs) => verbs.addBroker(context, add.opts().port)),
      );
    this.#verb('purge', 'kill what runs and remove the cluster with all its data')
      .option('--yes', 'do not ask')
      .action((options: CommonOptions & { yes?: boolean }) =>
        this.#act(options, (context, verbs) => verbs.purge(context, options.yes === true)),
      );
  }

  #addFaultVerbs(): void {
    this.#nodeVerb('kill', 'end a node as a crash would (kill -9)', (context, verbs, id) => verbs.kill(context, id));
    this.#nodeVerb('pause', 'freeze a node: it keeps its connections and says nothing', (context, verbs, id) =>
      verbs.pause(context, id),
    );
    this.#nodeVerb('resume', 'let a frozen node go on', (context, verbs, id) => verbs.resume(context, id));
    this.#verb('partition <groups...>', 'cut the traffic between groups of nodes: partition 1 / 2,3').action(
      (groups: string[], options: CommonOptions) =>
        this.#act(options, (context, verbs) => verbs.partition(context, parseGroups(groups))),
    );
    this.#verb('heal', 'mend all cuts').action((options: CommonOptions) =>
      this.#act(options, (context, verbs) => verbs.heal(context)),
    );
  }

  #addViewVerbs(): void {
    this.#verb('status', 'nodes, roles, leaders, replicas that lag')
      .option('--watch', 'show it again every second')
      .action((options: CommonOptions & { watch?: boolean }) =>
        this.#act(options, (context, verbs) => verbs.status(context, options.watch === true)),
      );
    const logs = this.#nodeVerb('logs', 'what a node printed', (context, verbs, id) =>
      verbs.logs(context, id, logs.opts()),
    );
    logs
      .option('--lines <n>', 'that many last lines', wholeNumber(1, 1_000_000), 100)
      .option('-f, --follow', 'go on as it prints more');
  }
}

function nodeId(text: string): number {
  if (!/^\d+$/.test(text)) throw new ClusterError(`a node is named by its number, received ${JSON.stringify(text)}`);
  return Number(text);
}

/** `1 / 2,3` or `1/2,3`: ids separated by commas or blanks, groups by slashes. */
function parseGroups(words: readonly string[]): number[][] {
  return words
    .join(' ')
    .split('/')
    .map((group) =>
      group
        .split(/[\s,]+/)
        .filter((word) => word !== '')
        .map(nodeId),
    );
}

export const tool: Tool = {
  name: 'cluster',
  summary: 'run a real cluster of several brokers on this machine',
  run: (argv, io) => new ClusterProgram(io).run(argv),
};
