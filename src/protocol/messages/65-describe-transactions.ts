/**
 * DescribeTransactions, key 65: versions 0, flexible from 0 on.
 * Describes transactions by their ids (KIP-664).
 */
import { array, type Decoded, type Input, int16, int32, int64, request, response, string } from '../schema.ts';

export const describeTransactionsRequest = request('DescribeTransactions', 65, '0', '0+', () => ({
  transactionalIds: array('0+', string('0+')),
}));

export const describeTransactionsResponse = response('DescribeTransactions', 65, '0', '0+', () => ({
  throttleTimeMs: int32('0+'),
  transactionStates: array('0+', {
    errorCode: int16('0+'),
    transactionalId: string('0+'),
    transactionState: string('0+'),
    transactionTimeoutMs: int32('0+'),
    transactionStartTimeMs: int64('0+'),
    producerId: int64('0+'),
    producerEpoch: int16('0+'),
    topics: array('0+', {
      topic: string('0+'),
      partitions: array('0+', int32('0+')),
    }),
  }),
}));

export type DescribeTransactionsRequest = Decoded<typeof describeTransactionsRequest>;
export type DescribeTransactionsRequestInput = Input<typeof describeTransactionsRequest>;
export type DescribeTransactionsResponse = Decoded<typeof describeTransactionsResponse>;
export type DescribeTransactionsResponseInput = Input<typeof describeTransactionsResponse>;
