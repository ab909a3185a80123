import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { inHashMapOrder, topicPartitionHash } from '../../base/java-hash.ts';
import { KafkaError } from '../../base/kafka-error.ts';
import { alterConsumerGroupOffsets } from '../../client/admin/group-offsets.ts';
import { describeConsumerGroups, type GroupDescription } from '../../client/admin/groups.ts';
import { OffsetSpec } from '../../client/admin/offsets.ts';
import { describeTopics } from '../../client/admin/topics.ts';
import { namedError } from '../../client/errors.ts';
import { partitionName, type Result, type TopicPartition } from '../../client/types.ts';
import { illegalArgument, JavaException } from '../shared/java-errors.ts';
import { logLine } from '../shared/java-log.ts';
import { printJson } from '../shared/json-output.ts';
import { type Progress, withProgress } from '../shared/progress.ts';
import { askYesNo, terminalTable } from '../shared/terminal.ts';
import {
  columnWidth,
  comparePartitions,
  futureException,
  type GroupsContext,
  printError,
  runtimeException,
} from './context.ts';
import { CsvError, csvLine, type PlannedOffset, parsePlan } from './csv.ts';
import { committedOffsets, logOffsets, partitionNames, topicsOf } from './offsets.ts';
import { parseDateTime, parseDurationMs, TimeFormatError } from './times.ts';

/** Which offsets `--reset-offsets` wants. */
export type ResetScenario =
  | { readonly kind: 'to-offset'; readonly offset: number }
  | { readonly kind: 'to-earliest' | 'to-latest' | 'to-current' }
  | { readonly kind: 'shift-by'; readonly count: number }
  | { readonly kind: 'to-datetime' | 'by-duration' | 'from-file'; readonly text: string };

export interface ResetRequest {
  readonly groups: readonly string[];
  /** How many `--group` options there were; the form of a CSV plan depends on it. */
  readonly groupOptions: readonly string[];
  readonly allTopics: boolean;
  /** Values of `--topic`: `topic` or `topic:0,1`. */
  readonly topics: readonly string[];
  /** undefined = none was given, which is noticed only when a group's offsets are to be planned. */
  readonly scenario: ResetScenario | undefined;
  readonly execute: boolean;
  readonly exportCsv: boolean;
  /** Whether a person is asked to carry the plan out when it has been shown. */
  readonly asksBack: boolean;
  /** Ends the tool with a message and the usage table, or asks a person for what is missing. */
  readonly refuseOrAsk: (message: string, missing: 'scope' | 'scenario') => never;
}

const RESETTER_LOGGER = 'org.apache.kafka.tools.GroupOffsetsResetter';

/** Partitions of `topic:0,2`. Throws IllegalArgumentException. */
export function parseTopicPartitions(text: string): TopicPartition[] {
  const parts = text.split(':');
  while (parts.length > 1 && parts.at(-1) === '') parts.pop();
  const [topic, numbers] = parts;
  if (parts.length !== 2 || topic === undefined || numbers === undefined) {
    throw illegalArgument(`Invalid topic arg '${text}', expected topic name and partitions`);
  }
  return numbers.split(',').map((number) => {
    if (/^[+-]?\d+$/.test(number) && Math.abs(Number(number)) <= 0x7fffffff)
      return { topic, partition: Number(number) };
    throw illegalArgument(`Invalid partition '${number}' specified in topic arg '${text}''`);
  });
}

interface GroupPlan {
  readonly group: string;
  readonly offsets: readonly PlannedOffset[];
}

/** `--reset-offsets`: plans, executes unless it is a dry run, and prints the plan. */
export async function resetOffsets(context: GroupsContext, request: ResetRequest): Promise<void> {
  const { client, timeoutMs, io } = context;
  const described = await describeConsumerGroups(client, request.groups, { timeoutMs });
  const plans: GroupPlan[] = [];
  await withProgress(io, { what: 'Planning', unit: 'groups', total: described.size }, async (progress) => {
    for (const [group, description] of described) {
      plans.push({ group, offsets: await planOf(context, request, group, description, progress) });
      progress.advanceTo(plans.length);
    }
  });
  await printPlans(context, request, plans);
  if (!request.asksBack || plans.every(({ offsets }) => offsets.length === 0)) return;
  if (!(await askYesNo(io, 'Set these offsets?'))) return;
  for (const { group, offsets } of plans) if (offsets.length > 0) await carryOut(context, group, offsets);
}

async function planOf(
  context: GroupsContext,
  request: ResetRequest,
  group: string,
  description: Result<GroupDescription>,
  progress: Progress,
): Promise<readonly PlannedOffset[]> {
  if (description instanceof KafkaError && description.errorName !== 'GROUP_ID_NOT_FOUND') {
    throw runtimeException(futureException(description));
  }
  const state = description instanceof KafkaError ? 'Dead' : description.state;
  if (state === 'Empty' || state === 'Dead') return resetGroup(context, request, group);
  const must = `Assignments can only be reset if the group '${group}' is inactive`;
  progress.makeRoom();
  printError(context.io, `${must}, but the current state is ${state}.`);
  return [];
}

async function printPlans(
  { io, json }: GroupsContext,
  request: ResetRequest,
  plans: readonly GroupPlan[],
): Promise<void> {
  const sorted = plans.flatMap((plan) => plan.offsets);
  if (json) {
    printJson(io, sorted);
    return;
  }
  const offsets = asKafkaPrints(plans);
  if (request.exportCsv) {
    const withGroup = request.groupOptions.length !== 1;
    io.stdout.write(`${offsets.map((planned) => csvLine(planned, withGroup)).join('')}\n`);
    return;
  }
  if (io.terminal.stdout) {
    const rows = sorted.map(({ group, topic, partition, offset }) => [group, topic, `${partition}`, `${offset}`]);
    if (rows.length > 0) io.stdout.write(await terminalTable(['Group', 'Topic', 'Partition', 'New offset'], rows));
    return;
  }
  const groupWidth = columnWidth(
    15,
    plans.map((plan) => plan.group),
  );
  const topicWidth = columnWidth(
    15,
    offsets.map((planned) => planned.topic),
  );
  const row = (group: string, topic: string, partition: string, offset: string) => {
    io.stdout.write(`\n${group.padEnd(groupWidth)} ${topic.padEnd(topicWidth)} ${partition.padEnd(10)} ${offset}`);
  };
  if (plans.length > 0) row('GROUP', 'TOPIC', 'PARTITION', 'NEW-OFFSET');
  for (const { group, topic, partition, offset } of offsets) row(group, topic, String(partition), String(offset));
  io.stdout.write('\n');
}

/** The plans lie in Java's hash maps, by group and by partition. */
function asKafkaPrints(plans: readonly GroupPlan[]): PlannedOffset[] {
  return inHashMapOrder(plans, ({ group }) => group).flatMap(({ offsets }) => {
    const hashes = new Map(
      offsets.map(({ topic, partition }) => [partitionName(topic, partition), topicPartitionHash(topic, partition)]),
    );
    const nameOf = ({ topic, partition }: PlannedOffset) => partitionName(topic, partition);
    return inHashMapOrder(offsets, nameOf, (name) => hashes.get(name) ?? 0);
  });
}

async function resetGroup(context: GroupsContext, request: ResetRequest, group: string): Promise<PlannedOffset[]> {
  const partitions = await scopeOf(context, request, group);
  await checkPartitions(context, partitions);
  const offsets = await planOffsets(context, request, group, partitions);
  const planned = offsets.map((offset) => ({ group, ...offset })).sort(comparePartitions);
  if (request.execute) await carryOut(context, group, planned);
  return planned;
}

async function carryOut({ client, timeoutMs }: GroupsContext, group: string, planned: readonly PlannedOffset[]) {
  const results = await alterConsumerGroupOffsets(client, group, planned, { timeoutMs });
  for (const result of results.values()) if (result instanceof KafkaError) throw result;
}

async function scopeOf(context: GroupsContext, request: ResetRequest, group: string): Promise<TopicPartition[]> {
  if (request.allTopics) return [...(await committedOffsets(context, group)).values()];
  if (request.topics.length > 0) return partitionsOfTopics(context, request.topics);
  if (request.scenario?.kind !== 'from-file') {
    request.refuseOrAsk('One of the reset scopes should be defined: --all-topics, --topic.', 'scope');
  }
  return [];
}

async function partitionsOfTopics(context: GroupsContext, texts: readonly string[]): Promise<TopicPartition[]> {
  const named = texts.filter((text) => text.includes(':')).flatMap(parseTopicPartitions);
  const whole = texts.filter((text) => !text.includes(':'));
  if (whole.length === 0) return named;
  const { client, timeoutMs } = context;
  for (const result of (await describeTopics(client, whole, { timeoutMs })).values()) {
    if (result instanceof KafkaError) throw result;
    for (const { partition } of result.partitions) named.push({ topic: result.name, partition });
  }
  return named;
}

async function checkPartitions(context: GroupsContext, partitions: readonly TopicPartition[]): Promise<void> {
  if (partitions.length === 0) return;
  const { all, withLeader } = partitionNames(await topicsOf(context, partitions));
  const names = partitions.map(({ topic, partition }) => partitionName(topic, partition));
  const missing = names.filter((name) => !all.has(name));
  if (missing.length > 0) {
    throw namedError('UNKNOWN_TOPIC_OR_PARTITION', `The partitions "${missing.join(',')}" do not exist`);
  }
  const leaderless = names.filter((name) => !withLeader.has(name));
  if (leaderless.length > 0) {
    throw namedError('LEADER_NOT_AVAILABLE', `The partitions "${leaderless.join(',')}" have no leader`);
  }
}

type Offset = TopicPartition & { readonly offset: number };

async function planOffsets(
  context: GroupsContext,
  request: ResetRequest,
  group: string,
  partitions: readonly TopicPartition[],
): Promise<Offset[]> {
  const { scenario } = request;
  switch (scenario?.kind) {
    case 'to-offset':
      return clamped(
        context,
        withOffset(partitions, () => scenario.offset),
      );
    case 'to-earliest':
      return at(context, partitions, OffsetSpec.EARLIEST);
    case 'to-latest':
      return at(context, partitions, OffsetSpec.LATEST);
    case 'shift-by':
      return shifted(context, group, partitions, scenario.count);
    case 'to-datetime':
      return atTime(
        context,
        partitions,
        timeOf(() => parseDateTime(scenario.text)),
      );
    case 'by-duration': {
      const durationMs = timeOf(() => parseDurationMs(scenario.text));
      return atTime(context, partitions, Math.floor(context.io.clock.nowMs() - durationMs));
    }
    case 'from-file':
      return fromFile(context, request, group, scenario.text);
    case 'to-current':
      return current(context, group, partitions);
    default:
      return request.refuseOrAsk(
        "Option '[reset-offsets]' requires one of the following scenarios: [[to-current], [to-earliest], [to-offset], " +
          '[shift-by], [from-file], [to-datetime], [by-duration], [to-latest]]',
        'scenario',
      );
  }
}

function withOffset(partitions: readonly TopicPartition[], offsetOf: (name: string) => number): Offset[] {
  return partitions.map(({ topic, partition }) => ({
    topic,
    partition,
    offset: offsetOf(partitionName(topic, partition)),
  }));
}

async function at(context: GroupsContext, partitions: readonly TopicPartition[], timestamp: number): Promise<Offset[]> {
  const offsets = await logOffsets(context, partitions, timestamp);
  return withOffset(partitions, (name) => offsets.get(name) ?? 0);
}

// A ParseException is wrapped by Kafka's tool, what Duration.parse throws is not.
function timeOf(parse: () => number): number {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof TimeFormatError)) throw error;
    const exception = new JavaException(error.exception, error.message);
    throw error.exception === 'java.text.ParseException' ? runtimeException(exception) : exception;
  }
}

async function atTime(context: GroupsContext, partitions: readonly TopicPartition[], timeMs: number) {
  const found = await logOffsets(context, partitions, timeMs);
  const missing = partitions.filter(({ topic, partition }) => (found.get(partitionName(topic, partition)) ?? -1) < 0);
  for (const { topic, partition } of missing) {
    const what = `Partition ${partition} from topic ${topic} is empty.`;
    context.io.stdout.write(`\nWarn: ${what} Falling back to latest known offset.\n`);
  }
  const ends = await logOffsets(context, missing, OffsetSpec.LATEST);
  return withOffset(partitions, (name) => ends.get(name) ?? found.get(name) ?? 0);
}

async function shifted(context: GroupsContext, group: string, partitions: readonly TopicPartition[], count: number) {
  const committed = await committedOffsets(context, group);
  const wanted = withOffset(partitions, (name) => {
    const found = committed.get(name);
    if (found !== undefined) return found.committed.offset + count;
    throw illegalArgument(`Cannot shift offset for partition ${name} since there is no current committed offset`);
  });
  return clamped(context, wanted);
}

async function current(context: GroupsContext, group: string, partitions: readonly TopicPartition[]) {
  const committed = await committedOffsets(context, group);
  const missing = partitions.filter(({ topic, partition }) => !committed.has(partitionName(topic, partition)));
  const ends = await logOffsets(context, missing, OffsetSpec.LATEST);
  return withOffset(partitions, (name) => committed.get(name)?.committed.offset ?? ends.get(name) ?? 0);
}

async function fromFile(context: GroupsContext, request: ResetRequest, group: string, path: string) {
  const plan = readPlan(context, path, request.groupOptions).filter((planned) => planned.group === group);
  if (plan.length === 0) {
    printError(context.io, `No reset plan for group ${group} found.`);
    return [];
  }
  if (plan.some(({ offset }) => offset < 0)) throw illegalArgument('Invalid negative offset');
  const latest = new Map(plan.map((planned) => [partitionName(planned.topic, planned.partition), planned]));
  return clamped(context, [...latest.values()]);
}

function readPlan({ io }: GroupsContext, path: string, groups: readonly string[]): PlannedOffset[] {
  let text: string;
  try {
    text = readFileSync(resolve(io.cwd, path), 'utf8');
  } catch {
    throw runtimeException(new JavaException('java.io.IOException', `Unable to read file ${path}`));
  }
  try {
    return parsePlan(text, groups);
  } catch (error) {
    if (error instanceof CsvError) throw runtimeException(new JavaException(error.exception, error.message));
    throw error;
  }
}

/** Puts offsets outside the log at its ends, with a warning. */
async function clamped(context: GroupsContext, wanted: readonly Offset[]): Promise<Offset[]> {
  const starts = await logOffsets(context, wanted, OffsetSpec.EARLIEST);
  const ends = await logOffsets(context, wanted, OffsetSpec.LATEST);
  return wanted.map(({ topic, partition, offset }) => {
    const name = partitionName(topic, partition);
    const start = starts.get(name) ?? 0;
    const end = ends.get(name) ?? offset;
    const move = (side: string, value: number) => {
      const text = `New offset (${offset}) is ${side} offset for topic partition ${name}. Value will be set to ${value}.`;
      logLine(context.io, 'WARN', text, RESETTER_LOGGER);
      return { topic, partition, offset: value };
    };
    if (offset > end) return move('higher than latest', end);
    if (offset < start) return move('lower than earliest', start);
    return { topic, partition, offset };
  });
}
