/**
 * ElectLeaders, key 43: versions 0-2, flexible from 2 on.
 * Elects leaders: preferred (KIP-183) or unclean (KIP-460) ones.
 * By version: 1 the kind of election, an error for the whole answer.
 */
import { array, type Decoded, type Input, int8, int16, int32, request, response, string } from '../schema.ts';

export const electLeadersRequest = request('ElectLeaders', 43, '0-2', '2+', () => ({
  electionType: int8('1+'),
  topicPartitions: array(
    '0+',
    {
      topic: string('0+'),
      partitions: array('0+', int32('0+')),
    },
    { nullable: '0+' },
  ),
  timeoutMs: int32('0+', { default: 60000 }),
}));

export const electLeadersResponse = response('ElectLeaders', 43, '0-2', '2+', () => ({
  throttleTimeMs: int32('0+'),
  errorCode: int16('1+'),
  replicaElectionResults: array('0+', {
    topic: string('0+'),
    partitionResult: array('0+', {
      partitionId: int32('0+'),
      errorCode: int16('0+'),
      errorMessage: string('0+', { nullable: '0+' }),
    }),
  }),
}));

export type ElectLeadersRequest = Decoded<typeof electLeadersRequest>;
export type ElectLeadersRequestInput = Input<typeof electLeadersRequest>;
export type ElectLeadersResponse = Decoded<typeof electLeadersResponse>;
export type ElectLeadersResponseInput = Input<typeof electLeadersResponse>;
