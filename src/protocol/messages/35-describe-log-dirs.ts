/**
 * DescribeLogDirs, key 35: versions 1-5, flexible from 2 on.
 * Log directories of a broker and what lies in them (KIP-113).
 * By version: 3 an error for the whole answer; 4 total and usable bytes (KIP-827); 5 cordoned directories
 * (KIP-1066).
 */
import { array, boolean, type Decoded, type Input, int16, int32, int64, request, response, string } from '../schema.ts';

export const describeLogDirsRequest = request('DescribeLogDirs', 35, '1-5', '2+', () => ({
  topics: array(
    '0+',
    {
      topic: string('0+'),
      partitions: array('0+', int32('0+')),
    },
    { nullable: '0+' },
  ),
}));

export const describeLogDirsResponse = response('DescribeLogDirs', 35, '1-5', '2+', () => ({
  throttleTimeMs: int32('0+'),
  errorCode: int16('3+', { ignorable: true }),
  results: array('0+', {
    errorCode: int16('0+'),
    logDir: string('0+'),
    topics: array('0+', {
      name: string('0+'),
      partitions: array('0+', {
        partitionIndex: int32('0+'),
        partitionSize: int64('0+'),
        offsetLag: int64('0+'),
        isFutureKey: boolean('0+'),
      }),
    }),
    totalBytes: int64('4+', { default: -1, ignorable: true }),
    usableBytes: int64('4+', { default: -1, ignorable: true }),
    isCordoned: boolean('5+', { ignorable: true }),
  }),
}));

export type DescribeLogDirsRequest = Decoded<typeof describeLogDirsRequest>;
export type DescribeLogDirsRequestInput = Input<typeof describeLogDirsRequest>;
export type DescribeLogDirsResponse = Decoded<typeof describeLogDirsResponse>;
export type DescribeLogDirsResponseInput = Input<typeof describeLogDirsResponse>;
