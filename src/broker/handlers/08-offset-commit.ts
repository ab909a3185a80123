/**
 * OffsetCommit, key 8, versions 2-10: stores how far a group has read.
 *
 * v2-4: the client may ask for a retention. v6: leader epochs (KIP-320). v7: static members (KIP-345). v9: GROUP_ID_NOT_FOUND
 * for an unknown group and member epochs (KIP-848). v10: topics by id. Topics and partitions that do not exist are refused
 * one by one; a group that refuses is told in every partition.
 */
import { offsetCommitRequest, offsetCommitResponse } from '../../protocol/messages/08-offset-commit.ts';
import { defineHandler } from '../handler.ts';

export const offsetCommit = defineHandler({
  request: offsetCommitRequest,
  response: offsetCommitResponse,
  listeners: ['broker'],
  handle: (services, request, context, reply) => services.groups.commitOffsets(request, context, reply),
  errorResponse: (error, request) => ({
    topics: request.topics.map(({ name, topicId, partitions }) => ({
      name,
      topicId,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: error.code })),
    })),
  }),
});
