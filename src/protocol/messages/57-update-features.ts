/**
 * UpdateFeatures, key 57: versions 0-2, flexible from 0 on.
 * Moves feature levels of the cluster (KIP-584).
 * By version: 1 kinds of upgrade, validation only (KIP-778); 2 one result for all features (KIP-1022).
 */
import { array, boolean, type Decoded, type Input, int8, int16, int32, request, response, string } from '../schema.ts';

export const updateFeaturesRequest = request('UpdateFeatures', 57, '0-2', '0+', () => ({
  timeoutMs: int32('0+', { default: 60000 }),
  featureUpdates: array('0+', {
    feature: string('0+'),
    maxVersionLevel: int16('0+'),
    allowDowngrade: boolean('0'),
    upgradeType: int8('1+', { default: 1 }),
  }),
  validateOnly: boolean('1+'),
}));

export const updateFeaturesResponse = response('UpdateFeatures', 57, '0-2', '0+', () => ({
  throttleTimeMs: int32('0+'),
  errorCode: int16('0+'),
  errorMessage: string('0+', { nullable: '0+' }),
  results: array(
    '0-1',
    {
      feature: string('0+'),
      errorCode: int16('0+'),
      errorMessage: string('0+', { nullable: '0+' }),
    },
    { ignorable: true },
  ),
}));

export type UpdateFeaturesRequest = Decoded<typeof updateFeaturesRequest>;
export type UpdateFeaturesRequestInput = Input<typeof updateFeaturesRequest>;
export type UpdateFeaturesResponse = Decoded<typeof updateFeaturesResponse>;
export type UpdateFeaturesResponseInput = Input<typeof updateFeaturesResponse>;
