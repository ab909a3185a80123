import { inHashMapOrder } from '../../base/java-hash.ts';
import { KafkaError } from '../../base/kafka-error.ts';
import { ZERO_UUID } from '../../base/uuid.ts';
import { describeCluster } from '../../client/admin/cluster.ts';
import { type ConfigEntry, ConfigResourceType, ConfigSource, describeConfigs } from '../../client/admin/configs.ts';
import { listPartitionReassignments, type PartitionReassignment } from '../../client/admin/partitions.ts';
import type { TopicDescription, TopicPartitionInfo } from '../../client/admin/topics.ts';
import { type KafkaClient, type Node, partitionName, type TopicPartition } from '../../client/index.ts';
import { printJson } from '../shared/json-output.ts';
import { loadChalk, terminalTable } from '../shared/terminal.ts';
import type { ToolIo } from '../shared/tool.ts';
import type { TopicsLine } from './command.ts';

interface DescribedTopic {
  readonly description: TopicDescription;
  /** All configs, in the order in which Kafka prints them. */
  readonly configs: readonly ConfigEntry[];
  readonly partitions: readonly DescribedPartition[];
}

interface DescribedPartition {
  readonly info: TopicPartitionInfo;
  readonly reassignment: PartitionReassignment | undefined;
}

function ids(nodes: readonly Node[]): string {
  return nodes.map(({ id }) => id).join(',');
}

/** Without the replicas that a running reassignment is adding. */
function replicationFactor({ info, reassignment }: DescribedPartition): number {
  if (reassignment === undefined) return info.replicas.length;
  const { replicas, addingReplicas, removingReplicas } = reassignment;
  const changing = [...addingReplicas, ...removingReplicas];
  const isRunning = info.replicas.some(({ id }) => changing.includes(id));
  return isRunning ? replicas.length - addingReplicas.length : info.replicas.length;
}

function overrides(topic: DescribedTopic): ConfigEntry[] {
  return topic.configs.filter(({ source }) => source !== ConfigSource.DEFAULT_CONFIG);
}

function topicLine(topic: DescribedTopic): string {
  const { name, topicId, partitions } = topic.description;
  const first = topic.partitions[0];
  const fields = [
    `Topic: ${name}`,
    ...(topicId === ZERO_UUID ? [] : [`TopicId: ${topicId}`]),
    `PartitionCount: ${partitions.length}`,
    `ReplicationFactor: ${first === undefined ? 0 : replicationFactor(first)}`,
    `Configs: ${overrides(topic)
      .map((config) => `${config.name}=${config.value}`)
      .join(',')}`,
  ];
  return `${fields.join('\t')}\n`;
}

function partitionLine(topic: string, { info, reassignment }: DescribedPartition): string {
  const { eligibleLeaderReplicas, lastKnownElr } = info;
  const fields = [
    `Topic: ${topic}`,
    `Partition: ${info.partition}`,
    `Leader: ${info.leader === null ? 'none' : info.leader.id}`,
    `Replicas: ${ids(info.replicas)}`,
    `Isr: ${ids(info.isr)}`,
    ...(reassignment === undefined
      ? []
      : [
          `Adding Replicas: ${reassignment.addingReplicas.join(',')}`,
          `Removing Replicas: ${reassignment.removingReplicas.join(',')}`,
        ]),
    `Elr: ${eligibleLeaderReplicas === undefined ? 'N/A' : ids(eligibleLeaderReplicas)}`,
    `LastKnownElr: ${lastKnownElr === undefined ? 'N/A' : ids(lastKnownElr)}`,
  ];
  return `\t${fields.join('\t')}\n`;
}

/** Which partitions the report options select; undefined without any of them. */
function reportFilter(
  line: TopicsLine,
  liveBrokers: ReadonlySet<number>,
): ((topic: DescribedTopic, partition: DescribedPartition) => boolean) | undefined {
  const minIsr = (topic: DescribedTopic) =>
    Number(topic.configs.find(({ name }) => name === 'min.insync.replicas')?.value ?? 1);
  const filters: ((topic: DescribedTopic, partition: DescribedPartition) => boolean)[] = [];
  if (line.has('under-replicated-partitions')) {
    filters.push((_, partition) => replicationFactor(partition) > partition.info.isr.length);
  }
  if (line.has('unavailable-partitions')) {
    filters.push((_, { info }) => info.leader === null || !liveBrokers.has(info.leader.id));
  }
  if (line.has('under-min-isr-partitions')) {
    filters.push((topic, { info }) => info.leader === null || info.isr.length < minIsr(topic));
  }
  if (line.has('at-min-isr-partitions')) filters.push((topic, { info }) => info.isr.length === minIsr(topic));
  if (filters.length === 0) return undefined;
  return (topic, partition) => filters.some((filter) => filter(topic, partition));
}

// Brokers that cannot say, or will not, count as having no reassignment.
async function reassignmentsOf(
  admin: KafkaClient,
  partitions: readonly TopicPartition[],
): Promise<PartitionReassignment[]> {
  try {
    return await listPartitionReassignments(admin, partitions);
  } catch (error) {
    const isNoAnswer =
      error instanceof KafkaError && ['UNSUPPORTED_VERSION', 'CLUSTER_AUTHORIZATION_FAILED'].includes(error.errorName);
    if (isNoAnswer) return [];
    throw error;
  }
}

async function completed(admin: KafkaClient, descriptions: readonly TopicDescription[]): Promise<DescribedTopic[]> {
  const ordered = inHashMapOrder(descriptions, ({ name }) => name);
  const resources = ordered.map(({ name }) => ({ type: ConfigResourceType.TOPIC, name }));
  const partitions = ordered.flatMap((topic) =>
    topic.partitions.map(({ partition }) => ({ topic: topic.name, partition })),
  );
  const [configs, reassignments] = await Promise.all([
    resources.length === 0 ? [] : describeConfigs(admin, resources),
    partitions.length === 0 ? [] : reassignmentsOf(admin, partitions),
  ]);
  const byPartition = new Map(reassignments.map((one) => [partitionName(one.topic, one.partition), one]));
  return ordered.map((description, i) => {
    const described = configs[i];
    if (described?.error !== undefined) throw described.error;
    return {
      description,
      configs: inHashMapOrder(described?.entries ?? [], ({ name }) => name),
      partitions: description.partitions.map((info) => ({
        info,
        reassignment: byPartition.get(partitionName(description.name, info.partition)),
      })),
    };
  });
}

function asJson(topics: readonly DescribedTopic[]): unknown {
  return topics.map((topic) => ({
    topic: topic.description.name,
    topicId: topic.description.topicId,
    isInternal: topic.description.isInternal,
    configs: Object.fromEntries(overrides(topic).map(({ name, value }) => [name, value])),
    partitions: topic.partitions.map(({ info, reassignment }) => ({
      partition: info.partition,
      leader: info.leader?.id ?? null,
      replicas: info.replicas.map(({ id }) => id),
      isr: info.isr.map(({ id }) => id),
      addingReplicas: reassignment?.addingReplicas ?? [],
      removingReplicas: reassignment?.removingReplicas ?? [],
      elr: info.eligibleLeaderReplicas?.map(({ id }) => id) ?? null,
      lastKnownElr: info.lastKnownElr?.map(({ id }) => id) ?? null,
    })),
  }));
}

async function asTable(topics: readonly DescribedTopic[]): Promise<string> {
  const chalk = await loadChalk();
  let text = '';
  for (const topic of topics) {
    const { name, topicId } = topic.description;
    const configs = overrides(topic).map((config) => `${config.name}=${config.value}`);
    text += `${chalk.bold(name)}  (${topicId})${configs.length === 0 ? '' : `\n  ${configs.join('\n  ')}`}\n`;
    const rows = topic.partitions.map(({ info }) => [
      String(info.partition),
      info.leader === null ? chalk.red('none') : String(info.leader.id),
      ids(info.replicas),
      info.isr.length < info.replicas.length ? chalk.yellow(ids(info.isr)) : ids(info.isr),
    ]);
    text += await terminalTable(['Partition', 'Leader', 'Replicas', 'In sync'], rows);
  }
  return text;
}

/** Prints topics as `--describe` does: lines for a pipe, a table for a terminal, a document for JSON. */
export async function printDescriptions(
  { line, admin, io }: { readonly line: TopicsLine; readonly admin: KafkaClient; readonly io: ToolIo },
  descriptions: readonly TopicDescription[],
): Promise<void> {
  const [topics, cluster] = await Promise.all([completed(admin, descriptions), describeCluster(admin)]);
  const filter = reportFilter(line, new Set(cluster.nodes.map(({ id }) => id)));
  const onlyOverridden = line.has('topics-with-overrides');
  const shown = topics
    .filter((topic) => !onlyOverridden || filter !== undefined || overrides(topic).length > 0)
    .map((topic) => ({
      topic,
      partitions: onlyOverridden ? [] : topic.partitions.filter((partition) => filter?.(topic, partition) ?? true),
    }));
  if (line.output === 'json') {
    printJson(io, asJson(shown.map(({ topic, partitions }) => ({ ...topic, partitions }))));
  } else if (io.terminal.stdout && filter === undefined && !onlyOverridden) {
    io.stdout.write(await asTable(topics));
  } else {
    for (const { topic, partitions } of shown) {
      if (filter === undefined) io.stdout.write(topicLine(topic));
      for (const partition of partitions) io.stdout.write(partitionLine(topic.description.name, partition));
    }
  }
}
