/**
 * AssignReplicasToDirs, key 73: versions 0, flexible from 0 on.
 * A broker tells the controller where its replicas lie (KIP-858).
 */
import { array, type Decoded, type Input, int16, int32, int64, request, response, uuid } from '../schema.ts';

export const assignReplicasToDirsRequest = request('AssignReplicasToDirs', 73, '0', '0+', () => ({
  brokerId: int32('0+'),
  brokerEpoch: int64('0+', { default: -1 }),
  directories: array('0+', {
    id: uuid('0+'),
    topics: array('0+', {
      topicId: uuid('0+'),
      partitions: array('0+', {
        partitionIndex: int32('0+'),
      }),
    }),
  }),
}));

export const assignReplicasToDirsResponse = response('AssignReplicasToDirs', 73, '0', '0+', () => ({
  throttleTimeMs: int32('0+'),
  errorCode: int16('0+'),
  directories: array('0+', {
    id: uuid('0+'),
    topics: array('0+', {
      topicId: uuid('0+'),
      partitions: array('0+', {
        partitionIndex: int32('0+'),
        errorCode: int16('0+'),
      }),
    }),
  }),
}));

export type AssignReplicasToDirsRequest = Decoded<typeof assignReplicasToDirsRequest>;
export type AssignReplicasToDirsRequestInput = Input<typeof assignReplicasToDirsRequest>;
export type AssignReplicasToDirsResponse = Decoded<typeof assignReplicasToDirsResponse>;
export type AssignReplicasToDirsResponseInput = Input<typeof assignReplicasToDirsResponse>;
