/**
 * StreamsGroupTopologyDescriptionUpdate, key 93: versions 0, flexible from 0 on.
 * Hands in the description of a streams group's topology (KIP-1331).
 */
import { array, type Decoded, type Input, int8, int16, int32, request, response, string, struct } from '../schema.ts';

const topologyDescriptionNodeFields = () => ({
  name: string('0+'),
  nodeType: int8('0+'),
  sourceTopics: array('0+', string('0+')),
  sinkTopic: string('0+', { nullable: '0+', default: null }),
  stores: array('0+', string('0+')),
  successors: array('0+', string('0+')),
});

const topologyDescriptionSubtopologyFields = () => ({
  subtopologyId: string('0+'),
  nodes: array('0+', topologyDescriptionNodeFields()),
});

const topologyDescriptionGlobalStoreFields = () => ({
  source: struct('0+', topologyDescriptionNodeFields()),
  processor: struct('0+', topologyDescriptionNodeFields()),
});

const topologyDescriptionFields = () => ({
  subtopologies: array('0+', topologyDescriptionSubtopologyFields()),
  globalStores: array('0+', topologyDescriptionGlobalStoreFields()),
});

export const streamsGroupTopologyDescriptionUpdateRequest = request(
  'StreamsGroupTopologyDescriptionUpdate',
  93,
  '0',
  '0+',
  () => ({
    groupId: string('0+'),
    memberId: string('0+'),
    topologyEpoch: int32('0+'),
    topologyDescription: struct('0+', topologyDescriptionFields()),
  }),
);

export const streamsGroupTopologyDescriptionUpdateResponse = response(
  'StreamsGroupTopologyDescriptionUpdate',
  93,
  '0',
  '0+',
  () => ({
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+', default: null }),
  }),
);

export type StreamsGroupTopologyDescriptionUpdateRequest = Decoded<typeof streamsGroupTopologyDescriptionUpdateRequest>;
export type StreamsGroupTopologyDescriptionUpdateRequestInput = Input<
  typeof streamsGroupTopologyDescriptionUpdateRequest
>;
export type StreamsGroupTopologyDescriptionUpdateResponse = Decoded<
  typeof streamsGroupTopologyDescriptionUpdateResponse
>;
export type StreamsGroupTopologyDescriptionUpdateResponseInput = Input<
  typeof streamsGroupTopologyDescriptionUpdateResponse
>;
