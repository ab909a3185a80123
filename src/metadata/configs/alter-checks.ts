/**
 * What the broker that takes an AlterConfigs or IncrementalAlterConfigs request checks before the controller sees it
 * (Kafka's ConfigAdminManager).
 */

import { KafkaError } from '../../base/kafka-error.ts';
import { checkConfigNames, OP_APPEND, OP_DELETE, OP_SET, OP_SUBTRACT } from '../controller/config-changes.ts';
import {
  type MetadataImage,
  RESOURCE_BROKER,
  RESOURCE_BROKER_LOGGER,
  RESOURCE_CLIENT_METRICS,
  RESOURCE_GROUP,
  RESOURCE_TOPIC,
} from '../metadata-image.ts';
import type { BrokerConfig } from './broker-config.ts';
import { BROKER_TABLE } from './config-tables.ts';
import { changedList, checkDynamicBrokerConfigs } from './config-validation.ts';

/** One resource of either request; the legacy one has no operations. */
export interface AlteredResource {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly configs: readonly {
    readonly name: string;
    readonly configOperation?: number;
    readonly value: string | null;
  }[];
}

export interface AlterCheckContext {
  readonly image: MetadataImage;
  readonly config: BrokerConfig;
  /** The node whose configs can be changed here; undefined when the request was for another node to check. */
  readonly nodeId: number | undefined;
  readonly isLegacy: boolean;
}

function invalidRequest(message: string): KafkaError {
  return new KafkaError('INVALID_REQUEST', message);
}

/** Throws KafkaError INVALID_REQUEST or INVALID_CONFIG when the resource cannot be changed so. */
export function checkAlteredResource(resource: AlteredResource, context: AlterCheckContext): void {
  checkConfigNames(resource);
  const { resourceType, resourceName } = resource;
  switch (resourceType) {
    case RESOURCE_TOPIC:
    case RESOURCE_CLIENT_METRICS:
    case RESOURCE_GROUP:
      return;
    case RESOURCE_BROKER:
      if (resourceName !== '') checkNodeId(resourceName, context.nodeId);
      checkDynamicBrokerConfigs(configsAfter(resource, context), resourceName !== '', context.config);
      return;
    case RESOURCE_BROKER_LOGGER:
      if (context.isLegacy) break;
      checkNodeId(resourceName, context.nodeId);
      refuseLoggers(resource);
      return;
    default:
  }
  throw invalidRequest(`Unknown resource type ${resourceType}`);
}

function checkNodeId(name: string, nodeId: number | undefined): void {
  if (!/^[+-]?\d+$/.test(name)) throw invalidRequest(`Node id must be an integer, but it is: ${name}`);
  if (nodeId !== undefined && Number(name) !== nodeId) {
    throw invalidRequest(`Unexpected broker id, expected ${nodeId}, but received ${name}`);
  }
}

/** What the broker, or the default of all brokers, would have. */
function configsAfter(resource: AlteredResource, { image, isLegacy }: AlterCheckContext): Map<string, string> {
  const configs = isLegacy
    ? new Map<string, string>()
    : new Map(image.configs(resource.resourceType, resource.resourceName));
  for (const { name, configOperation = OP_SET, value } of resource.configs) {
    if (configOperation === OP_SET) configs.set(name, value ?? '');
    else if (configOperation === OP_DELETE) configs.delete(name);
    else configs.set(name, changedBrokerList(name, configOperation, configs.get(name), value ?? ''));
  }
  return configs;
}

function changedBrokerList(name: string, operation: number, current: string | undefined, value: string): string {
  if (operation !== OP_APPEND && operation !== OP_SUBTRACT) {
    throw invalidRequest(`Unknown operations type ${operation}`);
  }
  const definition = BROKER_TABLE.get(name);
  if (definition === undefined) throw new KafkaError('INVALID_CONFIG', `Unknown config name: ${name}`);
  const verb = operation === OP_APPEND ? 'append' : 'subtract';
  if (definition.type !== 'LIST') {
    throw new KafkaError('INVALID_CONFIG', `Config value ${verb} is not allowed for config key: ${name}`);
  }
  return changedList(current, definition.defaultValue, value, verb);
}

// ottla has no loggers whose level could be set.
function refuseLoggers({ configs }: AlteredResource): void {
  for (const { name, configOperation } of configs) {
    if (configOperation === OP_APPEND || configOperation === OP_SUBTRACT) {
      const operation = configOperation === OP_APPEND ? 'APPEND' : 'SUBTRACT';
      throw invalidRequest(`${operation} operation is not allowed for the BROKER_LOGGER resource`);
    }
    if (configOperation === OP_DELETE && name === 'root') {
      throw invalidRequest('Removing the log level of the root logger is not allowed');
    }
    throw new KafkaError('INVALID_CONFIG', `Logger ${name} does not exist!`);
  }
}
