/** Records of `__consumer_offsets`: committed offsets and classic groups. */
import { array, bytes, type Decoded, data, type Input, int32, int64, string, uuid } from '../../protocol/schema.ts';

export const legacyOffsetCommitKey = data('LegacyOffsetCommitKey', 0, '0', 'none', () => ({
  group: string('0'),
  topic: string('0'),
  partition: int32('0'),
}));
export type LegacyOffsetCommitKey = Decoded<typeof legacyOffsetCommitKey>;
export type LegacyOffsetCommitKeyInput = Input<typeof legacyOffsetCommitKey>;

export const legacyOffsetCommitValue = data('LegacyOffsetCommitValue', 0, '0', 'none', () => ({
  offset: int64('0'),
  metadata: string('0'),
  commitTimestamp: int64('0'),
}));
export type LegacyOffsetCommitValue = Decoded<typeof legacyOffsetCommitValue>;
export type LegacyOffsetCommitValueInput = Input<typeof legacyOffsetCommitValue>;

export const offsetCommitKey = data('OffsetCommitKey', 1, '0', 'none', () => ({
  group: string('0'),
  topic: string('0'),
  partition: int32('0'),
}));
export type OffsetCommitKey = Decoded<typeof offsetCommitKey>;
export type OffsetCommitKeyInput = Input<typeof offsetCommitKey>;

export const offsetCommitValue = data('OffsetCommitValue', 1, '0-4', '4+', () => ({
  offset: int64('0+'),
  leaderEpoch: int32('3+', { default: -1, ignorable: true }),
  metadata: string('0+'),
  commitTimestamp: int64('0+'),
  expireTimestamp: int64('1', { default: -1, ignorable: true }),
  topicId: uuid('4+', { tag: 0, ignorable: true }),
}));
export type OffsetCommitValue = Decoded<typeof offsetCommitValue>;
export type OffsetCommitValueInput = Input<typeof offsetCommitValue>;

export const groupMetadataKey = data('GroupMetadataKey', 2, '0', 'none', () => ({
  group: string('0'),
}));
export type GroupMetadataKey = Decoded<typeof groupMetadataKey>;
export type GroupMetadataKeyInput = Input<typeof groupMetadataKey>;

const memberMetadataFields = () => ({
  memberId: string('0+'),
  groupInstanceId: string('3+', { nullable: '3+', default: null, ignorable: true }),
  clientId: string('0+'),
  clientHost: string('0+'),
  rebalanceTimeout: int32('1+', { default: -1, ignorable: true }),
  sessionTimeout: int32('0+'),
  subscription: bytes('0+'),
  assignment: bytes('0+'),
});

export const groupMetadataValue = data('GroupMetadataValue', 2, '0-4', '4+', () => ({
  protocolType: string('0+'),
  generation: int32('0+'),
  protocol: string('0+', { nullable: '0+' }),
  leader: string('0+', { nullable: '0+' }),
  currentStateTimestamp: int64('2+', { default: -1, ignorable: true }),
  members: array('0+', memberMetadataFields()),
}));
export type GroupMetadataValue = Decoded<typeof groupMetadataValue>;
export type GroupMetadataValueInput = Input<typeof groupMetadataValue>;
