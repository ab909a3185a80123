/** OffsetForLeaderEpoch, key 23, versions 2-4: where an epoch ends in the leader's log (KIP-101, KIP-320). */
import { errorCodeOf } from '../../protocol/error-codes.ts';
import {
  offsetForLeaderEpochRequest,
  offsetForLeaderEpochResponse,
} from '../../protocol/messages/23-offset-for-leader-epoch.ts';
import { defineHandler } from '../handler.ts';

export const offsetForLeaderEpoch = defineHandler({
  request: offsetForLeaderEpochRequest,
  response: offsetForLeaderEpochResponse,
  listeners: ['broker'],
  handle(services, request, _context, reply) {
    reply({
      topics: request.topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition, currentLeaderEpoch, leaderEpoch }) => {
          try {
            const log = services.replicaManager.getOrThrow(topic, partition).logFor(currentLeaderEpoch, true);
            return { partition, ...log.endOffsetForEpoch(leaderEpoch) };
          } catch (error) {
            return { partition, errorCode: errorCodeOf(error) };
          }
        }),
      })),
    });
  },
  errorResponse: (error, request) => ({
    topics: request.topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition }) => ({ partition, errorCode: error.code })),
    })),
  }),
});
