/**
 * ConsumerGroupDescribe, key 69, versions 0-1: epochs, state and members of consumer groups (KIP-848) that this broker
 * coordinates.
 *
 * v1: whether a member speaks the classic protocol (KIP-1099). An unknown group, or one of another kind, is
 * GROUP_ID_NOT_FOUND. UNSUPPORTED_VERSION as for ConsumerGroupHeartbeat.
 */
import {
  consumerGroupDescribeRequest,
  consumerGroupDescribeResponse,
} from '../../protocol/messages/69-consumer-group-describe.ts';
import { withGroupOperations } from '../authorized-operations.ts';
import { requireConsumerGroups } from '../consumer-group-feature.ts';
import { defineHandler } from '../handler.ts';

export const consumerGroupDescribe = defineHandler({
  request: consumerGroupDescribeRequest,
  response: consumerGroupDescribeResponse,
  listeners: ['broker'],
  handle(services, request, context, reply) {
    requireConsumerGroups(services);
    services.groups.consumerGroupDescribe(request, context, (response) => {
      const { groups = [] } = response;
      reply(request.includeAuthorizedOperations ? { ...response, groups: withGroupOperations(groups) } : response);
    });
  },
  errorResponse: (error, request) => ({
    groups: request.groupIds.map((groupId) => ({ groupId, errorCode: error.code })),
  }),
});
