/** Vote, key 52, versions 0-2 (KIP-595, KIP-996): a candidate of the metadata quorum asks for a vote. */
import { voteRequest, voteResponse } from '../../protocol/messages/52-vote.ts';
import { defineHandler } from '../handler.ts';
import { raftContext } from '../raft-context.ts';

export const vote = defineHandler({
  request: voteRequest,
  response: voteResponse,
  listeners: ['controller'],
  handle(services, request, context, reply) {
    services.raft.handleVote(request, raftContext(context), reply);
  },
  errorResponse: (error) => ({ errorCode: error.code }),
});
