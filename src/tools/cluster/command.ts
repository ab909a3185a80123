import { nodeFileSystem } from '../../base/file-system.ts';
import type { Cluster, ClusterEnvironment } from '../../cluster/cluster.ts';
import { ClusterError } from '../../cluster/layout.ts';
import {
  collectPairs,
  type Example,
  outputFormat,
  ownCommand,
  runOwnCommand,
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

async function run(argv: readonly string[], io: ToolIo): Promise<number> {
  let exitCode = 0;
  const program = ownCommand(
    'ottla cluster',
    'Runs a real Kafka cluster on this machine: one process a node.',
    EXAMPLES,
    io,
  );
  const verb = (usage: string, description: string) =>
    program
      .command(usage)
      .description(description)
      .option('--data-dir <dir>', "the cluster's folder (default: ottla/cluster in your data folder)")
      .option('--output <format>', 'text or json', outputFormat, 'text');
  // Each verb's code is loaded when it runs; a failure that people can act upon is one plain message.
  const action =
    (act: (context: VerbContext, verbs: typeof import('./verbs.ts')) => Promise<number>) =>
    async (options: CommonOptions): Promise<void> => {
      try {
        exitCode = await act(await makeContext(io, options), await import('./verbs.ts'));
      } catch (error) {
        if (!(error instanceof ClusterError)) throw error;
        io.stderr.write(`ottla cluster: ${error.message}\n`);
        exitCode = 1;
      }
    };

  const start = verb('start', 'start the cluster; harmless when it runs already');
  start
    .option('--brokers <n>', 'number of brokers (default: 3)', wholeNumber(1, 100))
    .option(
      '--controllers <n>',
      'that many processes that are only controllers (default: the brokers do it)',
      wholeNumber(1, 100),
    )
    .option('--port <port>', 'port of the first broker, 0 for free ones (default: 9092)', wholeNumber(0, 65_535))
    .option('--rf <n>', 'replication factor of new topics (default: 3, or the number of brokers)', wholeNumber(1, 100))
    .option('--override <key=value>', 'a broker property for every node; repeatable', collectPairs, {})
    .option('--detach', 'leave the cluster running in the background')
    .action(action((context, verbs) => verbs.start(context, start.opts())));
  const status = verb('status', 'nodes, roles, leaders, replicas that lag');
  status
    .option('--watch', 'show it again every second')
    .action(action((context, verbs) => verbs.status(context, status.opts().watch === true)));
  const withNode = (
    name: string,
    description: string,
    act: (context: VerbContext, verbs: typeof import('./verbs.ts'), id: number) => Promise<number>,
  ) => {
    const command = verb(`${name} <node>`, description);
    command.action((node: string, options: CommonOptions) =>
      action((context, verbs) => act(context, verbs, nodeId(node)))(options),
    );
    return command;
  };
  const stop = verb('stop [node]', 'stop a node, or all, cleanly');
  stop.action((node: string | undefined, options: CommonOptions) =>
    action((context, verbs) => verbs.stop(context, node === undefined ? undefined : nodeId(node)))(options),
  );
  withNode('kill', 'end a node as a crash would (kill -9)', (context, verbs, id) => verbs.kill(context, id));
  withNode('restart', 'stop a node cleanly and start it again', (context, verbs, id) => verbs.restart(context, id));
  withNode('pause', 'freeze a node: it keeps its connections and says nothing', (context, verbs, id) =>
    verbs.pause(context, id),
  );
  withNode('resume', 'let a frozen node go on', (context, verbs, id) => verbs.resume(context, id));
  const partition = verb('partition <groups...>', 'cut the traffic between groups of nodes: partition 1 / 2,3');
  partition.action((groups: string[], options: CommonOptions) =>
    action((context, verbs) => verbs.partition(context, parseGroups(groups)))(options),
  );
  verb('heal', 'mend all cuts').action(action((context, verbs) => verbs.heal(context)));
  const add = verb('add-broker', 'add a broker and start it');
  add
    .option('--port <port>', 'its port', wholeNumber(0, 65_535), 0)
    .action(action((context, verbs) => verbs.addBroker(context, add.opts().port)));
  const logs = withNode('logs', 'what a node printed', (context, verbs, id) => verbs.logs(context, id, logs.opts()));
  logs
    .option('--lines <n>', 'that many last lines', wholeNumber(1, 1_000_000), 100)
    .option('-f, --follow', 'go on as it prints more');
  verb('purge', 'kill what runs and remove the cluster with all its data')
    .option('--yes', 'do not ask')
    .action((options: CommonOptions & { yes?: boolean }) =>
      action((context, verbs) => verbs.purge(context, options.yes === true))(options),
    );
  const code = await runOwnCommand(program, argv);
  return code === 0 ? exitCode : code;
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

export const tool: Tool = { name: 'cluster', summary: 'run a real cluster of several brokers on this machine', run };
