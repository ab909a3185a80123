/**
 * DescribeConfigs, key 32, versions 1-4: topics and groups as this broker would run them, this broker itself, what is set
 * for all brokers, client metrics subscriptions. There are no loggers whose level could be set.
 */
import { KafkaError } from '../../base/kafka-error.ts';
import {
  type DescribedConfig,
  describeBrokerConfigs,
  describeClientMetricsConfigs,
  describeDefaultBrokerConfigs,
  describeGroupConfigs,
  describeTopicConfigs,
} from '../../metadata/configs/describe.ts';
import {
  RESOURCE_BROKER,
  RESOURCE_BROKER_LOGGER,
  RESOURCE_CLIENT_METRICS,
  RESOURCE_GROUP,
  RESOURCE_TOPIC,
} from '../../metadata/metadata-image.ts';
import { checkTopicName } from '../../metadata/topic-name.ts';
import {
  type DescribeConfigsRequest,
  describeConfigsRequest,
  describeConfigsResponse,
} from '../../protocol/messages/32-describe-configs.ts';
import { defineHandler, handlerError } from '../handler.ts';
import type { BrokerServices } from '../services.ts';

type Resource = DescribeConfigsRequest['resources'][number];

export const describeConfigs = defineHandler({
  request: describeConfigsRequest,
  response: describeConfigsResponse,
  listeners: ['broker', 'controller'],
  handle(services, request, _context, reply) {
    const results = request.resources.map((resource) => {
      const { resourceType, resourceName } = resource;
      try {
        // Success has an empty message here, not none.
        const configs = describe(services, resource, request.includeSynonyms);
        return { resourceType, resourceName, errorMessage: '', configs };
      } catch (error) {
        if (!(error instanceof KafkaError)) throw error;
        const { code, message } = handlerError(error);
        return { resourceType, resourceName, errorCode: code, errorMessage: message ?? '', configs: [] };
      }
    });
    reply({ results });
  },
  errorResponse: (error, request) => ({
    results: request.resources.map(({ resourceType, resourceName }) => ({
      resourceType,
      resourceName,
      errorCode: error.code,
      errorMessage: error.message,
      configs: [],
    })),
  }),
});

function describe(services: BrokerServices, resource: Resource, includeSynonyms: boolean): DescribedConfig[] {
  const { image, config } = services;
  const { resourceType, resourceName, configurationKeys } = resource;
  const names = configurationKeys === null || configurationKeys.length === 0 ? undefined : new Set(configurationKeys);
  const own = image.configs(resourceType, resourceName);
  switch (resourceType) {
    case RESOURCE_TOPIC:
      checkTopicName(resourceName);
      if (image.topic(resourceName) === undefined) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION');
      return describeTopicConfigs(own, config, names, includeSynonyms);
    case RESOURCE_GROUP:
      if (resourceName === '') throw invalid('Group name must not be empty');
      return describeGroupConfigs(own, config, names, includeSynonyms);
    case RESOURCE_CLIENT_METRICS:
      if (resourceName === '') throw invalid('Client metrics subscription name must not be empty');
      return describeClientMetricsConfigs(own, names, includeSynonyms);
    case RESOURCE_BROKER:
      if (resourceName === '') return describeDefaultBrokerConfigs(config, names, includeSynonyms);
      checkBrokerId(resourceName, services.nodeId, ' or empty string,');
      return describeBrokerConfigs(config, names, includeSynonyms);
    case RESOURCE_BROKER_LOGGER:
      if (resourceName === '') throw invalid('Broker id must not be empty');
      checkBrokerId(resourceName, services.nodeId, '');
      return [];
    default:
      throw invalid(`Unexpected resource type UNKNOWN for resource ${resourceName}`);
  }
}

function checkBrokerId(name: string, nodeId: number, alternative: string): void {
  if (!/^[+-]?\d+$/.test(name)) throw invalid(`Broker id must be an integer, but it is: ${name}`);
  if (Number(name) !== nodeId) {
    throw invalid(`Unexpected broker id, expected ${nodeId}${alternative} but received ${name}`);
  }
}

function invalid(message: string): KafkaError {
  return new KafkaError('INVALID_REQUEST', message);
}
