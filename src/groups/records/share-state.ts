/** Records of `__share_group_state` (KIP-932). */
import {
  array,
  type Decoded,
  data,
  type Input,
  int8,
  int16,
  int32,
  int64,
  string,
  uuid,
} from '../../protocol/schema.ts';

export const shareSnapshotKey = data('ShareSnapshotKey', 0, '0', 'none', () => ({
  groupId: string('0'),
  topicId: uuid('0'),
  partition: int32('0'),
}));
export type ShareSnapshotKey = Decoded<typeof shareSnapshotKey>;
export type ShareSnapshotKeyInput = Input<typeof shareSnapshotKey>;

export const shareSnapshotValue = data('ShareSnapshotValue', 0, '0', '0+', () => ({
  snapshotEpoch: int32('0+'),
  stateEpoch: int32('0+'),
  leaderEpoch: int32('0+'),
  startOffset: int64('0+'),
  deliveryCompleteCount: int32('0+', { tag: 0, default: -1 }),
  createTimestamp: int64('0+'),
  writeTimestamp: int64('0+'),
  stateBatches: array('0+', {
    firstOffset: int64('0+'),
    lastOffset: int64('0+'),
    deliveryState: int8('0+'),
    deliveryCount: int16('0+'),
  }),
}));
export type ShareSnapshotValue = Decoded<typeof shareSnapshotValue>;
export type ShareSnapshotValueInput = Input<typeof shareSnapshotValue>;

export const shareUpdateKey = data('ShareUpdateKey', 1, '0', 'none', () => ({
  groupId: string('0'),
  topicId: uuid('0'),
  partition: int32('0'),
}));
export type ShareUpdateKey = Decoded<typeof shareUpdateKey>;
export type ShareUpdateKeyInput = Input<typeof shareUpdateKey>;

export const shareUpdateValue = data('ShareUpdateValue', 1, '0', '0+', () => ({
  snapshotEpoch: int32('0+'),
  leaderEpoch: int32('0+'),
  startOffset: int64('0+'),
  deliveryCompleteCount: int32('0+', { tag: 0, default: -1 }),
  stateBatches: array('0+', {
    firstOffset: int64('0+'),
    lastOffset: int64('0+'),
    deliveryState: int8('0+'),
    deliveryCount: int16('0+'),
  }),
}));
export type ShareUpdateValue = Decoded<typeof shareUpdateValue>;
export type ShareUpdateValueInput = Input<typeof shareUpdateValue>;
