import { KafkaError } from '../../base/kafka-error.ts';
import { isUuid, ZERO_UUID } from '../../base/uuid.ts';
import {
  createPartitions,
  createTopics,
  deleteTopics,
  describeTopics,
  describeTopicsById,
  listTopics,
  type NewPartitions,
  type TopicDescription,
  type TopicListing,
} from '../../client/admin/topics.ts';
import type { KafkaClient, Results } from '../../client/index.ts';
import { messageAndTrace, openAdmin } from '../shared/admin-session.ts';
import { illegalArgument, javaMessageOf, javaToString } from '../shared/java-errors.ts';
import { logLine } from '../shared/java-log.ts';
import { printJson } from '../shared/json-output.ts';
import { withProgress } from '../shared/progress.ts';
import { askYesNo, canAsk, terminalTable } from '../shared/terminal.ts';
import type { ToolIo } from '../shared/tool.ts';
import { checkTopicConfigs } from '../shared/topic-config-check.ts';
import { TopicFilter } from '../shared/topic-filter.ts';
import { uuidFromJavaText } from '../shared/uuid-text.ts';
import type { TopicsAction, TopicsLine } from './command.ts';
import { printDescriptions } from './describe.ts';
import { parseReplicaAssignment, parseTopicConfigs } from './values.ts';

interface Run {
  readonly line: TopicsLine;
  readonly admin: KafkaClient;
  readonly io: ToolIo;
}

const COLLISION_WARNING =
  "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore ('_') could collide. " +
  'To avoid issues it is best to use either, but not both.\n';

function throwFirst<K>(results: Results<K, unknown>): void {
  for (const result of results.values()) if (result instanceof KafkaError) throw result;
}

function valuesOf<K, T>(results: Results<K, T>): T[] {
  return [...results.values()].map((result) => {
    if (result instanceof KafkaError) throw result;
    return result;
  });
}

function countOf(names: readonly string[]): string {
  return names.length === 1 ? `topic ${names[0]}` : `${names.length} topics`;
}

async function matchingTopics({ line, admin }: Run): Promise<TopicListing[]> {
  const excludeInternal = line.has('exclude-internal');
  const pattern = line.valueOf('topic');
  const topics = await listTopics(admin, { listInternal: !excludeInternal });
  const filter = pattern === undefined ? undefined : new TopicFilter(pattern);
  return topics
    .filter(({ name }) => filter?.allows(name, excludeInternal) ?? true)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The topics that the pattern matches; without `--if-exists` there must be one. */
async function requiredTopics(run: Run): Promise<string[]> {
  const names = (await matchingTopics(run)).map(({ name }) => name);
  const pattern = run.line.valueOf('topic');
  if (names.length === 0 && pattern !== undefined && !run.line.has('if-exists')) {
    throw illegalArgument(`Topic '${pattern}' does not exist as expected`);
  }
  return names;
}

async function create({ line, admin, io }: Run): Promise<void> {
  const name = line.valueOf('topic') ?? '';
  const numPartitions = line.integerOf('partitions');
  const replicationFactor = line.integerOf('replication-factor');
  const assignment = line.valueOf('replica-assignment');
  const replicaAssignments = assignment === undefined ? undefined : parseReplicaAssignment(assignment);
  const configs = parseTopicConfigs(line.valuesGiven('config'));
  checkTopicConfigs(configs);
  if (/[._]/.test(name)) io.stdout.write(COLLISION_WARNING);
  if (replicationFactor !== undefined && (replicationFactor < 1 || replicationFactor > 32_767)) {
    throw illegalArgument('The replication factor must be between 1 and 32767 inclusive');
  }
  if (numPartitions !== undefined && numPartitions < 1) throw illegalArgument('The partitions must be greater than 0');
  if (name === '') {
    throw new KafkaError('INVALID_TOPIC_EXCEPTION', `The given topic name '' cannot be represented in a request.`);
  }
  const topic = { name, numPartitions, replicationFactor, replicaAssignments, configs };
  const results = await withProgress(io, { what: `Creating topic ${name}` }, () => createTopics(admin, [topic]));
  const result = results.get(name);
  if (result instanceof KafkaError) {
    if (result.errorName === 'TOPIC_ALREADY_EXISTS' && line.has('if-not-exists')) return;
    throw result;
  }
  if (line.output === 'json') printJson(io, { topic: name, ...result });
  else io.stdout.write(`Created topic ${name}.\n`);
}

async function list(run: Run): Promise<void> {
  const topics = await matchingTopics(run);
  if (run.line.output === 'json') printJson(run.io, topics);
  else if (run.io.terminal.stdout) {
    const rows = topics.map(({ name, topicId, isInternal }) => [name, topicId, isInternal ? 'yes' : '']);
    run.io.stdout.write(await terminalTable(['Topic', 'Id', 'Internal'], rows));
  } else run.io.stdout.write(`${topics.map(({ name }) => name).join('\n')}\n`);
}

async function alter(run: Run): Promise<void> {
  const { line, admin, io } = run;
  const totalCount = line.integerOf('partitions') ?? 0;
  const assignment = line.valueOf('replica-assignment');
  const replicaAssignments = assignment === undefined ? undefined : parseReplicaAssignment(assignment);
  const names = await requiredTopics(run);
  if (names.length === 0) return;
  const changes = new Map<string, NewPartitions>();
  const described = valuesOf(await describeTopics(admin, names));
  for (const { name, partitions } of described) {
    const added =
      replicaAssignments === undefined ? undefined : [...replicaAssignments.values()].slice(partitions.length);
    changes.set(name, { totalCount, newAssignments: added });
  }
  throwFirst(await withProgress(io, { what: `Extending ${countOf(names)}` }, () => createPartitions(admin, changes)));
  if (line.output === 'json') printJson(io, { altered: names, partitions: totalCount });
}

async function remove(run: Run): Promise<void> {
  const { line, admin, io } = run;
  const names = await requiredTopics(run);
  if (names.length === 0) return;
  if (canAsk(io) && line.output === 'text') {
    const what = names.length === 1 ? `topic ${names[0]}` : `${names.length} topics (${names.join(', ')})`;
    if (!(await askYesNo(io, `Delete ${what} with all its records?`))) return;
  }
  throwFirst(await withProgress(io, { what: `Deleting ${countOf(names)}` }, () => deleteTopics(admin, names)));
  if (line.output === 'json') printJson(io, { deleted: names });
}

async function describeOne(run: Run, topicId: string): Promise<TopicDescription[]> {
  const listings = await listTopics(run.admin, { listInternal: !run.line.has('exclude-internal') });
  if (!listings.some((listing) => listing.topicId === topicId)) {
    if (run.line.has('if-exists')) return [];
    throw illegalArgument(`TopicId '${topicId}' does not exist as expected`);
  }
  return valuesOf(await describeTopicsById(run.admin, [topicId]));
}

async function describe(run: Run): Promise<void> {
  const { line, admin } = run;
  const idText = line.valueOf('topic-id');
  const topicId = idText === undefined ? ZERO_UUID : isUuid(idText) ? idText : uuidFromJavaText(idText);
  let descriptions: TopicDescription[];
  if (topicId !== ZERO_UUID) descriptions = await describeOne(run, topicId);
  else {
    const names = await requiredTopics(run);
    const partitionSizeLimit = line.integerOf('partition-size-limit-per-response') ?? 2000;
    descriptions = names.length === 0 ? [] : valuesOf(await describeTopics(admin, names, { partitionSizeLimit }));
  }
  await printDescriptions(run, descriptions);
}

const RUN: Readonly<Record<TopicsAction, (run: Run) => Promise<void>>> = {
  create,
  list,
  alter,
  describe,
  delete: remove,
};

/** Carries out what the command line asks for; a failure is printed on stdout and logged on stderr, as Kafka does. */
export async function runAction(action: TopicsAction, line: TopicsLine, io: ToolIo): Promise<number> {
  let admin: KafkaClient;
  try {
    admin = await openAdmin(io, {
      bootstrapServer: line.valueOf('bootstrap-server'),
      commandConfig: line.valueOf('command-config'),
    });
  } catch (error) {
    throw messageAndTrace(error);
  }
  try {
    await RUN[action]({ line, admin, io });
    return 0;
  } catch (error) {
    io.stdout.write(`Error while executing topic command : ${javaMessageOf(error)}\n`);
    logLine(io, 'ERROR', `${javaToString(error)}\n`, 'org.apache.kafka.tools.TopicCommand');
    return 1;
  } finally {
    admin.close();
  }
}
