/** RemoveRaftVoter, key 81, version 0 (KIP-853): removes a voter from the metadata quorum. */
import { removeRaftVoterRequest, removeRaftVoterResponse } from '../../protocol/messages/81-remove-raft-voter.ts';
import { defineHandler } from '../handler.ts';
import { raftContext } from '../raft-context.ts';

export const removeRaftVoter = defineHandler({
  request: removeRaftVoterRequest,
  response: removeRaftVoterResponse,
  listeners: ['broker', 'controller'],
  forwarded: true,
  handle(services, request, context, reply) {
    services.raft.handleRemoveRaftVoter(request, raftContext(context), reply);
  },
  errorResponse: (error) => ({ errorCode: error.code, errorMessage: error.message }),
});
