import { KafkaError } from '../../base/kafka-error.ts';
import { deleteConsumerGroupOffsets } from '../../client/admin/group-offsets.ts';
import { deleteGroups } from '../../client/admin/groups.ts';
import { describeTopics } from '../../client/admin/topics.ts';
import { namedError } from '../../client/errors.ts';
import { partitionName, type TopicPartition } from '../../client/types.ts';
import { printJson } from '../shared/json-output.ts';
import { columnWidth, futureException, type GroupsContext, MISSING, printError, throwableText } from './context.ts';
import { parseTopicPartitions } from './reset.ts';

const quoted = (groups: readonly string[]) => groups.map((group) => `'${group}'`).join(', ');

/** `--delete`. */
export async function deleteConsumerGroups(context: GroupsContext, groupIds: readonly string[]): Promise<void> {
  const { client, io, timeoutMs } = context;
  const results = await deleteGroups(client, groupIds, { timeoutMs, callName: 'deleteConsumerGroups' });
  const deleted: string[] = [];
  const failed: { group: string; error: KafkaError }[] = [];
  for (const [group, error] of results) {
    if (error instanceof KafkaError) failed.push({ group, error });
    else deleted.push(group);
  }
  if (context.json) {
    printJson(io, { deleted, failed: failed.map(({ group, error }) => ({ group, error: throwableText(error) })) });
    return;
  }
  if (failed.length === 0) {
    io.stdout.write(`Deletion of requested consumer groups (${quoted(deleted)}) was successful.\n`);
    return;
  }
  printError(io, 'Deletion of some consumer groups failed:');
  for (const { group, error } of failed) {
    io.stdout.write(`* Group '${group}' could not be deleted due to: ${throwableText(error)}\n`);
  }
  if (deleted.length > 0) {
    io.stdout.write(`\nThese consumer groups were deleted successfully: ${quoted(deleted)}\n`);
  }
}

// Partition -1 stands for a topic that could not be looked up.
type Outcome = TopicPartition & { readonly error: KafkaError | undefined };

/** `--delete-offsets`. */
export async function deleteOffsets(context: GroupsContext, group: string, topics: readonly string[]): Promise<void> {
  const outcomes: Outcome[] = [];
  const partitions = new Map<string, TopicPartition>();
  const add = (at: TopicPartition) => partitions.set(partitionName(at.topic, at.partition), at);
  for (const text of topics) if (text.includes(':')) for (const at of parseTopicPartitions(text)) add(at);
  const { client, timeoutMs } = context;
  const whole = topics.filter((text) => !text.includes(':'));
  for (const [topic, result] of await describeTopics(client, whole, { timeoutMs })) {
    if (result instanceof KafkaError) outcomes.push({ topic, partition: -1, error: result });
    else for (const { partition } of result.partitions) add({ topic, partition });
  }
  const { groupError, results } = await requestDeletion(context, group, [...partitions.values()]);
  for (const [name, { topic, partition }] of partitions) {
    outcomes.push({ topic, partition, error: groupError ?? results.get(name) });
  }
  const first = groupError ?? [...results.values()].find((error) => error !== undefined);
  report(context, group, first, outcomes);
}

async function requestDeletion(context: GroupsContext, group: string, partitions: readonly TopicPartition[]) {
  const { client, timeoutMs } = context;
  try {
    const results = await deleteConsumerGroupOffsets(client, group, partitions, { timeoutMs });
    return { groupError: undefined, results };
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error;
    return { groupError: error, results: new Map<string, KafkaError | undefined>() };
  }
}

const GROUP_ERRORS = [
  'INVALID_GROUP_ID',
  'GROUP_ID_NOT_FOUND',
  'GROUP_AUTHORIZATION_FAILED',
  'NON_EMPTY_GROUP',
] as const;
const PARTITION_ERRORS = ['GROUP_SUBSCRIBED_TO_TOPIC', 'TOPIC_AUTHORIZATION_FAILED', 'UNKNOWN_TOPIC_OR_PARTITION'];

function report({ io, json }: GroupsContext, group: string, error: KafkaError | undefined, outcomes: Outcome[]): void {
  outcomes.sort((a, b) => (a.topic + a.partition < b.topic + b.partition ? -1 : 1));
  const statusOf = (failure: KafkaError | undefined) =>
    failure === undefined ? 'Successful' : `Error: ${futureException(failure).message}`;
  if (json) {
    const rows = outcomes.map((outcome) => ({ ...outcome, error: undefined, status: statusOf(outcome.error) }));
    printJson(io, { group, error: error?.errorName, offsets: rows });
    return;
  }
  const groupError = GROUP_ERRORS.find((name) => name === error?.errorName);
  if (error === undefined) io.stdout.write(`Request succeeded for deleting offsets from group ${group}.\n`);
  else if (groupError !== undefined) printError(io, namedError(groupError).message);
  else if (PARTITION_ERRORS.includes(error.errorName)) {
    printError(io, 'Encountered some partition-level error, see the follow-up details.');
  } else printError(io, `Encountered some unknown error: ${error.errorName}`);
  const topicWidth = columnWidth(
    15,
    outcomes.map(({ topic }) => topic),
  );
  const row = (topic: string, partition: string, status: string) => {
    io.stdout.write(`\n${topic.padEnd(topicWidth)} ${partition.padEnd(10)} ${status.padEnd(15)}`);
  };
  row('TOPIC', 'PARTITION', 'STATUS');
  for (const { topic, partition, error: failure } of outcomes) {
    row(topic, partition < 0 ? MISSING : String(partition), statusOf(failure));
  }
  io.stdout.write('\n');
}
