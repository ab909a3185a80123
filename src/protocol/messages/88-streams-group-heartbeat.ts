/**
 * StreamsGroupHeartbeat, key 88: versions 0-1, flexible from 0 on.
 * A member of a streams group reports and gets its tasks (KIP-1071).
 * By version: 1 asks for the description of the topology (KIP-1331), MISSING_CLIENT_TAGS (KAFKA-20744).
 */
import {
  array,
  boolean,
  type Decoded,
  type Input,
  int8,
  int16,
  int32,
  int64,
  request,
  response,
  string,
  struct,
  uint16,
} from '../schema.ts';

const keyValueFields = () => ({
  key: string('0+'),
  value: string('0+'),
});

const topicInfoFields = () => ({
  name: string('0+'),
  partitions: int32('0+'),
  replicationFactor: int16('0+'),
  topicConfigs: array('0+', keyValueFields()),
});

const endpointFields = () => ({
  host: string('0+'),
  port: uint16('0+'),
});

const taskOffsetFields = () => ({
  subtopologyId: string('0+'),
  partition: int32('0+'),
  offset: int64('0+'),
});

const taskIdsFields = () => ({
  subtopologyId: string('0+'),
  partitions: array('0+', int32('0+')),
});

const statusFields = () => ({
  statusCode: int8('0+'),
  statusDetail: string('0+'),
});

const topicPartitionFields = () => ({
  topic: string('0+'),
  partitions: array('0+', int32('0+')),
});

export const streamsGroupHeartbeatRequest = request('StreamsGroupHeartbeat', 88, '0-1', '0+', () => ({
  groupId: string('0+'),
  memberId: string('0+'),
  memberEpoch: int32('0+'),
  endpointInformationEpoch: int32('0+'),
  instanceId: string('0+', { nullable: '0+', default: null }),
  rackId: string('0+', { nullable: '0+', default: null }),
  rebalanceTimeoutMs: int32('0+', { default: -1 }),
  topology: struct(
    '0+',
    {
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
    },
    { nullable: '0+', default: null },
  ),
  activeTasks: array('0+', taskIdsFields(), { nullable: '0+', default: null }),
  standbyTasks: array('0+', taskIdsFields(), { nullable: '0+', default: null }),
  warmupTasks: array('0+', taskIdsFields(), { nullable: '0+', default: null }),
  processId: string('0+', { nullable: '0+', default: null }),
  userEndpoint: struct('0+', endpointFields(), { nullable: '0+', default: null }),
  clientTags: array('0+', keyValueFields(), { nullable: '0+', default: null }),
  taskOffsets: array('0+', taskOffsetFields(), { nullable: '0+', default: null }),
  taskEndOffsets: array('0+', taskOffsetFields(), { nullable: '0+', default: null }),
  shutdownApplication: boolean('0+'),
}));

export const streamsGroupHeartbeatResponse = response('StreamsGroupHeartbeat', 88, '0-1', '0+', () => ({
  throttleTimeMs: int32('0+'),
  errorCode: int16('0+'),
  errorMessage: string('0+', { nullable: '0+', default: null }),
  memberId: string('0+'),
  memberEpoch: int32('0+'),
  heartbeatIntervalMs: int32('0+'),
  acceptableRecoveryLagLegacy: int32('0'),
  taskOffsetIntervalMs: int32('0+'),
  acceptableRecoveryLag: int64('1+', { default: -1, ignorable: true }),
  status: array('0+', statusFields(), { nullable: '0+' }),
  activeTasks: array('0+', taskIdsFields(), { nullable: '0+', default: null }),
  standbyTasks: array('0+', taskIdsFields(), { nullable: '0+', default: null }),
  warmupTasks: array('0+', taskIdsFields(), { nullable: '0+', default: null }),
  topologyDescriptionRequired: boolean('1+'),
  endpointInformationEpoch: int32('0+'),
  partitionsByUserEndpoint: array(
    '0+',
    {
      userEndpoint: struct('0+', endpointFields()),
      activePartitions: array('0+', topicPartitionFields()),
      standbyPartitions: array('0+', topicPartitionFields()),
    },
    { nullable: '0+', default: null },
  ),
}));

export type StreamsGroupHeartbeatRequest = Decoded<typeof streamsGroupHeartbeatRequest>;
export type StreamsGroupHeartbeatRequestInput = Input<typeof streamsGroupHeartbeatRequest>;
export type StreamsGroupHeartbeatResponse = Decoded<typeof streamsGroupHeartbeatResponse>;
export type StreamsGroupHeartbeatResponseInput = Input<typeof streamsGroupHeartbeatResponse>;
