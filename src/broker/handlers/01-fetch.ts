/**
 * Fetch, key 1, versions 4-18. v7: sessions (KIP-227). v9: leader epochs are checked (KIP-320). v11: consumers may read
 * from followers (KIP-392). v12: followers find out where logs diverge (KIP-595). v13: topics by id. v16: answers of
 * NOT_LEADER_OR_FOLLOWER and FENCED_LEADER_EPOCH name the leader (KIP-951). On a controller listener it is the metadata
 * log that is fetched.
 */
import { ErrorCode } from '../../protocol/error-codes.ts';
import { fetchRequest, fetchResponse } from '../../protocol/messages/01-fetch.ts';
import { FetchCall } from '../fetch-call.ts';
import { defineHandler } from '../handler.ts';
import { raftContext } from '../raft-context.ts';

const FIRST_VERSION_WITH_ERROR_CODE = 7;

export const fetch = defineHandler({
  request: fetchRequest,
  response: fetchResponse,
  listeners: ['broker', 'controller'],
  handle(services, request, context, reply) {
    if (context.listener.type === 'controller') {
      services.raft.handleFetch(request, raftContext(context), reply);
      return;
    }
    new FetchCall(services, request, context, reply).run();
  },
  errorResponse: (error, request, context) => ({
    errorCode: error.code,
    responses:
      context.apiVersion >= FIRST_VERSION_WITH_ERROR_CODE && error.code !== ErrorCode.NONE
        ? []
        : request.topics.map(({ topic, topicId, partitions }) => ({
            topic,
            topicId,
            partitions: partitions.map(({ partition }) => ({
              partitionIndex: partition,
              errorCode: error.code,
              highWatermark: -1,
            })),
          })),
  }),
});
