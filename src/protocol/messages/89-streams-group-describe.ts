/**
 * StreamsGroupDescribe, key 89: versions 0-1, flexible from 0 on.
 * Describes streams groups (KIP-1071).
 * By version: 1 description of the topology (KIP-1331), the assignor's name (KIP-1357).
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

const assignmentFields = () => ({
  activeTasks: array('0+', taskIdsFields()),
  standbyTasks: array('0+', taskIdsFields()),
  warmupTasks: array('0+', taskIdsFields()),
});

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

const topologyDescriptionNodeFields = () => ({
  name: string('1+'),
  nodeType: int8('1+'),
  sourceTopics: array('1+', string('0+')),
  sinkTopic: string('1+', { nullable: '1+', default: null }),
  stores: array('1+', string('0+')),
  successors: array('1+', string('0+')),
});

const topologyDescriptionSubtopologyFields = () => ({
  subtopologyId: string('1+'),
  nodes: array('1+', topologyDescriptionNodeFields()),
});

const topologyDescriptionGlobalStoreFields = () => ({
  source: struct('1+', topologyDescriptionNodeFields()),
  processor: struct('1+', topologyDescriptionNodeFields()),
});

const topologyDescriptionFields = () => ({
  subtopologies: array('1+', topologyDescriptionSubtopologyFields()),
  globalStores: array('1+', topologyDescriptionGlobalStoreFields()),
});

export const streamsGroupDescribeRequest = request('StreamsGroupDescribe', 89, '0-1', '0+', () => ({
  groupIds: array('0+', string('0+')),
  includeAuthorizedOperations: boolean('0+'),
  includeTopologyDescription: boolean('1+'),
}));

export const streamsGroupDescribeResponse = response('StreamsGroupDescribe', 89, '0-1', '0+', () => ({
  throttleTimeMs: int32('0+'),
  groups: array('0+', {
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+', default: null }),
    groupId: string('0+'),
    groupState: string('0+'),
    groupEpoch: int32('0+'),
    assignmentEpoch: int32('0+'),
    topology: struct(
      '0+',
      {
        epoch: int32('0+'),
        subtopologies: array(
          '0+',
          {
            subtopologyId: string('0+'),
            sourceTopics: array('0+', string('0+')),
            repartitionSinkTopics: array('0+', string('0+')),
            stateChangelogTopics: array('0+', topicInfoFields()),
            repartitionSourceTopics: array('0+', topicInfoFields()),
          },
          { nullable: '0+', default: null },
        ),
      },
      { nullable: '0+', default: null },
    ),
    members: array('0+', {
      memberId: string('0+'),
      memberEpoch: int32('0+'),
      instanceId: string('0+', { nullable: '0+', default: null }),
      rackId: string('0+', { nullable: '0+', default: null }),
      clientId: string('0+'),
      clientHost: string('0+'),
      topologyEpoch: int32('0+'),
      processId: string('0+'),
      userEndpoint: struct('0+', endpointFields(), { nullable: '0+', default: null }),
      clientTags: array('0+', keyValueFields()),
      taskOffsets: array('0+', taskOffsetFields()),
      taskEndOffsets: array('0+', taskOffsetFields()),
      assignment: struct('0+', assignmentFields()),
      targetAssignment: struct('0+', assignmentFields()),
      isClassic: boolean('0+'),
    }),
    authorizedOperations: int32('0+', { default: -2147483648 }),
    topologyDescription: struct('1+', topologyDescriptionFields(), { nullable: '1+', default: null }),
    topologyDescriptionStatus: int8('1+'),
    assignorName: string('1+', { nullable: '1+', default: null, ignorable: true }),
  }),
}));

export type StreamsGroupDescribeRequest = Decoded<typeof streamsGroupDescribeRequest>;
export type StreamsGroupDescribeRequestInput = Input<typeof streamsGroupDescribeRequest>;
export type StreamsGroupDescribeResponse = Decoded<typeof streamsGroupDescribeResponse>;
export type StreamsGroupDescribeResponseInput = Input<typeof streamsGroupDescribeResponse>;
