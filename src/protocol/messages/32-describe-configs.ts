/**
 * DescribeConfigs, key 32: versions 1-4, flexible from 4 on.
 * Configs of topics, brokers, loggers, client metrics and groups (KIP-133).
 * By version: 1 sources and synonyms (KIP-226); 3 types and documentation (KIP-569).
 */
import { array, boolean, type Decoded, type Input, int8, int16, int32, request, response, string } from '../schema.ts';

export const describeConfigsRequest = request('DescribeConfigs', 32, '1-4', '4+', () => ({
  resources: array('0+', {
    resourceType: int8('0+'),
    resourceName: string('0+'),
    configurationKeys: array('0+', string('0+'), { nullable: '0+' }),
  }),
  includeSynonyms: boolean('1+'),
  includeDocumentation: boolean('3+'),
}));

export const describeConfigsResponse = response('DescribeConfigs', 32, '1-4', '4+', () => ({
  throttleTimeMs: int32('0+'),
  results: array('0+', {
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+' }),
    resourceType: int8('0+'),
    resourceName: string('0+'),
    configs: array('0+', {
      name: string('0+'),
      value: string('0+', { nullable: '0+' }),
      readOnly: boolean('0+'),
      configSource: int8('1+', { default: -1, ignorable: true }),
      isSensitive: boolean('0+'),
      synonyms: array(
        '1+',
        {
          name: string('1+'),
          value: string('1+', { nullable: '0+' }),
          source: int8('1+'),
        },
        { ignorable: true },
      ),
      configType: int8('3+', { ignorable: true }),
      documentation: string('3+', { nullable: '0+', ignorable: true }),
    }),
  }),
}));

export type DescribeConfigsRequest = Decoded<typeof describeConfigsRequest>;
export type DescribeConfigsRequestInput = Input<typeof describeConfigsRequest>;
export type DescribeConfigsResponse = Decoded<typeof describeConfigsResponse>;
export type DescribeConfigsResponseInput = Input<typeof describeConfigsResponse>;
