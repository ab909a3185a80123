/** DescribeTransactions, key 65, version 0 (KIP-664). This broker coordinates no transactions. */
import { ErrorCode } from '../../protocol/error-codes.ts';
import {
  describeTransactionsRequest,
  describeTransactionsResponse,
} from '../../protocol/messages/65-describe-transactions.ts';
import { defineHandler } from '../handler.ts';

export const describeTransactions = defineHandler({
  request: describeTransactionsRequest,
  response: describeTransactionsResponse,
  listeners: ['broker'],
  handle(_services, request, _context, reply) {
    reply({
      transactionStates: request.transactionalIds.map((transactionalId) => ({
        transactionalId,
        errorCode: ErrorCode.NOT_COORDINATOR,
      })),
    });
  },
  errorResponse: (error, request) => ({
    transactionStates: request.transactionalIds.map((transactionalId) => ({ transactionalId, errorCode: error.code })),
  }),
});
