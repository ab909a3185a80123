import { KafkaError } from '../../base/kafka-error.ts';
import { describeProducers, type ProducerState } from '../../client/admin/offsets.ts';
import { describeTopics, listTopics } from '../../client/admin/topics.ts';
import {
  describeTransactions,
  listTransactions,
  type TransactionDescription,
} from '../../client/admin/transactions.ts';
import { partitionName, type TopicPartition } from '../../client/index.ts';
import { terse } from '../shared/feature-commands.ts';
import type { TransactionsRun } from './command.ts';
import { failure, valueOrFailure } from './failure.ts';

/** Partitions asked about at a time, so that a broker with many is not overwhelmed. */
const BATCH_SIZE = 500;
const MINUTE_MS = 60_000;

const HEADERS = [
  'Topic',
  'Partition',
  'ProducerId',
  'ProducerEpoch',
  'CoordinatorEpoch',
  'StartOffset',
  'LastTimestamp',
  'Duration(min)',
] as const;

interface OpenTransaction extends TopicPartition {
  readonly producer: ProducerState;
}

function batches<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / BATCH_SIZE) }, (_, i) =>
    items.slice(i * BATCH_SIZE, (i + 1) * BATCH_SIZE),
  );
}

async function partitionsToSearch({ admin, parsed }: TransactionsRun): Promise<TopicPartition[]> {
  const topic = parsed.valueOf('topic');
  const brokerId = parsed.numberOf('broker-id');
  const partition = parsed.numberOf('partition');
  if (topic !== undefined && partition !== undefined) return [{ topic, partition }];
  const topics =
    topic === undefined
      ? (
          await listTopics(admin, { listInternal: true }).catch((error: unknown) => {
            throw failure('Failed to list topics', error);
          })
        ).map(({ name }) => name)
      : [topic];
  const found: TopicPartition[] = [];
  for (const batch of batches(topics)) {
    const what = `Failed to describe ${batch.length} topics`;
    for (const [name, result] of await describeTopics(admin, batch)) {
      for (const info of valueOrFailure(what, result).partitions) {
        const isThere = brokerId === undefined || info.replicas.some(({ id }) => id === brokerId);
        if (isThere) found.push({ topic: name, partition: info.partition });
      }
    }
  }
  return found;
}

async function openForLong(run: TransactionsRun, partitions: readonly TopicPartition[]): Promise<OpenTransaction[]> {
  const { admin, parsed, io } = run;
  const brokerId = parsed.numberOf('broker-id');
  const maxMs = (parsed.numberOf('max-transaction-timeout') ?? 0) * MINUTE_MS;
  const open: OpenTransaction[] = [];
  for (const batch of batches(partitions)) {
    const where = brokerId === undefined ? 'Optional.empty' : `Optional[${brokerId}]`;
    const what = `Failed to describe producers for ${batch.length} partitions on broker ${where}`;
    const results = await describeProducers(admin, batch, { brokerId }).catch((error: unknown) => {
      throw failure(what, error);
    });
    for (const { topic, partition } of batch) {
      for (const producer of valueOrFailure(what, results.get(partitionName(topic, partition)) ?? [])) {
        const isOpen = producer.currentTransactionStartOffset !== -1;
        if (isOpen && io.clock.nowMs() - producer.lastTimestamp > maxMs) open.push({ topic, partition, producer });
      }
    }
  }
  return open;
}

/** The transactions of producers, by producer id; absent for a producer of which no coordinator knows. */
async function transactionsOf(
  { admin }: TransactionsRun,
  producerIds: readonly number[],
): Promise<Map<number, TransactionDescription>> {
  const what = `Failed to list transactions for ${producerIds.length} producers`;
  const ids = new Map<string, number>();
  for (const result of (await listTransactions(admin, { producerIds })).values()) {
    for (const { transactionalId, producerId } of valueOrFailure(what, result)) ids.set(transactionalId, producerId);
  }
  const described = new Map<number, TransactionDescription>();
  if (ids.size === 0) return described;
  for (const [id, result] of await describeTransactions(admin, [...ids.keys()])) {
    if (result instanceof KafkaError && result.errorName === 'TRANSACTIONAL_ID_NOT_FOUND') continue;
    const producerId = ids.get(id);
    const description = valueOrFailure(`Failed to describe ${ids.size} transactions`, result);
    if (producerId !== undefined) described.set(producerId, description);
  }
  return described;
}

/**
 * `find-hanging`: open transactions of which no coordinator knows that it has to end them in that partition. Ends the
 * tool with Kafka's text on a failure.
 */
export async function findHanging(
  run: TransactionsRun,
  print: (run: TransactionsRun, headers: readonly string[], rows: string[][]) => Promise<void>,
): Promise<void> {
  const { parsed, io } = run;
  if (!parsed.has('topic') && !parsed.has('broker-id')) {
    throw terse('The `find-hanging` command requires either --topic or --broker-id to limit the scope of the search');
  }
  if (parsed.has('partition') && !parsed.has('topic')) {
    throw terse('The --partition argument requires --topic to be provided');
  }
  const open = await openForLong(run, await partitionsToSearch(run));
  const producerIds = [...new Set(open.map(({ producer }) => producer.producerId))];
  const known = open.length === 0 ? new Map<number, TransactionDescription>() : await transactionsOf(run, producerIds);
  const hanging = open.filter(({ topic, partition, producer }) => {
    const partitions = known.get(producer.producerId)?.topicPartitions ?? [];
    return !partitions.some((one) => one.topic === topic && one.partition === partition);
  });
  const rows = hanging.map(({ topic, partition, producer }) => [
    topic,
    String(partition),
    String(producer.producerId),
    String(producer.producerEpoch),
    String(producer.coordinatorEpoch),
    String(producer.currentTransactionStartOffset),
    String(producer.lastTimestamp),
    String(Math.trunc((io.clock.nowMs() - producer.lastTimestamp) / MINUTE_MS)),
  ]);
  await print(run, HEADERS, rows);
}
