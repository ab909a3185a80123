/** Records of `__consumer_offsets`: streams groups (KIP-1071). */
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
  struct,
  uint16,
} from '../../protocol/schema.ts';

export const streamsGroupMetadataKey = data('StreamsGroupMetadataKey', 17, '0', 'none', () => ({
  groupId: string('0'),
}));
export type StreamsGroupMetadataKey = Decoded<typeof streamsGroupMetadataKey>;
export type StreamsGroupMetadataKeyInput = Input<typeof streamsGroupMetadataKey>;

const lastAssignmentConfigFields = () => ({
  key: string('0+'),
  value: string('0+'),
});

export const streamsGroupMetadataValue = data('StreamsGroupMetadataValue', 17, '0', '0+', () => ({
  epoch: int32('0+'),
  metadataHash: int64('0+'),
  validatedTopologyEpoch: int32('0+', { tag: 0, default: -1 }),
  lastAssignmentConfigs: array('0+', lastAssignmentConfigFields(), {
    nullable: '0+',
    tag: 1,
    tagged: '0+',
    default: null,
  }),
  storedDescriptionTopologyEpoch: int32('0+', { tag: 2, default: -1 }),
  failedDescriptionTopologyEpoch: int32('0+', { tag: 3, default: -1 }),
}));
export type StreamsGroupMetadataValue = Decoded<typeof streamsGroupMetadataValue>;
export type StreamsGroupMetadataValueInput = Input<typeof streamsGroupMetadataValue>;

export const streamsGroupMemberMetadataKey = data('StreamsGroupMemberMetadataKey', 19, '0', 'none', () => ({
  groupId: string('0'),
  memberId: string('0'),
}));
export type StreamsGroupMemberMetadataKey = Decoded<typeof streamsGroupMemberMetadataKey>;
export type StreamsGroupMemberMetadataKeyInput = Input<typeof streamsGroupMemberMetadataKey>;

const endpointFields = () => ({
  host: string('0+'),
  port: uint16('0+'),
});

const keyValueFields = () => ({
  key: string('0+'),
  value: string('0+'),
});

export const streamsGroupMemberMetadataValue = data('StreamsGroupMemberMetadataValue', 19, '0', '0+', () => ({
  instanceId: string('0+', { nullable: '0+' }),
  rackId: string('0+', { nullable: '0+' }),
  clientId: string('0+'),
  clientHost: string('0+'),
  rebalanceTimeoutMs: int32('0+', { default: -1 }),
  topologyEpoch: int32('0+'),
  processId: string('0+'),
  userEndpoint: struct('0+', endpointFields(), { nullable: '0+', default: null }),
  clientTags: array('0+', keyValueFields()),
}));
export type StreamsGroupMemberMetadataValue = Decoded<typeof streamsGroupMemberMetadataValue>;
export type StreamsGroupMemberMetadataValueInput = Input<typeof streamsGroupMemberMetadataValue>;

export const streamsGroupTargetAssignmentMetadataKey = data(
  'StreamsGroupTargetAssignmentMetadataKey',
  20,
  '0',
  'none',
  () => ({
    groupId: string('0'),
  }),
);
export type StreamsGroupTargetAssignmentMetadataKey = Decoded<typeof streamsGroupTargetAssignmentMetadataKey>;
export type StreamsGroupTargetAssignmentMetadataKeyInput = Input<typeof streamsGroupTargetAssignmentMetadataKey>;

export const streamsGroupTargetAssignmentMetadataValue = data(
  'StreamsGroupTargetAssignmentMetadataValue',
  20,
  '0',
  '0+',
  () => ({
    assignmentEpoch: int32('0+'),
    assignmentTimestamp: int64('0+', { tag: 0, ignorable: true }),
  }),
);
export type StreamsGroupTargetAssignmentMetadataValue = Decoded<typeof streamsGroupTargetAssignmentMetadataValue>;
export type StreamsGroupTargetAssignmentMetadataValueInput = Input<typeof streamsGroupTargetAssignmentMetadataValue>;

export const streamsGroupTargetAssignmentMemberKey = data(
  'StreamsGroupTargetAssignmentMemberKey',
  21,
  '0',
  'none',
  () => ({
    groupId: string('0'),
    memberId: string('0'),
  }),
);
export type StreamsGroupTargetAssignmentMemberKey = Decoded<typeof streamsGroupTargetAssignmentMemberKey>;
export type StreamsGroupTargetAssignmentMemberKeyInput = Input<typeof streamsGroupTargetAssignmentMemberKey>;

const taskIdsFields = () => ({
  subtopologyId: string('0+'),
  partitions: array('0+', int32('0+')),
});

export const streamsGroupTargetAssignmentMemberValue = data(
  'StreamsGroupTargetAssignmentMemberValue',
  21,
  '0',
  '0+',
  () => ({
    activeTasks: array('0+', taskIdsFields()),
    standbyTasks: array('0+', taskIdsFields()),
    warmupTasks: array('0+', taskIdsFields()),
  }),
);
export type StreamsGroupTargetAssignmentMemberValue = Decoded<typeof streamsGroupTargetAssignmentMemberValue>;
export type StreamsGroupTargetAssignmentMemberValueInput = Input<typeof streamsGroupTargetAssignmentMemberValue>;

export const streamsGroupCurrentMemberAssignmentKey = data(
  'StreamsGroupCurrentMemberAssignmentKey',
  22,
  '0',
  'none',
  () => ({
    groupId: string('0'),
    memberId: string('0'),
  }),
);
export type StreamsGroupCurrentMemberAssignmentKey = Decoded<typeof streamsGroupCurrentMemberAssignmentKey>;
export type StreamsGroupCurrentMemberAssignmentKeyInput = Input<typeof streamsGroupCurrentMemberAssignmentKey>;

const currentTaskIdsFields = () => ({
  subtopologyId: string('0+'),
  partitions: array('0+', int32('0+')),
  assignmentEpochs: array('0+', int32('0+'), { nullable: '0+', tag: 0, default: null }),
});

export const streamsGroupCurrentMemberAssignmentValue = data(
  'StreamsGroupCurrentMemberAssignmentValue',
  22,
  '0',
  '0+',
  () => ({
    memberEpoch: int32('0+'),
    previousMemberEpoch: int32('0+'),
    state: int8('0+'),
    activeTasks: array('0+', currentTaskIdsFields()),
    standbyTasks: array('0+', currentTaskIdsFields()),
    warmupTasks: array('0+', currentTaskIdsFields()),
    activeTasksPendingRevocation: array('0+', currentTaskIdsFields()),
    standbyTasksPendingRevocation: array('0+', currentTaskIdsFields()),
    warmupTasksPendingRevocation: array('0+', currentTaskIdsFields()),
  }),
);
export type StreamsGroupCurrentMemberAssignmentValue = Decoded<typeof streamsGroupCurrentMemberAssignmentValue>;
export type StreamsGroupCurrentMemberAssignmentValueInput = Input<typeof streamsGroupCurrentMemberAssignmentValue>;

export const streamsGroupTopologyKey = data('StreamsGroupTopologyKey', 23, '0', 'none', () => ({
  groupId: string('0'),
}));
export type StreamsGroupTopologyKey = Decoded<typeof streamsGroupTopologyKey>;
export type StreamsGroupTopologyKeyInput = Input<typeof streamsGroupTopologyKey>;

const topicConfigFields = () => ({
  key: string('0+'),
  value: string('0+'),
});

const topicInfoFields = () => ({
  name: string('0+'),
  partitions: int32('0+'),
  replicationFactor: int16('0+'),
  topicConfigs: array('0+', topicConfigFields()),
});

export const streamsGroupTopologyValue = data('StreamsGroupTopologyValue', 23, '0', '0+', () => ({
  epoch: int32('0+'),
  subtopologies: array('0+', {
    subtopologyId: string('0+'),
    sourceTopics: array('0+', string('0+')),
    sourceTopicRegex: array('0+', string('0+')),
    stateChangelogTopics: array('0+', topicInfoFields()),
    repartitionSinkTopics: array('0+', string('0+')),
    repartitionSourceTopics: array('0+', topicInfoFields()),
    copartitionGroups: array('0+', {
      sourceTopics: array('0+', int16('0+')),
      sourceTopicRegex: array('0+', int16('0+')),
      repartitionSourceTopics: array('0+', int16('0+')),
    }),
  }),
}));
export type StreamsGroupTopologyValue = Decoded<typeof streamsGroupTopologyValue>;
export type StreamsGroupTopologyValueInput = Input<typeof streamsGroupTopologyValue>;
