/**
 * ShareGroupHeartbeat, key 76: versions 1, flexible from 0 on.
 * A member of a share group reports and gets its assignment (KIP-932). Version 0 was early access.
 */
import { array, type Decoded, type Input, int16, int32, request, response, string, struct, uuid } from '../schema.ts';

const topicPartitionsFields = () => ({
  topicId: uuid('0+'),
  partitions: array('0+', int32('0+')),
});

export const shareGroupHeartbeatRequest = request('ShareGroupHeartbeat', 76, '1', '0+', () => ({
  groupId: string('0+'),
  memberId: string('0+'),
  memberEpoch: int32('0+'),
  rackId: string('0+', { nullable: '0+', default: null }),
  subscribedTopicNames: array('0+', string('0+'), { nullable: '0+', default: null }),
}));

export const shareGroupHeartbeatResponse = response('ShareGroupHeartbeat', 76, '1', '0+', () => ({
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

export type ShareGroupHeartbeatRequest = Decoded<typeof shareGroupHeartbeatRequest>;
export type ShareGroupHeartbeatRequestInput = Input<typeof shareGroupHeartbeatRequest>;
export type ShareGroupHeartbeatResponse = Decoded<typeof shareGroupHeartbeatResponse>;
export type ShareGroupHeartbeatResponseInput = Input<typeof shareGroupHeartbeatResponse>;
