/**
 * BrokerRegistration, key 62: versions 0-4, flexible from 0 on.
 * A broker registers with the controller (KIP-631).
 * By version: 1 migration from ZooKeeper (KIP-866); 2 log directories (KIP-858); 3 the epoch before (KIP-966); 4
 * features may start at level 0 (KAFKA-17011).
 */
import {
  array,
  boolean,
  type Decoded,
  type Input,
  int16,
  int32,
  int64,
  request,
  response,
  string,
  uint16,
  uuid,
} from '../schema.ts';

export const brokerRegistrationRequest = request('BrokerRegistration', 62, '0-4', '0+', () => ({
  brokerId: int32('0+'),
  clusterId: string('0+'),
  incarnationId: uuid('0+'),
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
  rack: string('0+', { nullable: '0+' }),
  isMigratingZkBroker: boolean('1+'),
  logDirs: array('2+', uuid('0+'), { ignorable: true }),
  previousBrokerEpoch: int64('3+', { default: -1, ignorable: true }),
}));

export const brokerRegistrationResponse = response('BrokerRegistration', 62, '0-4', '0+', () => ({
  throttleTimeMs: int32('0+'),
  errorCode: int16('0+'),
  brokerEpoch: int64('0+', { default: -1 }),
}));

export type BrokerRegistrationRequest = Decoded<typeof brokerRegistrationRequest>;
export type BrokerRegistrationRequestInput = Input<typeof brokerRegistrationRequest>;
export type BrokerRegistrationResponse = Decoded<typeof brokerRegistrationResponse>;
export type BrokerRegistrationResponseInput = Input<typeof brokerRegistrationResponse>;
