import { BatchBuilder } from '../records/batch-builder.ts';
import type { CoordinatorRecord, TransactionProducer } from './types.ts';

/**
 * The batch that holds records of `__consumer_offsets` as Kafka's coordinator writes it: uncompressed, CreateTime, every
 * record with `timestampMs`. A batch outside a transaction has, as a quirk of Kafka, base sequence 0 beside producer id -1.
 * Base offset and leader epoch are for the log to assign.
 */
export function buildCoordinatorBatch(
  records: readonly CoordinatorRecord[],
  timestampMs: number,
  transaction?: TransactionProducer,
): Buffer {
  const builder = new BatchBuilder();
  for (const { key, value } of records) builder.append(timestampMs, key, value, []);
  if (transaction === undefined) return builder.finish({ baseSequence: 0 });
  return builder.finish({ ...transaction, isTransactional: true });
}
