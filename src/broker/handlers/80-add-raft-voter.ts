/** AddRaftVoter, key 80, versions 0-1 (KIP-853): adds a voter to the metadata quorum. */
import { addRaftVoterRequest, addRaftVoterResponse } from '../../protocol/messages/80-add-raft-voter.ts';
import { defineHandler } from '../handler.ts';
import { raftContext } from '../raft-context.ts';

export const addRaftVoter = defineHandler({
  request: addRaftVoterRequest,
  response: addRaftVoterResponse,
  listeners: ['broker', 'controller'],
  forwarded: true,
  handle(services, request, context, reply) {
    services.raft.handleAddRaftVoter(request, raftContext(context), reply);
  },
  errorResponse: (error) => ({ errorCode: error.code, errorMessage: error.message }),
});
