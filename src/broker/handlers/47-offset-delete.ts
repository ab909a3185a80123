/**
 * OffsetDelete, key 47, version 0: removes offsets of a group (KIP-496). Topics that its members subscribe to are refused
 * with GROUP_SUBSCRIBED_TO_TOPIC.
 */
import { offsetDeleteRequest, offsetDeleteResponse } from '../../protocol/messages/47-offset-delete.ts';
import { defineHandler } from '../handler.ts';

export const offsetDelete = defineHandler({
  request: offsetDeleteRequest,
  response: offsetDeleteResponse,
  listeners: ['broker'],
  handle: (services, request, context, reply) => services.groups.deleteOffsets(request, context, reply),
  errorResponse: (error) => ({ errorCode: error.code }),
});
