/** What members of a classic consumer group put into JoinGroup and SyncGroup (protocol type `consumer`). */
import { array, bytes, type Decoded, data, type Input, int32, string } from './schema.ts';

export const consumerProtocolSubscription = data('ConsumerProtocolSubscription', -1, '0-3', 'none', () => ({
  topics: array('0+', string('0+')),
  userData: bytes('0+', { nullable: '0+', default: null }),
  ownedPartitions: array(
    '1+',
    {
      topic: string('1+'),
      partitions: array('1+', int32('0+')),
    },
    { ignorable: true },
  ),
  generationId: int32('2+', { default: -1, ignorable: true }),
  rackId: string('3+', { nullable: '3+', default: null, ignorable: true }),
}));
export type ConsumerProtocolSubscription = Decoded<typeof consumerProtocolSubscription>;
export type ConsumerProtocolSubscriptionInput = Input<typeof consumerProtocolSubscription>;

export const consumerProtocolAssignment = data('ConsumerProtocolAssignment', -1, '0-3', 'none', () => ({
  assignedPartitions: array('0+', {
    topic: string('0+'),
    partitions: array('0+', int32('0+')),
  }),
  userData: bytes('0+', { nullable: '0+', default: null }),
}));
export type ConsumerProtocolAssignment = Decoded<typeof consumerProtocolAssignment>;
export type ConsumerProtocolAssignmentInput = Input<typeof consumerProtocolAssignment>;
