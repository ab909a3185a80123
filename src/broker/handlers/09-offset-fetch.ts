/**
 * OffsetFetch, key 9, versions 1-10: how far groups have read; all partitions when no topics are named.
 *
 * v2: an error for the whole group. v5: leader epochs (KIP-320). v7: requireStable (KIP-447). v8: several groups. v9: member
 * epochs (KIP-848). v10: topics by id. A partition without an offset is answered -1, also when the group is unknown.
 */
import { offsetFetchRequest, offsetFetchResponse } from '../../protocol/messages/09-offset-fetch.ts';
import { defineHandler } from '../handler.ts';

export const offsetFetch = defineHandler({
  request: offsetFetchRequest,
  response: offsetFetchResponse,
  listeners: ['broker'],
  handle: (services, request, context, reply) => services.groups.fetchOffsets(request, context, reply),
  errorResponse(error, request) {
    const errorCode = error.code;
    return {
      errorCode,
      groups: request.groups.map(({ groupId }) => ({ groupId, errorCode })),
      // Only version 1 has no other place for it; later ones ignore the partitions of a failed group.
      topics: (request.topics ?? []).map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, committedOffset: -1, errorCode })),
      })),
    };
  },
});
