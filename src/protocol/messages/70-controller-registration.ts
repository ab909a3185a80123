/**
 * ControllerRegistration, key 70: versions 0, flexible from 0 on.
 * A controller registers with the active one (KIP-919).
 */
import {
  array,
  boolean,
  type Decoded,
  type Input,
  int16,
  int32,
  request,
  response,
  string,
  uint16,
  uuid,
} from '../schema.ts';

export const controllerRegistrationRequest = request('ControllerRegistration', 70, '0', '0+', () => ({
  controllerId: int32('0+'),
  incarnationId: uuid('0+'),
  zkMigrationReady: boolean('0+'),
  listeners: array('0+', {
    name: string('0+'),
    host: string('0+'),
    port: uint16('0+'),
    securityProtocol: int16('0+'),
  }),
  features: array('0+', {
    name: string('0+'),
    minSupportedVersion: int16('0+'),
    maxSupportedVersion: int16('0+'),
  }),
}));

export const controllerRegistrationResponse = response('ControllerRegistration', 70, '0', '0+', () => ({
  throttleTimeMs: int32('0+'),
  errorCode: int16('0+'),
  errorMessage: string('0+', { nullable: '0+' }),
}));

export type ControllerRegistrationRequest = Decoded<typeof controllerRegistrationRequest>;
export type ControllerRegistrationRequestInput = Input<typeof controllerRegistrationRequest>;
export type ControllerRegistrationResponse = Decoded<typeof controllerRegistrationResponse>;
export type ControllerRegistrationResponseInput = Input<typeof controllerRegistrationResponse>;
