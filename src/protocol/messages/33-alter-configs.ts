/**
 * AlterConfigs, key 33: versions 0-2, flexible from 2 on.
 * Replaces all configs of a resource (KIP-133); IncrementalAlterConfigs has taken its place.
 */
import { array, boolean, type Decoded, type Input, int8, int16, int32, request, response, string } from '../schema.ts';

export const alterConfigsRequest = request('AlterConfigs', 33, '0-2', '2+', () => ({
  resources: array('0+', {
    resourceType: int8('0+'),
    resourceName: string('0+'),
    configs: array('0+', {
      name: string('0+'),
      value: string('0+', { nullable: '0+' }),
    }),
  }),
  validateOnly: boolean('0+'),
}));

export const alterConfigsResponse = response('AlterConfigs', 33, '0-2', '2+', () => ({
  throttleTimeMs: int32('0+'),
  responses: array('0+', {
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+' }),
    resourceType: int8('0+'),
    resourceName: string('0+'),
  }),
}));

export type AlterConfigsRequest = Decoded<typeof alterConfigsRequest>;
export type AlterConfigsRequestInput = Input<typeof alterConfigsRequest>;
export type AlterConfigsResponse = Decoded<typeof alterConfigsResponse>;
export type AlterConfigsResponseInput = Input<typeof alterConfigsResponse>;
