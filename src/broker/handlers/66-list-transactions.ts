/** ListTransactions, key 66, versions 0-2 (KIP-664). This broker coordinates no transactions, so there are none to list. */
import { listTransactionsRequest, listTransactionsResponse } from '../../protocol/messages/66-list-transactions.ts';
import { defineHandler } from '../handler.ts';

const STATES: ReadonlySet<string> = new Set([
  'Empty',
  'Ongoing',
  'PrepareCommit',
  'PrepareAbort',
  'CompleteCommit',
  'CompleteAbort',
  'Dead',
  'PrepareEpochFence',
]);

export const listTransactions = defineHandler({
  request: listTransactionsRequest,
  response: listTransactionsResponse,
  listeners: ['broker'],
  handle(_services, request, _context, reply) {
    reply({ unknownStateFilters: request.stateFilters.filter((state) => !STATES.has(state)) });
  },
  errorResponse: (error) => ({ errorCode: error.code }),
});
