/**
 * ListConfigResources, key 74, versions 0-1 (KIP-1142): what has configs to describe. Version 0 lists client metrics
 * subscriptions only, in version 1 no types means all types.
 */
import { KafkaError } from '../../base/kafka-error.ts';
import {
  RESOURCE_BROKER,
  RESOURCE_BROKER_LOGGER,
  RESOURCE_CLIENT_METRICS,
  RESOURCE_GROUP,
  RESOURCE_TOPIC,
} from '../../metadata/metadata-image.ts';
import {
  listConfigResourcesRequest,
  listConfigResourcesResponse,
} from '../../protocol/messages/74-list-config-resources.ts';
import { defineHandler } from '../handler.ts';
import type { BrokerServices } from '../services.ts';

const ALL_TYPES = [RESOURCE_GROUP, RESOURCE_CLIENT_METRICS, RESOURCE_BROKER_LOGGER, RESOURCE_BROKER, RESOURCE_TOPIC];

export const listConfigResources = defineHandler({
  request: listConfigResourcesRequest,
  response: listConfigResourcesResponse,
  listeners: ['broker'],
  handle(services, request, { apiVersion }, reply) {
    const types = wantedTypes(request.resourceTypes, apiVersion);
    const configResources = [...types].flatMap((resourceType) =>
      resourceNames(services, resourceType).map((resourceName) => ({ resourceName, resourceType })),
    );
    reply({ configResources });
  },
  errorResponse: (error) => ({ errorCode: error.code, configResources: [] }),
});

function wantedTypes(types: readonly number[], apiVersion: number): ReadonlySet<number> {
  if (apiVersion === 0) return new Set([RESOURCE_CLIENT_METRICS]);
  if (types.length === 0) return new Set(ALL_TYPES);
  const unknown = types.find((type) => !ALL_TYPES.includes(type));
  if (unknown !== undefined) throw new KafkaError('UNSUPPORTED_VERSION', `Unknown resource type ${unknown}`);
  return new Set(types);
}

function resourceNames({ image }: BrokerServices, resourceType: number): string[] {
  if (resourceType === RESOURCE_TOPIC) return [...image.topics()].map(({ name }) => name);
  if (resourceType === RESOURCE_BROKER || resourceType === RESOURCE_BROKER_LOGGER) {
    return [...image.brokers.values()].filter(({ fenced }) => !fenced).map(({ id }) => String(id));
  }
  return [...image.configuredResources()].filter(([type]) => type === resourceType).map(([, name]) => name);
}
