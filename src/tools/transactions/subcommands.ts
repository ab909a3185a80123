import { inHashMapOrder } from '../../base/java-hash.ts';
import { KafkaError } from '../../base/kafka-error.ts';
import { describeProducers } from '../../client/admin/offsets.ts';
import {
  abortTransaction,
  describeTransactions,
  fenceProducers,
  listTransactions,
} from '../../client/admin/transactions.ts';
import { partitionName } from '../../client/index.ts';
import { terse } from '../shared/feature-commands.ts';
import { printJson } from '../shared/json-output.ts';
import { paddedTable } from '../shared/padded-table.ts';
import { terminalTable } from '../shared/terminal.ts';
import type { TransactionsRun } from './command.ts';
import { failure, valueOrFailure } from './failure.ts';
import { findHanging } from './find-hanging.ts';

/** Prints a table: padded for a pipe, drawn for a terminal, objects for JSON. */
export async function printTable(
  { parsed, io }: TransactionsRun,
  headers: readonly string[],
  rows: readonly (readonly string[])[],
): Promise<void> {
  if (parsed.output === 'json') {
    printJson(
      io,
      rows.map((row) => Object.fromEntries(row.map((cell, i) => [headers[i] ?? '', cell]))),
    );
  } else if (io.terminal.stdout) io.stdout.write(await terminalTable(headers, rows));
  else io.stdout.write(paddedTable(headers, rows));
}

async function list(run: TransactionsRun): Promise<void> {
  const { admin, parsed } = run;
  const options = {
    durationMs: parsed.numberOf('duration-filter'),
    transactionalIdPattern: parsed.valueOf('transactional-id-pattern'),
  };
  const results = await listTransactions(admin, options).catch((error: unknown) => {
    throw failure('Failed to list transactions', error);
  });
  const rows = [...results].flatMap(([brokerId, result]) =>
    valueOrFailure('Failed to list transactions', result).map(({ transactionalId, producerId, state }) => [
      transactionalId,
      String(brokerId),
      String(producerId),
      state,
    ]),
  );
  await printTable(run, ['TransactionalId', 'Coordinator', 'ProducerId', 'TransactionState'], rows);
}

const DESCRIBE_HEADERS = [
  'CoordinatorId',
  'TransactionalId',
  'ProducerId',
  'ProducerEpoch',
  'TransactionState',
  'TransactionTimeoutMs',
  'CurrentTransactionStartTimeMs',
  'TransactionDurationMs',
  'TopicPartitions',
] as const;

async function describe(run: TransactionsRun): Promise<void> {
  const { admin, parsed, io } = run;
  const id = parsed.valueOf('transactional-id') ?? '';
  const what = `Failed to describe transaction state of transactional-id \`${id}\``;
  const results = await describeTransactions(admin, [id]).catch((error: unknown) => {
    throw failure(what, error);
  });
  const found = results.get(id);
  const isUnknown = found instanceof KafkaError && found.errorName === 'TRANSACTIONAL_ID_NOT_FOUND';
  if (found === undefined || isUnknown) {
    const text = `DescribeTransactions request for transactionalId \`${id}\` failed because the ID could not be found`;
    throw failure(what, new KafkaError('TRANSACTIONAL_ID_NOT_FOUND', text));
  }
  const result = valueOrFailure(what, found);
  const startMs = result.transactionStartTimeMs;
  const partitions = inHashMapOrder(
    result.topicPartitions.map(({ topic, partition }) => partitionName(topic, partition)),
    (name) => name,
  );
  const row = [
    String(result.coordinatorId),
    id,
    String(result.producerId),
    String(result.producerEpoch),
    result.state,
    String(result.transactionTimeoutMs),
    startMs === -1 ? 'None' : String(startMs),
    startMs === -1 ? 'None' : String(io.clock.nowMs() - startMs),
    partitions.join(','),
  ];
  await printTable(run, DESCRIBE_HEADERS, [row]);
}

const PRODUCER_HEADERS = [
  'ProducerId',
  'ProducerEpoch',
  'LatestCoordinatorEpoch',
  'LastSequence',
  'LastTimestamp',
  'CurrentTransactionStartOffset',
] as const;

async function describeProducersOf(run: TransactionsRun): Promise<void> {
  const { admin, parsed } = run;
  const brokerId = parsed.numberOf('broker-id');
  const topic = parsed.valueOf('topic') ?? '';
  const partition = parsed.numberOf('partition') ?? 0;
  const name = partitionName(topic, partition);
  const where = brokerId === undefined ? 'leader' : `broker ${brokerId}`;
  const what = `Failed to describe producers for partition ${name} on ${where}`;
  const results = await describeProducers(admin, [{ topic, partition }], { brokerId }).catch((error: unknown) => {
    throw failure(what, error);
  });
  const producers = valueOrFailure(what, results.get(name) ?? []);
  const rows = producers.map((producer) => [
    String(producer.producerId),
    String(producer.producerEpoch),
    String(producer.coordinatorEpoch),
    String(producer.lastSequence),
    String(producer.lastTimestamp),
    producer.currentTransactionStartOffset === -1 ? 'None' : String(producer.currentTransactionStartOffset),
  ]);
  await printTable(run, PRODUCER_HEADERS, rows);
}

interface AbortTarget {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly coordinatorEpoch: number;
}

async function openTransactionAt(
  { admin }: TransactionsRun,
  topic: string,
  partition: number,
  startOffset: number,
): Promise<AbortTarget> {
  const name = partitionName(topic, partition);
  const what = `Failed to validate producer state for partition ${name}`;
  const results = await describeProducers(admin, [{ topic, partition }]).catch((error: unknown) => {
    throw failure(what, error);
  });
  const producers = valueOrFailure(what, results.get(name) ?? []);
  const producer = producers.find((one) => one.currentTransactionStartOffset === startOffset);
  if (producer === undefined) {
    throw terse(`Could not find any open transactions starting at offset ${startOffset} on partition ${name}`);
  }
  return { ...producer, coordinatorEpoch: Math.max(0, producer.coordinatorEpoch) };
}

function givenTransaction({ parsed }: TransactionsRun, producerId: number): AbortTarget {
  const producerEpoch = parsed.numberOf('producer-epoch');
  if (producerEpoch === undefined) throw terse('Missing required argument --producer-epoch');
  const coordinatorEpoch = parsed.numberOf('coordinator-epoch');
  if (coordinatorEpoch === undefined) throw terse('Missing required argument --coordinator-epoch');
  // A transaction that hung before its first end has epoch -1; 0 is not above any epoch that a leader may know.
  return { producerId, producerEpoch, coordinatorEpoch: Math.max(0, coordinatorEpoch) };
}

async function abort(run: TransactionsRun): Promise<void> {
  const { admin, parsed } = run;
  const topic = parsed.valueOf('topic') ?? '';
  const partition = parsed.numberOf('partition') ?? 0;
  const startOffset = parsed.numberOf('start-offset');
  const producerId = parsed.numberOf('producer-id');
  let target: AbortTarget;
  if (startOffset !== undefined) target = await openTransactionAt(run, topic, partition, startOffset);
  else if (producerId !== undefined) target = givenTransaction(run, producerId);
  else {
    throw terse(
      'The transaction to abort must be identified either with --start-offset (for brokers on 3.0 or above) or with ' +
        '--producer-id, --producer-epoch, and --coordinator-epoch (for older brokers)',
    );
  }
  const { producerId: id, producerEpoch, coordinatorEpoch } = target;
  const spec =
    `AbortTransactionSpec(topicPartition=${partitionName(topic, partition)}, producerId=${id}, ` +
    `producerEpoch=${producerEpoch}, coordinatorEpoch=${coordinatorEpoch})`;
  await abortTransaction(admin, { topic, partition, producerId: id, producerEpoch, coordinatorEpoch }).catch(
    (error: unknown) => {
      throw failure(`Failed to abort transaction ${spec}`, error);
    },
  );
}

async function forceTerminate({ admin, parsed }: TransactionsRun): Promise<void> {
  const id = parsed.valueOf('transactionalId') ?? '';
  const what = `Failed to force terminate transactionalId \`${id}\``;
  const results = await fenceProducers(admin, [id]).catch((error: unknown) => {
    throw failure(what, error);
  });
  for (const result of results.values()) valueOrFailure(what, result);
}

/** The sub-commands by their names. */
export const SUBCOMMANDS: Readonly<Record<string, (run: TransactionsRun) => Promise<void>>> = {
  list,
  describe,
  'describe-producers': describeProducersOf,
  abort,
  'find-hanging': (run) => findHanging(run, printTable),
  forceTerminateTransaction: forceTerminate,
};
