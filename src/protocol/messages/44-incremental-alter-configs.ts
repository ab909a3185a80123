/**
 * IncrementalAlterConfigs, key 44: versions 0-1, flexible from 1 on.
 * Sets, deletes, appends to or subtracts from single configs (KIP-339).
 */
import { array, boolean, type Decoded, type Input, int8, int16, int32, request, response, string } from '../schema.ts';

export const incrementalAlterConfigsRequest = request('IncrementalAlterConfigs', 44, '0-1', '1+', () => ({
  resources: array('0+', {
    resourceType: int8('0+'),
    resourceName: string('0+'),
    configs: array('0+', {
      name: string('0+'),
      configOperation: int8('0+'),
      value: string('0+', { nullable: '0+' }),
    }),
  }),
  validateOnly: boolean('0+'),
}));

export const incrementalAlterConfigsResponse = response('IncrementalAlterConfigs', 44, '0-1', '1+', () => ({
  throttleTimeMs: int32('0+'),
  responses: array('0+', {
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+' }),
    resourceType: int8('0+'),
    resourceName: string('0+'),
  }),
}));

export type IncrementalAlterConfigsRequest = Decoded<typeof incrementalAlterConfigsRequest>;
export type IncrementalAlterConfigsRequestInput = Input<typeof incrementalAlterConfigsRequest>;
export type IncrementalAlterConfigsResponse = Decoded<typeof incrementalAlterConfigsResponse>;
export type IncrementalAlterConfigsResponseInput = Input<typeof incrementalAlterConfigsResponse>;
