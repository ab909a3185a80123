/**
 * AlterClientQuotas, key 49: versions 0-1, flexible from 1 on.
 * Changes quotas (KIP-546).
 */
import {
  array,
  boolean,
  type Decoded,
  float64,
  type Input,
  int16,
  int32,
  request,
  response,
  string,
} from '../schema.ts';

export const alterClientQuotasRequest = request('AlterClientQuotas', 49, '0-1', '1+', () => ({
  entries: array('0+', {
    entity: array('0+', {
      entityType: string('0+'),
      entityName: string('0+', { nullable: '0+' }),
    }),
    ops: array('0+', {
      key: string('0+'),
      value: float64('0+'),
      remove: boolean('0+'),
    }),
  }),
  validateOnly: boolean('0+'),
}));

export const alterClientQuotasResponse = response('AlterClientQuotas', 49, '0-1', '1+', () => ({
  throttleTimeMs: int32('0+'),
  entries: array('0+', {
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+' }),
    entity: array('0+', {
      entityType: string('0+'),
      entityName: string('0+', { nullable: '0+' }),
    }),
  }),
}));

export type AlterClientQuotasRequest = Decoded<typeof alterClientQuotasRequest>;
export type AlterClientQuotasRequestInput = Input<typeof alterClientQuotasRequest>;
export type AlterClientQuotasResponse = Decoded<typeof alterClientQuotasResponse>;
export type AlterClientQuotasResponseInput = Input<typeof alterClientQuotasResponse>;
