/**
 * AlterReplicaLogDirs, key 34: versions 1-2, flexible from 2 on.
 * Moves replicas to another log directory of their broker (KIP-113).
 */
import { array, type Decoded, type Input, int16, int32, request, response, string } from '../schema.ts';

export const alterReplicaLogDirsRequest = request('AlterReplicaLogDirs', 34, '1-2', '2+', () => ({
  dirs: array('0+', {
    path: string('0+'),
    topics: array('0+', {
      name: string('0+'),
      partitions: array('0+', int32('0+')),
    }),
  }),
}));

export const alterReplicaLogDirsResponse = response('AlterReplicaLogDirs', 34, '1-2', '2+', () => ({
  throttleTimeMs: int32('0+'),
  results: array('0+', {
    topicName: string('0+'),
    partitions: array('0+', {
      partitionIndex: int32('0+'),
      errorCode: int16('0+'),
    }),
  }),
}));

export type AlterReplicaLogDirsRequest = Decoded<typeof alterReplicaLogDirsRequest>;
export type AlterReplicaLogDirsRequestInput = Input<typeof alterReplicaLogDirsRequest>;
export type AlterReplicaLogDirsResponse = Decoded<typeof alterReplicaLogDirsResponse>;
export type AlterReplicaLogDirsResponseInput = Input<typeof alterReplicaLogDirsResponse>;
