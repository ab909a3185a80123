/** The records of consumer groups in `__consumer_offsets` (KIP-848). */
import type { Uuid } from '../../base/uuid.ts';
import { Reader } from '../../protocol/reader.ts';
import { type Decoded, data, type Fields, type InputFields, int32, type MessageSchema } from '../../protocol/schema.ts';
import { Writer } from '../../protocol/writer.ts';
import {
  type ConsumerGroupCurrentMemberAssignmentValue,
  consumerGroupCurrentMemberAssignmentKey,
  consumerGroupCurrentMemberAssignmentValue,
  consumerGroupMemberMetadataKey,
  consumerGroupMemberMetadataValue,
  consumerGroupMetadataKey,
  consumerGroupPartitionMetadataKey,
  consumerGroupRegularExpressionKey,
  consumerGroupRegularExpressionValue,
  consumerGroupTargetAssignmentMemberKey,
  consumerGroupTargetAssignmentMemberValue,
  consumerGroupTargetAssignmentMetadataKey,
  consumerGroupTargetAssignmentMetadataValue,
} from '../records/consumer.ts';
import type { CoordinatorRecord } from '../types.ts';
import type { ConsumerGroupMember, MemberState, PartitionEpochs, TopicPartitions } from './consumer-member.ts';
import { topicIdOrder } from './hash-order.ts';

/** The types of records that make up a consumer group. */
export const ConsumerRecordType = {
  GroupMetadata: 3,
  PartitionMetadata: 4,
  MemberMetadata: 5,
  TargetAssignmentMetadata: 6,
  TargetAssignmentMember: 7,
  CurrentMemberAssignment: 8,
  RegularExpression: 16,
} as const;

/**
 * The group's record without its hash: that is any 64 bits, which a number cannot hold. It stays in the unknown tagged
 * fields as bytes.
 */
const groupMetadataValue = data('ConsumerGroupMetadataValue', 3, '0', '0+', () => ({ epoch: int32('0+') }));
const METADATA_HASH_TAG = 0;
/** The hash of a group that subscribes to no topic that exists. */
export const NO_METADATA_HASH = '0000000000000000';

const STATE_NUMBERS: Readonly<Record<MemberState, number>> = {
  stable: 0,
  unrevokedPartitions: 1,
  unreleasedPartitions: 2,
  unknown: 127,
};

export function memberStateOf(value: number): MemberState {
  const states: readonly MemberState[] = ['stable', 'unrevokedPartitions', 'unreleasedPartitions'];
  return states[value] ?? 'unknown';
}

function key<F extends Fields>(schema: MessageSchema<F>, body: InputFields<F>): Buffer {
  const writer = new Writer();
  writer.int16(schema.apiKey);
  schema.encode(writer, 0, body);
  return writer.finishWhole();
}

function value<F extends Fields>(schema: MessageSchema<F>, body: InputFields<F>): Buffer {
  const writer = new Writer();
  writer.int16(0);
  schema.encode(writer, 0, body);
  return writer.finishWhole();
}

/** @param metadataHash 16 hexadecimal digits */
export function newGroupEpochRecord(groupId: string, epoch: number, metadataHash: string): CoordinatorRecord {
  const hash = [{ tag: METADATA_HASH_TAG, data: Buffer.from(metadataHash, 'hex') }];
  const body = metadataHash === NO_METADATA_HASH ? { epoch } : { epoch, unknownTaggedFields: hash };
  return { key: key(consumerGroupMetadataKey, { groupId }), value: value(groupMetadataValue, body) };
}

export function newMemberMetadataRecord(groupId: string, member: ConsumerGroupMember): CoordinatorRecord {
  const { memberId, instanceId, rackId, clientId, clientHost, subscribedTopicNames } = member;
  const { subscribedTopicRegex, rebalanceTimeoutMs, serverAssignor, classicMemberMetadata } = member;
  return {
    key: key(consumerGroupMemberMetadataKey, { groupId, memberId }),
    value: value(consumerGroupMemberMetadataValue, {
      instanceId,
      rackId,
      clientId,
      clientHost,
      subscribedTopicNames,
      subscribedTopicRegex,
      rebalanceTimeoutMs,
      serverAssignor,
      classicMemberMetadata,
    }),
  };
}

export function newTargetAssignmentEpochRecord(
  groupId: string,
  assignmentEpoch: number,
  assignmentTimestamp: number,
): CoordinatorRecord {
  return {
    key: key(consumerGroupTargetAssignmentMetadataKey, { groupId }),
    value: value(consumerGroupTargetAssignmentMetadataValue, { assignmentEpoch, assignmentTimestamp }),
  };
}

export function newTargetAssignmentRecord(
  groupId: string,
  memberId: string,
  topicPartitions: readonly { readonly topicId: Uuid; readonly partitions: readonly number[] }[],
): CoordinatorRecord {
  return {
    key: key(consumerGroupTargetAssignmentMemberKey, { groupId, memberId }),
    value: value(consumerGroupTargetAssignmentMemberValue, { topicPartitions }),
  };
}

export function newCurrentAssignmentRecord(groupId: string, member: ConsumerGroupMember): CoordinatorRecord {
  const { memberId, memberEpoch, previousMemberEpoch } = member;
  return {
    key: key(consumerGroupCurrentMemberAssignmentKey, { groupId, memberId }),
    value: value(consumerGroupCurrentMemberAssignmentValue, {
      memberEpoch,
      previousMemberEpoch,
      state: STATE_NUMBERS[member.state],
      assignedPartitions: withEpochs(member.assignedPartitions),
      partitionsPendingRevocation: withEpochs(member.partitionsPendingRevocation),
    }),
  };
}

function withEpochs(partitions: PartitionEpochs) {
  return topicIdOrder(partitions.keys()).map((topicId) => {
    const epochs = partitions.get(topicId) ?? new Map<number, number>();
    return { topicId, partitions: [...epochs.keys()], assignmentEpochs: [...epochs.values()] };
  });
}

/** A pattern and the topics that match it. */
export interface ResolvedRegularExpression {
  readonly topics: readonly string[];
  /** Offset of the metadata that it was resolved with; 0 where it is not known. */
  readonly version: number;
  readonly timestampMs: number;
}

export function newRegularExpressionRecord(
  groupId: string,
  regularExpression: string,
  { topics, version, timestampMs: timestamp }: ResolvedRegularExpression,
): CoordinatorRecord {
  return {
    key: key(consumerGroupRegularExpressionKey, { groupId, regularExpression }),
    value: value(consumerGroupRegularExpressionValue, { topics, version, timestamp }),
  };
}

export function newRegularExpressionTombstone(groupId: string, regularExpression: string): CoordinatorRecord {
  return { key: key(consumerGroupRegularExpressionKey, { groupId, regularExpression }), value: null };
}

const currentTombstone = (groupId: string, memberId: string): CoordinatorRecord => ({
  key: key(consumerGroupCurrentMemberAssignmentKey, { groupId, memberId }),
  value: null,
});

const targetTombstone = (groupId: string, memberId: string): CoordinatorRecord => ({
  key: key(consumerGroupTargetAssignmentMemberKey, { groupId, memberId }),
  value: null,
});

const metadataTombstone = (groupId: string, memberId: string): CoordinatorRecord => ({
  key: key(consumerGroupMemberMetadataKey, { groupId, memberId }),
  value: null,
});

/** Tombstones of a member, in the order in which Kafka's replay wants them. */
export function memberTombstones(groupId: string, memberId: string): CoordinatorRecord[] {
  return [
    currentTombstone(groupId, memberId),
    targetTombstone(groupId, memberId),
    metadataTombstone(groupId, memberId),
  ];
}

/** The tombstone of what brokers before 4.1 stored of topics. */
export function newPartitionMetadataTombstone(groupId: string): CoordinatorRecord {
  return { key: key(consumerGroupPartitionMetadataKey, { groupId }), value: null };
}

/** Tombstones of a whole group, in the order in which Kafka's replay wants them. */
export function groupTombstones(
  groupId: string,
  memberIds: readonly string[],
  regularExpressions: readonly string[],
): CoordinatorRecord[] {
  return [
    ...memberIds.map((memberId) => currentTombstone(groupId, memberId)),
    ...memberIds.map((memberId) => targetTombstone(groupId, memberId)),
    { key: key(consumerGroupTargetAssignmentMetadataKey, { groupId }), value: null },
    ...memberIds.map((memberId) => metadataTombstone(groupId, memberId)),
    ...regularExpressions.map((regex) => newRegularExpressionTombstone(groupId, regex)),
    newPartitionMetadataTombstone(groupId),
    { key: key(consumerGroupMetadataKey, { groupId }), value: null },
  ];
}

/** A record of a consumer group; a null value is a tombstone. */
export type ConsumerRecord = { readonly groupId: string } & (
  | { readonly type: 'groupMetadata'; readonly value: { epoch: number; metadataHash: string } | null }
  /** What brokers before 4.1 stored of topics; only that it is there matters. */
  | { readonly type: 'partitionMetadata'; readonly isTombstone: boolean }
  | {
      readonly type: 'memberMetadata';
      readonly memberId: string;
      readonly value: Decoded<typeof consumerGroupMemberMetadataValue> | null;
    }
  | {
      readonly type: 'targetAssignmentMetadata';
      readonly value: Decoded<typeof consumerGroupTargetAssignmentMetadataValue> | null;
    }
  | { readonly type: 'targetAssignmentMember'; readonly memberId: string; readonly value: TopicPartitions | null }
  | {
      readonly type: 'currentMemberAssignment';
      readonly memberId: string;
      readonly value: ConsumerGroupCurrentMemberAssignmentValue | null;
    }
  | {
      readonly type: 'regularExpression';
      readonly regularExpression: string;
      readonly value: ResolvedRegularExpression | null;
    }
);

/** Reads a record by its type; undefined when it belongs to no consumer group. Throws INVALID_REQUEST on bad bytes. */
export function decodeConsumerRecord(
  recordType: number,
  keyReader: Reader,
  bytes: Buffer | null,
): ConsumerRecord | undefined {
  switch (recordType) {
    case ConsumerRecordType.GroupMetadata: {
      const { groupId } = consumerGroupMetadataKey.decode(keyReader, 0);
      const decoded = decodeValue(groupMetadataValue, bytes);
      const hash = decoded?.unknownTaggedFields?.find(({ tag }) => tag === METADATA_HASH_TAG)?.data;
      const metadataHash = hash === undefined ? NO_METADATA_HASH : Buffer.from(hash).toString('hex');
      return { type: 'groupMetadata', groupId, value: decoded && { epoch: decoded.epoch, metadataHash } };
    }
    case ConsumerRecordType.PartitionMetadata:
      return {
        type: 'partitionMetadata',
        groupId: consumerGroupPartitionMetadataKey.decode(keyReader, 0).groupId,
        isTombstone: bytes === null,
      };
    case ConsumerRecordType.MemberMetadata: {
      const { groupId, memberId } = consumerGroupMemberMetadataKey.decode(keyReader, 0);
      return { type: 'memberMetadata', groupId, memberId, value: decodeValue(consumerGroupMemberMetadataValue, bytes) };
    }
    case ConsumerRecordType.TargetAssignmentMetadata: {
      const { groupId } = consumerGroupTargetAssignmentMetadataKey.decode(keyReader, 0);
      const decoded = decodeValue(consumerGroupTargetAssignmentMetadataValue, bytes);
      return { type: 'targetAssignmentMetadata', groupId, value: decoded };
    }
    case ConsumerRecordType.TargetAssignmentMember: {
      const { groupId, memberId } = consumerGroupTargetAssignmentMemberKey.decode(keyReader, 0);
      const decoded = decodeValue(consumerGroupTargetAssignmentMemberValue, bytes);
      const target = decoded && new Map<Uuid, Set<number>>();
      for (const { topicId, partitions } of decoded?.topicPartitions ?? []) target?.set(topicId, new Set(partitions));
      return { type: 'targetAssignmentMember', groupId, memberId, value: target };
    }
    case ConsumerRecordType.CurrentMemberAssignment: {
      const { groupId, memberId } = consumerGroupCurrentMemberAssignmentKey.decode(keyReader, 0);
      const decoded = decodeValue(consumerGroupCurrentMemberAssignmentValue, bytes);
      return { type: 'currentMemberAssignment', groupId, memberId, value: decoded };
    }
    case ConsumerRecordType.RegularExpression: {
      const { groupId, regularExpression } = consumerGroupRegularExpressionKey.decode(keyReader, 0);
      const decoded = decodeValue(consumerGroupRegularExpressionValue, bytes);
      const resolved = decoded && { ...decoded, timestampMs: decoded.timestamp };
      return { type: 'regularExpression', groupId, regularExpression, value: resolved };
    }
    default:
      return undefined;
  }
}

function decodeValue<F extends Fields>(schema: MessageSchema<F>, bytes: Buffer | null) {
  if (bytes === null) return null;
  const reader = new Reader(bytes);
  reader.int16();
  return schema.decode(reader, 0);
}
