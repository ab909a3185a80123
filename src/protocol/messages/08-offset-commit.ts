/**
 * OffsetCommit, key 8: versions 2-10, flexible from 8 on.
 * Commits offsets of a group.
 * By version: 2-4 retention time, dropped in 5; 6 leader epoch; 7 group instance id (KIP-345); 9 members of new
 * consumer groups (KIP-848); 10 topic ids instead of names (KIP-848).
 */
import { array, type Decoded, type Input, int16, int32, int64, request, response, string, uuid } from '../schema.ts';

export const offsetCommitRequest = request('OffsetCommit', 8, '2-10', '8+', () => ({
  groupId: string('0+'),
  generationIdOrMemberEpoch: int32('1+', { default: -1, ignorable: true }),
  memberId: string('1+', { ignorable: true }),
  groupInstanceId: string('7+', { nullable: '7+', default: null }),
  retentionTimeMs: int64('2-4', { default: -1, ignorable: true }),
  topics: array('0+', {
    name: string('0-9', { ignorable: true }),
    topicId: uuid('10+', { ignorable: true }),
    partitions: array('0+', {
      partitionIndex: int32('0+'),
      committedOffset: int64('0+'),
      committedLeaderEpoch: int32('6+', { default: -1, ignorable: true }),
      committedMetadata: string('0+', { nullable: '0+' }),
    }),
  }),
}));

export const offsetCommitResponse = response('OffsetCommit', 8, '2-10', '8+', () => ({
  throttleTimeMs: int32('3+', { ignorable: true }),
  topics: array('0+', {
    name: string('0-9', { ignorable: true }),
    topicId: uuid('10+', { ignorable: true }),
    partitions: array('0+', {
      partitionIndex: int32('0+'),
      errorCode: int16('0+'),
    }),
  }),
}));

export type OffsetCommitRequest = Decoded<typeof offsetCommitRequest>;
export type OffsetCommitRequestInput = Input<typeof offsetCommitRequest>;
export type OffsetCommitResponse = Decoded<typeof offsetCommitResponse>;
export type OffsetCommitResponseInput = Input<typeof offsetCommitResponse>;
