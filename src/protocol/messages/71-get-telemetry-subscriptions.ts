/**
 * GetTelemetrySubscriptions, key 71: versions 0, flexible from 0 on.
 * Which metrics a client should report (KIP-714).
 */
import {
  array,
  boolean,
  type Decoded,
  type Input,
  int8,
  int16,
  int32,
  request,
  response,
  string,
  uuid,
} from '../schema.ts';

export const getTelemetrySubscriptionsRequest = request('GetTelemetrySubscriptions', 71, '0', '0+', () => ({
  clientInstanceId: uuid('0+'),
}));

export const getTelemetrySubscriptionsResponse = response('GetTelemetrySubscriptions', 71, '0', '0+', () => ({
  throttleTimeMs: int32('0+'),
  errorCode: int16('0+'),
  clientInstanceId: uuid('0+'),
  subscriptionId: int32('0+'),
  acceptedCompressionTypes: array('0+', int8('0+')),
  pushIntervalMs: int32('0+'),
  telemetryMaxBytes: int32('0+'),
  deltaTemporality: boolean('0+'),
  requestedMetrics: array('0+', string('0+')),
}));

export type GetTelemetrySubscriptionsRequest = Decoded<typeof getTelemetrySubscriptionsRequest>;
export type GetTelemetrySubscriptionsRequestInput = Input<typeof getTelemetrySubscriptionsRequest>;
export type GetTelemetrySubscriptionsResponse = Decoded<typeof getTelemetrySubscriptionsResponse>;
export type GetTelemetrySubscriptionsResponseInput = Input<typeof getTelemetrySubscriptionsResponse>;
