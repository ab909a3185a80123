/** DescribeQuorum, key 55, versions 0-2 (KIP-595, KIP-853): only the leader of the quorum knows. */
import { describeQuorumRequest, describeQuorumResponse } from '../../protocol/messages/55-describe-quorum.ts';
import { defineHandler } from '../handler.ts';
import { raftContext } from '../raft-context.ts';

export const describeQuorum = defineHandler({
  request: describeQuorumRequest,
  response: describeQuorumResponse,
  listeners: ['broker', 'controller'],
  forwarded: true,
  handle(services, request, context, reply) {
    services.raft.handleDescribeQuorum(request, raftContext(context), reply);
  },
  errorResponse: (error) => ({ errorCode: error.code, errorMessage: error.message }),
});
