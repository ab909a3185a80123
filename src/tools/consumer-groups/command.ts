import { KafkaClient } from '../../client/client.ts';
import { clientLogger } from '../shared/client-logger.ts';
import { type CommandLine, type CommandLineSpec, parseCommandLine } from '../shared/command-line.ts';
import { JavaException, javaClassOf, javaMessageOf } from '../shared/java-errors.ts';
import { printJson } from '../shared/json-output.ts';
import { clusterNames } from '../shared/names.ts';
import { type Properties, readPropertiesFile } from '../shared/properties.ts';
import { askYesNo, canAsk } from '../shared/terminal.ts';
import { type Tool, ToolExit, type ToolIo } from '../shared/tool.ts';
import { type GroupsContext, printError, runtimeException, throwableText } from './context.ts';
import { deleteConsumerGroups, deleteOffsets } from './delete.ts';
import { describeOffsets, describeStates } from './describe.ts';
import { listGroupIds, printGroups } from './list.ts';
import { describeMembers } from './members.ts';
import { CONSUMER_GROUPS_OPTIONS } from './options.ts';
import { type ResetScenario, resetOffsets } from './reset.ts';

type Line = CommandLine<typeof CONSUMER_GROUPS_OPTIONS>;

const SPEC: CommandLineSpec<typeof CONSUMER_GROUPS_OPTIONS> = {
  name: 'kafka-consumer-groups',
  options: CONSUMER_GROUPS_OPTIONS,
  helpSentence: 'This tool helps to list, describe, delete and manage the offsets of consumer groups.',
  parserErrors: 'uncaught',
  examples: [
    { does: 'list all groups', line: '--bootstrap-server localhost:9092 --list' },
    { does: 'show lag', line: '--bootstrap-server localhost:9092 --describe --group my-group' },
    {
      does: 'go back to the start of a topic',
      line: '--bootstrap-server localhost:9092 --reset-offsets --group my-group --topic t --to-earliest --execute',
    },
  ],
};

const ACTIONS = ['list', 'describe', 'delete', 'reset-offsets', 'delete-offsets', 'validate-regex'] as const;
const SCENARIOS = [
  'to-offset',
  'shift-by',
  'to-datetime',
  'by-duration',
  'to-earliest',
  'to-latest',
  'to-current',
  'from-file',
] as const;

const NO_EXECUTE_WARNING =
  'WARN: No action will be performed as the --execute option is missing. In version 5.0, this command will require ' +
  'either --dry-run or --execute to be specified. You should add the --dry-run option explicitly if you are scripting ' +
  'this command and want to keep the current default behavior without prompting.\n';

function namesFor(line: Line, io: ToolIo) {
  return clusterNames(io, line.valueOf('bootstrap-server'), line.valueOf('command-config'));
}

function takesOneOf(line: Line, action: string, io: ToolIo): void {
  if (line.has('group') || line.has('all-groups')) return;
  const message = `Option [${action}] takes one of these options: [all-groups], [group]`;
  line.refuseOrAsk(message, ['group', 'all-groups'], namesFor(line, io));
}

function checkDescribe(line: Line, io: ToolIo): void {
  if (!line.has('describe')) return;
  takesOneOf(line, 'describe', io);
  if (line.count('members', 'offsets', 'state') > 1) {
    line.refuse('Option [describe] takes at most one of these options: [members], [offsets], [state]');
  }
  if (line.valueOf('state') !== undefined) line.refuse('Option [describe] does not take a value for [state]');
}

function checkDelete(line: Line, io: ToolIo): void {
  if (line.has('delete')) {
    takesOneOf(line, 'delete', io);
    if (line.has('topic')) {
      line.refuse('The consumer does not support topic-specific offset deletion from a consumer group.');
    }
  }
  if (line.has('delete-offsets') && line.count('group', 'topic') < 2) {
    const missing = line.has('group') ? 'topic' : 'group';
    const message = 'Option [delete-offsets] takes the following options: [group], [topic]';
    line.refuseOrAsk(message, [missing], namesFor(line, io));
  }
}

/** Whether the plan is shown only because nothing was said; a person is asked whether to carry it out. */
function isPlanOnly(line: Line): boolean {
  return line.count('dry-run', 'execute') === 0;
}

function checkReset(line: Line, io: ToolIo): void {
  if (!line.has('reset-offsets')) return;
  if (line.count('dry-run', 'execute') > 1) {
    line.refuse('Option [reset-offsets] only accepts one of [execute] and [dry-run]');
  }
  if (isPlanOnly(line) && !canAsk(io)) io.stderr.write(NO_EXECUTE_WARNING);
  takesOneOf(line, 'reset-offsets', io);
  const order = ['to-offset', 'to-datetime', 'by-duration', 'to-earliest', 'to-latest', 'to-current'] as const;
  for (const scenario of [...order, 'shift-by', 'from-file'] as const) {
    line.forbidWith(scenario, ...SCENARIOS.filter((other) => other !== scenario));
  }
}

/** The checks of Kafka's tool in its order; each failure prints the usage and ends with exit code 1. */
function checkLine(line: Line, io: ToolIo): void {
  if (!line.has('validate-regex')) line.require('bootstrap-server');
  checkDescribe(line, io);
  checkDelete(line, io);
  checkReset(line, io);
  line.forbidWith('group', 'all-groups');
  line.forbidWith('group', 'list');
  line.forbidWith('topic', 'list', 'describe');
  const actions = line.count(...ACTIONS);
  const message = `Command must include exactly one action: ${ACTIONS.map((action) => `--${action}`).join(', ')}`;
  if (actions === 0) line.refuseOrAsk(message, ACTIONS);
  if (actions > 1) line.refuse(message);
}

function scenarioOf(line: Line): ResetScenario | undefined {
  const kind = SCENARIOS.find((name) => line.has(name));
  switch (kind) {
    case undefined:
      return undefined;
    case 'to-offset':
      return { kind, offset: line.longOf(kind) ?? 0 };
    case 'shift-by':
      return { kind, count: line.longOf(kind) ?? 0 };
    case 'to-datetime':
    case 'by-duration':
    case 'from-file':
      return { kind, text: line.valuesOf(kind)[0] ?? '' };
    default:
      return { kind };
  }
}

async function groupIdsOf(context: GroupsContext, line: Line): Promise<readonly string[]> {
  return line.has('all-groups') ? listGroupIds(context) : [...new Set(line.valuesOf('group'))];
}

async function describe(context: GroupsContext, line: Line): Promise<void> {
  const groupIds = await groupIdsOf(context, line);
  const verbose = line.has('verbose');
  if (line.has('members')) return describeMembers(context, groupIds, verbose);
  if (line.has('state')) return describeStates(context, groupIds, verbose);
  return describeOffsets(context, groupIds, verbose);
}

async function reset(context: GroupsContext, line: Line): Promise<void> {
  return resetOffsets(context, {
    scenario: scenarioOf(line),
    groups: await groupIdsOf(context, line),
    groupOptions: line.valuesOf('group'),
    allTopics: line.has('all-topics'),
    topics: line.valuesOf('topic'),
    execute: line.has('execute'),
    exportCsv: line.has('export'),
    asksBack: isPlanOnly(line) && !line.has('export') && canAsk(context.io),
    refuseOrAsk: (message, kind) =>
      line.refuseOrAsk(message, kind === 'scope' ? ['topic', 'all-topics'] : SCENARIOS, namesFor(line, context.io)),
  });
}

/** Asks a person back; a script is not asked. */
async function isAgreed({ io }: GroupsContext, question: string): Promise<boolean> {
  return !canAsk(io) || askYesNo(io, question);
}

async function act(context: GroupsContext, line: Line): Promise<void> {
  if (line.has('list')) {
    const filterOf = (name: 'state' | 'type') => (line.has(name) ? (line.valueOf(name) ?? '') : undefined);
    return printGroups(context, filterOf('state'), filterOf('type'));
  }
  if (line.has('describe')) return describe(context, line);
  if (line.has('delete')) {
    const groups = await groupIdsOf(context, line);
    if (await isAgreed(context, `Delete ${groups.length === 1 ? 'group' : 'groups'} ${groups.join(', ')}?`)) {
      await deleteConsumerGroups(context, groups);
    }
    return;
  }
  if (line.has('reset-offsets')) return reset(context, line);
  const group = line.valueOf('group') ?? '';
  const topics = line.valuesOf('topic');
  if (await isAgreed(context, `Delete the offsets of group ${group} for ${topics.join(', ')}?`)) {
    await deleteOffsets(context, group, topics);
  }
}

function clientProperties(line: Line, io: ToolIo): Properties {
  const configFile = line.valueOf('command-config');
  try {
    const properties = configFile === undefined ? new Map<string, string>() : readPropertiesFile(configFile, io.cwd);
    return properties.set('bootstrap.servers', line.valueOf('bootstrap-server') ?? '');
  } catch (error) {
    throw runtimeException(new JavaException(javaClassOf(error), javaMessageOf(error)));
  }
}

async function openClient(line: Line, io: ToolIo): Promise<KafkaClient> {
  const properties = clientProperties(line, io);
  const environment = { clock: io.clock, random: io.random, logger: clientLogger(io) };
  try {
    return await KafkaClient.create('admin', properties, environment);
  } catch (cause) {
    throw new JavaException(KAFKA_EXCEPTION, 'Failed to create new KafkaAdminClient', { cause });
  }
}

const KAFKA_EXCEPTION = 'org.apache.kafka.common.KafkaException';

async function withClient(line: Line, io: ToolIo): Promise<void> {
  const client = await openClient(line, io);
  try {
    // As in Kafka's tool a number that is none is noticed before anything is asked.
    scenarioOf(line);
    const timeoutMs = line.longOf('timeout') ?? 30_000;
    await act({ client, io, timeoutMs, json: line.output === 'json' }, line);
  } finally {
    client.close();
  }
}

/** kafka-consumer-groups. What the cluster refuses is printed on stdout and still ends with exit code 0, as in Kafka. */
export const tool: Tool = {
  name: 'kafka-consumer-groups',
  summary: 'list, describe and delete consumer groups, reset or delete their offsets',
  answersInJson: true,
  async run(argv, io) {
    const line = parseCommandLine(SPEC, argv, io);
    checkLine(line, io);
    const regex = line.valueOf('validate-regex');
    if (regex !== undefined) {
      const { validateRegex } = await import('./validate-regex.ts');
      const verdict = validateRegex(regex);
      if (line.output === 'json') printJson(io, { regex, verdict: verdict.trim() });
      else io.stdout.write(verdict);
      return 0;
    }
    try {
      await withClient(line, io);
    } catch (error) {
      if (error instanceof ToolExit) throw error;
      if (error instanceof JavaException && error.className === 'java.lang.IllegalArgumentException') {
        line.refuse(error.message);
      }
      const text = error instanceof Error ? error.message : String(error);
      printError(io, `Executing consumer group command failed due to ${text}`);
      // Only the first line of a message is a line of the trace's head.
      io.stderr.write(`${throwableText(error)}\n`);
    }
    return 0;
  },
};
