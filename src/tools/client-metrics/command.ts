import { inHashMapOrder } from '../../base/java-hash.ts';
import { randomUuid } from '../../base/random.ts';
import {
  AlterConfigOpType,
  ConfigResourceType,
  describeConfigs,
  incrementalAlterConfigs,
  listConfigResources,
} from '../../client/admin/configs.ts';
import type { KafkaClient } from '../../client/index.ts';
import { messageAndTrace, openAdmin } from '../shared/admin-session.ts';
import { type CommandLine, type CommandLineSpec, parseCommandLine } from '../shared/command-line.ts';
import { illegalArgument, javaMessageOf, javaToString } from '../shared/java-errors.ts';
import { logLine } from '../shared/java-log.ts';
import { printJson } from '../shared/json-output.ts';
import { terminalTable } from '../shared/terminal.ts';
import type { Tool, ToolIo } from '../shared/tool.ts';
import { CLIENT_METRICS_OPTIONS } from './options.ts';

type MetricsLine = CommandLine<typeof CLIENT_METRICS_OPTIONS>;

const SPEC: CommandLineSpec<typeof CLIENT_METRICS_OPTIONS> = {
  name: 'kafka-client-metrics',
  options: CLIENT_METRICS_OPTIONS,
  helpSentence: 'This tool helps to manipulate and describe client metrics configurations.',
  parserErrors: 'message and usage',
  examples: [
    {
      does: 'ask consumers for their metrics every 30 s',
      line: '--bootstrap-server localhost:9092 --alter --name consumers --metrics org.apache.kafka.consumer. --interval 30000',
    },
    { does: 'see what is asked for', line: '--bootstrap-server localhost:9092 --describe' },
  ],
};

const ACTIONS = ['alter', 'delete', 'describe', 'list'] as const;
const TIMEOUT_MS = 30_000;

interface Run {
  readonly admin: KafkaClient;
  readonly line: MetricsLine;
  readonly io: ToolIo;
}

function check(line: MetricsLine): void {
  const actions = line.count(...ACTIONS);
  const exactlyOne = 'Command must include exactly one action: --alter, --delete, --describe or --list.';
  if (actions === 0) line.refuseOrAsk(exactlyOne, ACTIONS);
  if (actions > 1) line.refuse(exactlyOne);
  if (!line.has('bootstrap-server')) throw illegalArgument('--bootstrap-server must be specified.');
  line.forbidWith('delete', 'generate-name', 'interval', 'match', 'metrics');
  line.forbidWith('describe', 'generate-name', 'interval', 'match', 'metrics');
  line.forbidWith('list', 'name', 'generate-name', 'interval', 'match', 'metrics');
  if (line.has('alter')) {
    if (line.count('name', 'generate-name') !== 1) {
      throw illegalArgument('One of --name or --generate-name must be specified with --alter.');
    }
    const interval = line.valueOf('interval') ?? '';
    if (interval !== '' && !/^[+-]?\d+$/.test(interval)) {
      throw illegalArgument('Invalid interval value. Enter an integer, or leave empty to reset.');
    }
  }
  if (line.has('delete') && !line.has('name')) {
    throw illegalArgument('A client metrics resource name must be specified with --delete.');
  }
}

async function subscriptions(admin: KafkaClient): Promise<string[]> {
  const resources = await listConfigResources(admin, [ConfigResourceType.CLIENT_METRICS], { timeoutMs: TIMEOUT_MS });
  return resources.map(({ name }) => name);
}

async function configsOf(admin: KafkaClient, name: string): Promise<{ name: string; value: string | null }[]> {
  const resource = { type: ConfigResourceType.CLIENT_METRICS, name };
  const [described] = await describeConfigs(admin, [resource], { timeoutMs: TIMEOUT_MS });
  if (described?.error !== undefined) throw described.error;
  return inHashMapOrder(described?.entries ?? [], (entry) => entry.name).map((entry) => ({
    name: entry.name,
    value: entry.value,
  }));
}

async function change(
  { admin }: Run,
  name: string,
  ops: readonly { name: string; op: number; value: string | null }[],
): Promise<void> {
  const resource = { type: ConfigResourceType.CLIENT_METRICS, name };
  const [error] = await incrementalAlterConfigs(admin, [{ resource, ops }], { timeoutMs: TIMEOUT_MS });
  if (error !== undefined) throw error;
}

async function alter(run: Run): Promise<void> {
  const { line, io } = run;
  const name = line.has('generate-name') ? randomUuid(io.random) : (line.valueOf('name') ?? '');
  const ops = [
    ['interval.ms', line.has('interval') ? line.valueOf('interval') : undefined],
    ['metrics', line.has('metrics') ? line.valuesGiven('metrics').join(',') : undefined],
    ['match', line.has('match') ? line.valuesGiven('match').join(',') : undefined],
  ].flatMap(([config, value]) => {
    if (config === undefined || value === undefined) return [];
    return [{ name: config, op: value === '' ? AlterConfigOpType.DELETE : AlterConfigOpType.SET, value }];
  });
  await change(run, name, ops);
  if (line.output === 'json')
    printJson(io, { name, changed: ops.map(({ name: config, value }) => ({ config, value })) });
  else io.stdout.write(`Altered client metrics config for ${name}.\n`);
}

async function remove(run: Run): Promise<void> {
  const name = run.line.valueOf('name') ?? '';
  const configs = await configsOf(run.admin, name);
  await change(
    run,
    name,
    configs.map((config) => ({ ...config, op: AlterConfigOpType.DELETE })),
  );
  if (run.line.output === 'json') printJson(run.io, { deleted: name });
  else run.io.stdout.write(`Deleted client metrics config for ${name}.\n`);
}

async function describe({ admin, line, io }: Run): Promise<void> {
  const wanted = line.valueOf('name');
  const all = await subscriptions(admin);
  if (wanted !== undefined && !all.includes(wanted)) {
    if (line.output === 'json') printJson(io, []);
    else io.stdout.write(`The client metric resource ${wanted} doesn't exist and doesn't have dynamic config.\n`);
    return;
  }
  const documents: unknown[] = [];
  for (const name of wanted === undefined ? all : [wanted]) {
    const configs = await configsOf(admin, name);
    if (line.output === 'json') {
      documents.push({ name, configs: Object.fromEntries(configs.map((config) => [config.name, config.value])) });
      continue;
    }
    io.stdout.write(`Client metrics configs for ${name} are:\n`);
    if (io.terminal.stdout) {
      io.stdout.write(
        await terminalTable(
          ['Config', 'Value'],
          configs.map((config) => [config.name, config.value ?? '']),
        ),
      );
    } else for (const config of configs) io.stdout.write(`  ${config.name}=${config.value}\n`);
  }
  if (line.output === 'json') printJson(io, documents);
}

async function list({ admin, line, io }: Run): Promise<void> {
  const names = await subscriptions(admin);
  if (line.output === 'json') printJson(io, names);
  else io.stdout.write(`${names.join('\n')}\n`);
}

const RUN = { alter, delete: remove, describe, list };

/** kafka-client-metrics */
export const tool: Tool = {
  name: 'kafka-client-metrics',
  summary: 'say which metrics clients should send',
  answersInJson: true,
  async run(argv, io) {
    const line = parseCommandLine(SPEC, argv, io);
    try {
      check(line);
    } catch (error) {
      throw messageAndTrace(error);
    }
    const address = {
      bootstrapServer: line.valueOf('bootstrap-server'),
      commandConfig: line.valueOf('command-config'),
    };
    const admin = await openAdmin(io, address).catch((error: unknown) => {
      throw messageAndTrace(error);
    });
    try {
      await RUN[ACTIONS.find((action) => line.has(action)) ?? 'list']({ admin, line, io });
      return 0;
    } catch (error) {
      io.stdout.write(`Error while executing client metrics command : ${javaMessageOf(error)}\n`);
      logLine(io, 'ERROR', `${javaToString(error)}\n`, 'org.apache.kafka.tools.ClientMetricsCommand');
      return 1;
    } finally {
      admin.close();
    }
  },
};
