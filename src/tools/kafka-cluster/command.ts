import { KafkaError } from '../../base/kafka-error.ts';
import {
  describeApiVersions,
  describeCluster,
  unregisterBroker,
  unregisterController,
} from '../../client/admin/cluster.ts';
import type { KafkaClient } from '../../client/index.ts';
import { asExecution, messageAndTrace, withAdmin } from '../shared/admin-session.ts';
import { apiVersionsOf, apiVersionsText } from '../shared/api-versions-text.ts';
import type { ParsedArguments } from '../shared/argparse.ts';
import { type ArgparseSpec, parseArgparse } from '../shared/argparse-command.ts';
import { argparseUsage } from '../shared/argparse-help.ts';
import { illegalArgument, javaMessageOf } from '../shared/java-errors.ts';
import { logLine } from '../shared/java-log.ts';
import { printJson } from '../shared/json-output.ts';
import { terminalTable } from '../shared/terminal.ts';
import { type Tool, ToolExit, type ToolIo } from '../shared/tool.ts';
import { CLUSTER_PARSER } from './options.ts';

const SPEC: ArgparseSpec = {
  parser: CLUSTER_PARSER,
  helpExitCode: 1,
  examples: [
    { does: 'see the id of a cluster', line: 'cluster-id --bootstrap-server localhost:9092' },
    { does: 'see its brokers', line: 'list-endpoints --bootstrap-server localhost:9092' },
  ],
};

type Parsed = ParsedArguments & { readonly output: 'text' | 'json' };

interface Run {
  readonly admin: KafkaClient;
  readonly parsed: Parsed;
  readonly io: ToolIo;
}

async function clusterId({ admin, parsed, io }: Run): Promise<void> {
  const { clusterId: id } = await asExecution(describeCluster(admin));
  if (parsed.output === 'json') printJson(io, { clusterId: id });
  else if (id === '') io.stdout.write('No cluster ID found. The Kafka version is probably too old.\n');
  else io.stdout.write(`Cluster ID: ${id}\n`);
}

const ADMIN_LOGGER = 'org.apache.kafka.clients.admin.KafkaAdminClient';

async function unregister({ admin, parsed, io }: Run, kind: 'broker' | 'controller'): Promise<void> {
  const id = parsed.numberOf('id') ?? 0;
  try {
    await (kind === 'broker' ? unregisterBroker(admin, id) : unregisterController(admin, id));
  } catch (error) {
    if (error instanceof KafkaError && error.errorName === 'UNSUPPORTED_VERSION') {
      io.stdout.write(`The target cluster does not support the ${kind} unregistration API.\n`);
      return;
    }
    if (error instanceof KafkaError) {
      const what = `Unregister ${kind} request for ${kind} ID ${id} failed: ${javaMessageOf(error)}`;
      logLine(io, 'ERROR', admin.config.logPrefix + what, ADMIN_LOGGER);
    }
    await asExecution(Promise.reject(error));
  }
  const name = kind === 'broker' ? 'Broker' : 'Controller';
  if (parsed.output === 'json') printJson(io, { unregistered: id });
  else io.stdout.write(`${name} ${id} is no longer registered.\n`);
}

const WIDTH_WITHOUT_NODES = 100;
const WIDTH_WITHOUT_RACKS = 10;

async function listEndpoints({ admin, parsed, io }: Run): Promise<void> {
  const includeFencedBrokers = parsed.has('include-fenced-brokers');
  const ofControllers = parsed.has('bootstrap-controller');
  if (includeFencedBrokers && ofControllers) {
    throw illegalArgument('The option --include-fenced-brokers is only supported with --bootstrap-server option');
  }
  const { nodes } = await asExecution(describeCluster(admin, { includeFencedBrokers }));
  const type = ofControllers ? 'controller' : 'broker';
  if (parsed.output === 'json') {
    printJson(
      io,
      nodes.map((node) => ({ ...node, endpointType: type })),
    );
    return;
  }
  const headers = ['ID', 'HOST', 'PORT', 'RACK', ...(ofControllers ? [] : ['STATE']), 'ENDPOINT_TYPE'];
  const rows = nodes.map(({ id, host, port, rack, isFenced }) => [
    String(id),
    host,
    String(port),
    rack ?? 'null',
    ...(ofControllers ? [] : [isFenced ? 'fenced' : 'unfenced']),
    type,
  ]);
  if (io.terminal.stdout) {
    io.stdout.write(await terminalTable(headers, rows));
    return;
  }
  const longest = (texts: readonly string[], none: number) =>
    texts.length === 0 ? none : Math.max(...texts.map(({ length }) => length));
  const hostWidth = longest(
    nodes.map(({ host }) => host),
    WIDTH_WITHOUT_NODES,
  );
  const rackWidth = longest(
    nodes.flatMap(({ rack }) => rack ?? []),
    WIDTH_WITHOUT_RACKS,
  );
  const widths = [10, hostWidth, 10, rackWidth, ...(ofControllers ? [] : [10]), 15];
  for (const row of [headers, ...rows]) {
    io.stdout.write(`${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' ')}\n`);
  }
}

async function apiVersions({ admin, parsed, io }: Run): Promise<void> {
  const nodes = await asExecution(describeApiVersions(admin));
  if (parsed.output === 'json') {
    printJson(
      io,
      nodes.map(({ node, versions }) =>
        versions instanceof Error
          ? { node, error: versions.message }
          : { node, apis: apiVersionsOf(versions.apiVersions) },
      ),
    );
    return;
  }
  for (const { node, versions } of nodes) {
    const name = `${node.host}:${node.port} (id: ${node.id} rack: ${node.rack ?? 'null'} isFenced: false)`;
    const text =
      versions instanceof Error ? `ERROR: ${javaMessageOf(versions)}` : apiVersionsText(versions.apiVersions);
    io.stdout.write(`${name} -> ${text}\n`);
  }
}

const RUN: Readonly<Record<string, (run: Run) => Promise<void>>> = {
  'cluster-id': clusterId,
  unregister: (run) => unregister(run, 'broker'),
  'unregister-controller': (run) => unregister(run, 'controller'),
  'list-endpoints': listEndpoints,
  'api-versions': apiVersions,
};

function configFileOf(parsed: ParsedArguments, io: ToolIo): string | undefined {
  const before = parsed.valueOf('config');
  if (before === undefined) return parsed.valueOf('command-config');
  if (parsed.has('command-config')) {
    const text = '--config and --command-config cannot be specified together.';
    throw new ToolExit(1, { stderr: `${argparseUsage(CLUSTER_PARSER)}kafka-cluster: error: ${text}\n` });
  }
  io.stdout.write(
    'Option --config has been deprecated and will be removed in a future version. Use --command-config instead.\n',
  );
  return before;
}

/** kafka-cluster */
export const tool: Tool = {
  name: 'kafka-cluster',
  summary: 'show the id and the nodes of a cluster, unregister nodes',
  answersInJson: true,
  async run(argv, io) {
    const parsed = parseArgparse(SPEC, argv, io);
    const address = {
      bootstrapServer: parsed.valueOf('bootstrap-server'),
      bootstrapController: parsed.valueOf('bootstrap-controller'),
      commandConfig: configFileOf(parsed, io),
    };
    try {
      await withAdmin(io, address, async (admin) => {
        await RUN[parsed.subcommand ?? '']?.({ admin, parsed, io });
      });
      return 0;
    } catch (error) {
      throw messageAndTrace(error);
    }
  },
};
