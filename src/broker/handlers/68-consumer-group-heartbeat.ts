/**
 * ConsumerGroupHeartbeat, key 68, versions 0-1: a member of a consumer group (KIP-848) joins, says what it wants and has,
 * hears what it is to have, and leaves with epoch -1 (a static member for a while with -2).
 *
 * v1: subscriptions by regular expression, and the member makes its id itself (KIP-1082). UNSUPPORTED_VERSION while
 * group.version is finalised at 0 or `consumer` is not among group.coordinator.rebalance.protocols.
 */
import {
  consumerGroupHeartbeatRequest,
  consumerGroupHeartbeatResponse,
} from '../../protocol/messages/68-consumer-group-heartbeat.ts';
import { requireConsumerGroups } from '../consumer-group-feature.ts';
import { defineHandler } from '../handler.ts';

export const consumerGroupHeartbeat = defineHandler({
  request: consumerGroupHeartbeatRequest,
  response: consumerGroupHeartbeatResponse,
  listeners: ['broker'],
  handle(services, request, context, reply) {
    requireConsumerGroups(services);
    services.groups.consumerGroupHeartbeat(request, context, reply);
  },
  errorResponse: (error) => ({ errorCode: error.code }),
});
