/** BeginQuorumEpoch, key 53, versions 0-1 (KIP-595): a new leader of the metadata quorum makes itself known. */
import { beginQuorumEpochRequest, beginQuorumEpochResponse } from '../../protocol/messages/53-begin-quorum-epoch.ts';
import { defineHandler } from '../handler.ts';
import { raftContext } from '../raft-context.ts';

export const beginQuorumEpoch = defineHandler({
  request: beginQuorumEpochRequest,
  response: beginQuorumEpochResponse,
  listeners: ['controller'],
  handle(services, request, context, reply) {
    services.raft.handleBeginQuorumEpoch(request, raftContext(context), reply);
  },
  errorResponse: (error) => ({ errorCode: error.code }),
});
