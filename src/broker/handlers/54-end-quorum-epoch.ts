/** EndQuorumEpoch, key 54, versions 0-1 (KIP-595): the leader of the metadata quorum gives up. */
import { endQuorumEpochRequest, endQuorumEpochResponse } from '../../protocol/messages/54-end-quorum-epoch.ts';
import { defineHandler } from '../handler.ts';
import { raftContext } from '../raft-context.ts';

export const endQuorumEpoch = defineHandler({
  request: endQuorumEpochRequest,
  response: endQuorumEpochResponse,
  listeners: ['controller'],
  handle(services, request, context, reply) {
    services.raft.handleEndQuorumEpoch(request, raftContext(context), reply);
  },
  errorResponse: (error) => ({ errorCode: error.code }),
});
