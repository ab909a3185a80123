/**
 * DeleteRecords, key 21: versions 0-2, flexible from 2 on.
 * Deletes the records of partitions up to an offset (KIP-107).
 */
import { array, type Decoded, type Input, int16, int32, int64, request, response, string } from '../schema.ts';

export const deleteRecordsRequest = request('DeleteRecords', 21, '0-2', '2+', () => ({
  topics: array('0+', {
    name: string('0+'),
    partitions: array('0+', {
      partitionIndex: int32('0+'),
      offset: int64('0+'),
    }),
  }),
  timeoutMs: int32('0+'),
}));

export const deleteRecordsResponse = response('DeleteRecords', 21, '0-2', '2+', () => ({
  throttleTimeMs: int32('0+'),
  topics: array('0+', {
    name: string('0+'),
    partitions: array('0+', {
      partitionIndex: int32('0+'),
      lowWatermark: int64('0+'),
      errorCode: int16('0+'),
    }),
  }),
}));

export type DeleteRecordsRequest = Decoded<typeof deleteRecordsRequest>;
export type DeleteRecordsRequestInput = Input<typeof deleteRecordsRequest>;
export type DeleteRecordsResponse = Decoded<typeof deleteRecordsResponse>;
export type DeleteRecordsResponseInput = Input<typeof deleteRecordsResponse>;
