/**
 * DeleteTopics, key 20: versions 1-6, flexible from 4 on.
 * Deletes topics.
 * By version: 5 error messages, may be throttled (KIP-599); 6 by name or by id (KIP-516).
 */
import { array, type Decoded, type Input, int16, int32, request, response, string, uuid } from '../schema.ts';

export const deleteTopicsRequest = request('DeleteTopics', 20, '1-6', '4+', () => ({
  topics: array('6+', {
    name: string('6+', { nullable: '6+', default: null }),
    topicId: uuid('6+'),
  }),
  topicNames: array('0-5', string('0+'), { ignorable: true }),
  timeoutMs: int32('0+'),
}));

export const deleteTopicsResponse = response('DeleteTopics', 20, '1-6', '4+', () => ({
  throttleTimeMs: int32('1+', { ignorable: true }),
  responses: array('0+', {
    name: string('0+', { nullable: '6+' }),
    topicId: uuid('6+', { ignorable: true }),
    errorCode: int16('0+'),
    errorMessage: string('5+', { nullable: '5+', default: null, ignorable: true }),
  }),
}));

export type DeleteTopicsRequest = Decoded<typeof deleteTopicsRequest>;
export type DeleteTopicsRequestInput = Input<typeof deleteTopicsRequest>;
export type DeleteTopicsResponse = Decoded<typeof deleteTopicsResponse>;
export type DeleteTopicsResponseInput = Input<typeof deleteTopicsResponse>;
