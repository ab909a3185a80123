/**
 * PushTelemetry, key 72: versions 0, flexible from 0 on.
 * A client reports metrics (KIP-714).
 */
import { boolean, bytes, type Decoded, type Input, int8, int16, int32, request, response, uuid } from '../schema.ts';

export const pushTelemetryRequest = request('PushTelemetry', 72, '0', '0+', () => ({
  clientInstanceId: uuid('0+'),
  subscriptionId: int32('0+'),
  terminating: boolean('0+'),
  compressionType: int8('0+'),
  metrics: bytes('0+'),
}));

export const pushTelemetryResponse = response('PushTelemetry', 72, '0', '0+', () => ({
  throttleTimeMs: int32('0+'),
  errorCode: int16('0+'),
}));

export type PushTelemetryRequest = Decoded<typeof pushTelemetryRequest>;
export type PushTelemetryRequestInput = Input<typeof pushTelemetryRequest>;
export type PushTelemetryResponse = Decoded<typeof pushTelemetryResponse>;
export type PushTelemetryResponseInput = Input<typeof pushTelemetryResponse>;
