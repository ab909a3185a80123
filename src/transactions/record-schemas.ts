/** Records of `__transaction_state`. */
import { array, type Decoded, data, type Input, int8, int16, int32, int64, string } from '../protocol/schema.ts';

export const transactionLogKey = data('TransactionLogKey', 0, '0', 'none', () => ({
  transactionalId: string('0'),
}));
export type TransactionLogKey = Decoded<typeof transactionLogKey>;
export type TransactionLogKeyInput = Input<typeof transactionLogKey>;

export const transactionLogValue = data('TransactionLogValue', 0, '0-1', '1+', () => ({
  producerId: int64('0+'),
  previousProducerId: int64('1+', { tag: 0, tagged: '1+', default: -1 }),
  nextProducerId: int64('1+', { tag: 1, tagged: '1+', default: -1 }),
  producerEpoch: int16('0+'),
  nextProducerEpoch: int16('1+', { tag: 3, tagged: '1+', default: -1 }),
  transactionTimeoutMs: int32('0+'),
  transactionStatus: int8('0+'),
  transactionPartitions: array(
    '0+',
    {
      topic: string('0+'),
      partitionIds: array('0+', int32('0+')),
    },
    { nullable: '0+' },
  ),
  transactionLastUpdateTimestampMs: int64('0+'),
  transactionStartTimestampMs: int64('0+'),
  clientTransactionVersion: int16('1+', { tag: 2, tagged: '1+' }),
}));
export type TransactionLogValue = Decoded<typeof transactionLogValue>;
export type TransactionLogValueInput = Input<typeof transactionLogValue>;
