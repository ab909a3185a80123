/**
 * UnregisterController, key 94: versions 0, flexible from 0 on.
 * Forgets a controller that is gone for good.
 */
import { type Decoded, type Input, int16, int32, request, response, string } from '../schema.ts';

export const unregisterControllerRequest = request('UnregisterController', 94, '0', '0+', () => ({
  controllerId: int32('0+'),
}));

export const unregisterControllerResponse = response('UnregisterController', 94, '0', '0+', () => ({
  throttleTimeMs: int32('0+'),
  errorCode: int16('0+'),
  errorMessage: string('0+', { nullable: '0+' }),
}));

export type UnregisterControllerRequest = Decoded<typeof unregisterControllerRequest>;
export type UnregisterControllerRequestInput = Input<typeof unregisterControllerRequest>;
export type UnregisterControllerResponse = Decoded<typeof unregisterControllerResponse>;
export type UnregisterControllerResponseInput = Input<typeof unregisterControllerResponse>;
