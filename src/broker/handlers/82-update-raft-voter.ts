/** UpdateRaftVoter, key 82, version 0 (KIP-853): a voter says where it can be reached now. */
import { updateRaftVoterRequest, updateRaftVoterResponse } from '../../protocol/messages/82-update-raft-voter.ts';
import { defineHandler } from '../handler.ts';
import { raftContext } from '../raft-context.ts';

export const updateRaftVoter = defineHandler({
  request: updateRaftVoterRequest,
  response: updateRaftVoterResponse,
  listeners: ['controller'],
  handle(services, request, context, reply) {
    services.raft.handleUpdateRaftVoter(request, raftContext(context), reply);
  },
  errorResponse: (error) => ({ errorCode: error.code }),
});
