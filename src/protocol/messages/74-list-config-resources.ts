/**
 * ListConfigResources, key 74: versions 0-1, flexible from 0 on.
 * Resources that have configs.
 * By version: 0 was ListClientMetricsResources (KIP-1000); 1 any type of resource (KIP-1142).
 */
import { array, type Decoded, type Input, int8, int16, int32, request, response, string } from '../schema.ts';

export const listConfigResourcesRequest = request('ListConfigResources', 74, '0-1', '0+', () => ({
  resourceTypes: array('1+', int8('0+')),
}));

export const listConfigResourcesResponse = response('ListConfigResources', 74, '0-1', '0+', () => ({
  throttleTimeMs: int32('0+'),
  errorCode: int16('0+'),
  configResources: array('0+', {
    resourceName: string('0+'),
    resourceType: int8('1+', { default: 16, ignorable: true }),
  }),
}));

export type ListConfigResourcesRequest = Decoded<typeof listConfigResourcesRequest>;
export type ListConfigResourcesRequestInput = Input<typeof listConfigResourcesRequest>;
export type ListConfigResourcesResponse = Decoded<typeof listConfigResourcesResponse>;
export type ListConfigResourcesResponseInput = Input<typeof listConfigResourcesResponse>;
