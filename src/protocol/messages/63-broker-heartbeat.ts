/**
 * BrokerHeartbeat, key 63: versions 0-2, flexible from 0 on.
 * A broker tells the controller that it lives and how far it is (KIP-631).
 * By version: 1 failed log directories (KIP-858); 2 cordoned ones (KIP-1066).
 */
import { array, boolean, type Decoded, type Input, int16, int32, int64, request, response, uuid } from '../schema.ts';

export const brokerHeartbeatRequest = request('BrokerHeartbeat', 63, '0-2', '0+', () => ({
  brokerId: int32('0+'),
  brokerEpoch: int64('0+', { default: -1 }),
  currentMetadataOffset: int64('0+'),
  wantFence: boolean('0+'),
  wantShutDown: boolean('0+'),
  offlineLogDirs: array('1+', uuid('0+'), { tag: 0 }),
  cordonedLogDirs: array('2+', uuid('0+'), { nullable: '2+', tag: 1, default: null }),
}));

export const brokerHeartbeatResponse = response('BrokerHeartbeat', 63, '0-2', '0+', () => ({
  throttleTimeMs: int32('0+'),
  errorCode: int16('0+'),
  isCaughtUp: boolean('0+'),
  isFenced: boolean('0+', { default: true }),
  shouldShutDown: boolean('0+'),
}));

export type BrokerHeartbeatRequest = Decoded<typeof brokerHeartbeatRequest>;
export type BrokerHeartbeatRequestInput = Input<typeof brokerHeartbeatRequest>;
export type BrokerHeartbeatResponse = Decoded<typeof brokerHeartbeatResponse>;
export type BrokerHeartbeatResponseInput = Input<typeof brokerHeartbeatResponse>;
