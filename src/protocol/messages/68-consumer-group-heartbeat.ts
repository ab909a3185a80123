/**
 * ConsumerGroupHeartbeat, key 68: versions 0-1, flexible from 0 on.
 * A member of a new consumer group reports and gets its assignment (KIP-848).
 * By version: 1 regular expressions (KIP-848), the member makes up its id (KIP-1082).
 */
import { array, type Decoded, type Input, int16, int32, request, response, string, struct, uuid } from '../schema.ts';

const topicPartitionsFields = () => ({
  topicId: uuid('0+'),
  partitions: array('0+', int32('0+')),
});

export const consumerGroupHeartbeatRequest = request('ConsumerGroupHeartbeat', 68, '0-1', '0+', () => ({
  groupId: string('0+'),
  memberId: string('0+'),
  memberEpoch: int32('0+'),
  instanceId: string('0+', { nullable: '0+', default: null }),
  rackId: string('0+', { nullable: '0+', default: null }),
  rebalanceTimeoutMs: int32('0+', { default: -1 }),
  subscribedTopicNames: array('0+', string('0+'), { nullable: '0+', default: null }),
  subscribedTopicRegex: string('1+', { nullable: '1+', default: null }),
  serverAssignor: string('0+', { nullable: '0+', default: null }),
  topicPartitions: array(
    '0+',
    {
      topicId: uuid('0+'),
      partitions: array('0+', int32('0+')),
    },
    { nullable: '0+', default: null },
  ),
}));

export const consumerGroupHeartbeatResponse = response('ConsumerGroupHeartbeat', 68, '0-1', '0+', () => ({
  throttleTimeMs: int32('0+'),
  errorCode: int16('0+'),
  errorMessage: string('0+', { nullable: '0+', default: null }),
  memberId: string('0+', { nullable: '0+', default: null }),
  memberEpoch: int32('0+'),
  heartbeatIntervalMs: int32('0+'),
  assignment: struct(
    '0+',
    {
      topicPartitions: array('0+', topicPartitionsFields()),
    },
    { nullable: '0+', default: null },
  ),
}));

export type ConsumerGroupHeartbeatRequest = Decoded<typeof consumerGroupHeartbeatRequest>;
export type ConsumerGroupHeartbeatRequestInput = Input<typeof consumerGroupHeartbeatRequest>;
export type ConsumerGroupHeartbeatResponse = Decoded<typeof consumerGroupHeartbeatResponse>;
export type ConsumerGroupHeartbeatResponseInput = Input<typeof consumerGroupHeartbeatResponse>;
