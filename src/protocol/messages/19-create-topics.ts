/**
 * CreateTopics, key 19: versions 2-7, flexible from 5 on.
 * Creates topics.
 * By version: 4 counts may be left to the broker's defaults (KIP-464); 5 the answer has the configs (KIP-525); 6 may
 * be throttled (KIP-599); 7 topic id (KIP-516).
 */
import {
  array,
  boolean,
  type Decoded,
  type Input,
  int8,
  int16,
  int32,
  request,
  response,
  string,
  uuid,
} from '../schema.ts';

export const createTopicsRequest = request('CreateTopics', 19, '2-7', '5+', () => ({
  topics: array('0+', {
    name: string('0+'),
    numPartitions: int32('0+'),
    replicationFactor: int16('0+'),
    assignments: array('0+', {
      partitionIndex: int32('0+'),
      brokerIds: array('0+', int32('0+')),
    }),
    configs: array('0+', {
      name: string('0+'),
      value: string('0+', { nullable: '0+' }),
    }),
  }),
  timeoutMs: int32('0+', { default: 60000 }),
  validateOnly: boolean('1+'),
}));

export const createTopicsResponse = response('CreateTopics', 19, '2-7', '5+', () => ({
  throttleTimeMs: int32('2+', { ignorable: true }),
  topics: array('0+', {
    name: string('0+'),
    topicId: uuid('7+', { ignorable: true }),
    errorCode: int16('0+'),
    errorMessage: string('1+', { nullable: '0+', ignorable: true }),
    topicConfigErrorCode: int16('5+', { tag: 0, ignorable: true }),
    numPartitions: int32('5+', { default: -1, ignorable: true }),
    replicationFactor: int16('5+', { default: -1, ignorable: true }),
    configs: array(
      '5+',
      {
        name: string('5+'),
        value: string('5+', { nullable: '5+' }),
        readOnly: boolean('5+'),
        configSource: int8('5+', { default: -1, ignorable: true }),
        isSensitive: boolean('5+'),
      },
      { nullable: '5+', ignorable: true },
    ),
  }),
}));

export type CreateTopicsRequest = Decoded<typeof createTopicsRequest>;
export type CreateTopicsRequestInput = Input<typeof createTopicsRequest>;
export type CreateTopicsResponse = Decoded<typeof createTopicsResponse>;
export type CreateTopicsResponseInput = Input<typeof createTopicsResponse>;
