/**
 * AllocateProducerIds, key 67: versions 0, flexible from 0 on.
 * A broker gets a block of producer ids from the controller (KIP-730).
 */
import { type Decoded, type Input, int16, int32, int64, request, response } from '../schema.ts';

export const allocateProducerIdsRequest = request('AllocateProducerIds', 67, '0', '0+', () => ({
  brokerId: int32('0+'),
  brokerEpoch: int64('0+', { default: -1 }),
}));

export const allocateProducerIdsResponse = response('AllocateProducerIds', 67, '0', '0+', () => ({
  throttleTimeMs: int32('0+'),
  errorCode: int16('0+'),
  producerIdStart: int64('0+'),
  producerIdLen: int32('0+'),
}));

export type AllocateProducerIdsRequest = Decoded<typeof allocateProducerIdsRequest>;
export type AllocateProducerIdsRequestInput = Input<typeof allocateProducerIdsRequest>;
export type AllocateProducerIdsResponse = Decoded<typeof allocateProducerIdsResponse>;
export type AllocateProducerIdsResponseInput = Input<typeof allocateProducerIdsResponse>;
