/**
 * ApiVersions, key 18: versions 0-5, flexible from 3 on.
 * Which versions of which APIs a node accepts, and the cluster's features. The response header stays at version 0,
 * and an unknown version is answered in version 0 (KIP-511).
 * By version: 3 name and version of the client (KIP-511), features (KIP-584); 4 features may start at level 0
 * (KAFKA-17011); 5 says which node the client means to reach (KIP-1242).
 */
import { array, boolean, type Decoded, type Input, int16, int32, int64, request, response, string } from '../schema.ts';

export const apiVersionsRequest = request('ApiVersions', 18, '0-5', '3+', () => ({
  clientSoftwareName: string('3+', { ignorable: true }),
  clientSoftwareVersion: string('3+', { ignorable: true }),
  clusterId: string('5+', { nullable: '5+', default: null, ignorable: true }),
  nodeId: int32('5+', { default: -1, ignorable: true }),
}));

export const apiVersionsResponse = response('ApiVersions', 18, '0-5', '3+', () => ({
  errorCode: int16('0+'),
  apiKeys: array('0+', {
    apiKey: int16('0+'),
    minVersion: int16('0+'),
    maxVersion: int16('0+'),
  }),
  throttleTimeMs: int32('1+', { ignorable: true }),
  supportedFeatures: array(
    '3+',
    {
      name: string('3+'),
      minVersion: int16('3+'),
      maxVersion: int16('3+'),
    },
    { tag: 0, ignorable: true },
  ),
  finalizedFeaturesEpoch: int64('3+', { tag: 1, default: -1, ignorable: true }),
  finalizedFeatures: array(
    '3+',
    {
      name: string('3+'),
      maxVersionLevel: int16('3+'),
      minVersionLevel: int16('3+'),
    },
    { tag: 2, ignorable: true },
  ),
  zkMigrationReady: boolean('3+', { tag: 3, ignorable: true }),
}));

export type ApiVersionsRequest = Decoded<typeof apiVersionsRequest>;
export type ApiVersionsRequestInput = Input<typeof apiVersionsRequest>;
export type ApiVersionsResponse = Decoded<typeof apiVersionsResponse>;
export type ApiVersionsResponseInput = Input<typeof apiVersionsResponse>;
