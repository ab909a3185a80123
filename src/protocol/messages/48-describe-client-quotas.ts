/**
 * DescribeClientQuotas, key 48: versions 0-1, flexible from 1 on.
 * Quotas of users, client ids and addresses (KIP-546).
 */
import {
  array,
  boolean,
  type Decoded,
  float64,
  type Input,
  int8,
  int16,
  int32,
  request,
  response,
  string,
} from '../schema.ts';

export const describeClientQuotasRequest = request('DescribeClientQuotas', 48, '0-1', '1+', () => ({
  components: array('0+', {
    entityType: string('0+'),
    matchType: int8('0+'),
    match: string('0+', { nullable: '0+' }),
  }),
  strict: boolean('0+'),
}));

export const describeClientQuotasResponse = response('DescribeClientQuotas', 48, '0-1', '1+', () => ({
  throttleTimeMs: int32('0+'),
  errorCode: int16('0+'),
  errorMessage: string('0+', { nullable: '0+' }),
  entries: array(
    '0+',
    {
      entity: array('0+', {
        entityType: string('0+'),
        entityName: string('0+', { nullable: '0+' }),
      }),
      values: array('0+', {
        key: string('0+'),
        value: float64('0+'),
      }),
    },
    { nullable: '0+' },
  ),
}));

export type DescribeClientQuotasRequest = Decoded<typeof describeClientQuotasRequest>;
export type DescribeClientQuotasRequestInput = Input<typeof describeClientQuotasRequest>;
export type DescribeClientQuotasResponse = Decoded<typeof describeClientQuotasResponse>;
export type DescribeClientQuotasResponseInput = Input<typeof describeClientQuotasResponse>;
