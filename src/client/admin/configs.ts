import { KafkaError } from '../../base/kafka-error.ts';
import { describeConfigsRequest, describeConfigsResponse } from '../../protocol/messages/32-describe-configs.ts';
import {
  incrementalAlterConfigsRequest,
  incrementalAlterConfigsResponse,
} from '../../protocol/messages/44-incremental-alter-configs.ts';
import {
  listConfigResourcesRequest,
  listConfigResourcesResponse,
} from '../../protocol/messages/74-list-config-resources.ts';
import type { KafkaClient, NodeChoice } from '../client.ts';
import { errorOf, namedError } from '../errors.ts';
import type { CallOptions } from '../types.ts';

/** Kafka's numbers of the resources that have configs. */
export const ConfigResourceType = { TOPIC: 2, BROKER: 4, BROKER_LOGGER: 8, CLIENT_METRICS: 16, GROUP: 32 } as const;

export interface ConfigResource {
  /** One of {@link ConfigResourceType}. */
  readonly type: number;
  /** For brokers '' is the default of the cluster. */
  readonly name: string;
}

/** Where a value comes from, by Kafka's numbers (DescribeConfigs). */
export const ConfigSource = {
  UNKNOWN: 0,
  DYNAMIC_TOPIC_CONFIG: 1,
  DYNAMIC_BROKER_CONFIG: 2,
  DYNAMIC_DEFAULT_BROKER_CONFIG: 3,
  STATIC_BROKER_CONFIG: 4,
  DEFAULT_CONFIG: 5,
  DYNAMIC_BROKER_LOGGER_CONFIG: 6,
  DYNAMIC_CLIENT_METRICS_CONFIG: 7,
  DYNAMIC_GROUP_CONFIG: 8,
} as const;

export interface ConfigSynonym {
  readonly name: string;
  readonly value: string | null;
  readonly source: number;
}

export interface ConfigEntry {
  readonly name: string;
  /** null for sensitive values and for those that are not set. */
  readonly value: string | null;
  readonly source: number;
  readonly isSensitive: boolean;
  readonly isReadOnly: boolean;
  readonly synonyms: readonly ConfigSynonym[];
  /** Kafka's number of the type, 0 unknown. */
  readonly type: number;
  readonly documentation: string | null;
}

export interface DescribedConfigs {
  readonly resource: ConfigResource;
  /** Set when the resource could not be described; entries are empty then. */
  readonly error: KafkaError | undefined;
  readonly entries: readonly ConfigEntry[];
}

export const AlterConfigOpType = { SET: 0, DELETE: 1, APPEND: 2, SUBTRACT: 3 } as const;

export interface AlterConfigOp {
  readonly name: string;
  readonly op: number;
  readonly value: string | null;
}

// Brokers know their own configs and loggers best; everything else any broker knows.
function nodeFor(resource: ConfigResource): NodeChoice {
  const isOfOneBroker =
    resource.type === ConfigResourceType.BROKER_LOGGER ||
    (resource.type === ConfigResourceType.BROKER && resource.name !== '');
  return isOfOneBroker ? Number(resource.name) : 'any';
}

function byNode<T>(items: readonly T[], resourceOf: (item: T) => ConfigResource): Map<NodeChoice, T[]> {
  const nodes = new Map<NodeChoice, T[]>();
  for (const item of items) {
    const node = nodeFor(resourceOf(item));
    nodes.set(node, [...(nodes.get(node) ?? []), item]);
  }
  return nodes;
}

function resourceKey(resource: ConfigResource): string {
  return `${resource.type}:${resource.name}`;
}

/** Describes configs; brokers are asked themselves, everything else any broker. In the order of `resources`. */
export async function describeConfigs(
  client: KafkaClient,
  resources: readonly ConfigResource[],
  options: CallOptions & { readonly includeSynonyms?: boolean; readonly includeDocumentation?: boolean } = {},
): Promise<DescribedConfigs[]> {
  const described = new Map<string, DescribedConfigs>();
  const groups = [...byNode(resources, (resource) => resource)];
  await Promise.all(
    groups.map(async ([node, mine]) => {
      try {
        for (const one of await describeAt(client, node, mine, options)) described.set(resourceKey(one.resource), one);
      } catch (error) {
        if (!(error instanceof KafkaError)) throw error;
        for (const resource of mine) described.set(resourceKey(resource), { resource, error, entries: [] });
      }
    }),
  );
  return resources.map((resource) => described.get(resourceKey(resource)) ?? unanswered(resource));
}

function unanswered(resource: ConfigResource): DescribedConfigs {
  const text = 'The broker response did not contain a result for the config resource.';
  return { resource, error: namedError('UNKNOWN_SERVER_ERROR', text), entries: [] };
}

async function describeAt(
  client: KafkaClient,
  node: NodeChoice,
  resources: readonly ConfigResource[],
  options: CallOptions & { readonly includeSynonyms?: boolean; readonly includeDocumentation?: boolean },
): Promise<DescribedConfigs[]> {
  const response = await client.request({
    name: 'describeConfigs',
    node,
    timeoutMs: options.timeoutMs,
    servedByControllers: true,
    request: describeConfigsRequest,
    response: describeConfigsResponse,
    body: () => ({
      resources: resources.map(({ type, name }) => ({
        resourceType: type,
        resourceName: name,
        configurationKeys: null,
      })),
      includeSynonyms: options.includeSynonyms ?? false,
      includeDocumentation: options.includeDocumentation ?? false,
    }),
  });
  return response.results.map((result) => ({
    resource: { type: result.resourceType, name: result.resourceName },
    error: errorOf(result.errorCode, result.errorMessage),
    entries: result.configs.map((entry) => ({
      name: entry.name,
      value: entry.value,
      source: entry.configSource === -1 ? ConfigSource.UNKNOWN : entry.configSource,
      isSensitive: entry.isSensitive,
      isReadOnly: entry.readOnly,
      synonyms: entry.synonyms.map(({ name, value, source }) => ({ name, value, source })),
      type: entry.configType,
      documentation: entry.documentation,
    })),
  }));
}

interface ConfigAlteration {
  readonly resource: ConfigResource;
  readonly ops: readonly AlterConfigOp[];
}

/** Changes single configs of resources (KIP-339). One entry a resource, in order: undefined or why it failed. */
export async function incrementalAlterConfigs(
  client: KafkaClient,
  alterations: readonly ConfigAlteration[],
  options: CallOptions & { readonly validateOnly?: boolean } = {},
): Promise<(KafkaError | undefined)[]> {
  const results = new Map<string, KafkaError | undefined>();
  const groups = [...byNode(alterations, (alteration) => alteration.resource)];
  await Promise.all(
    groups.map(async ([node, mine]) => {
      try {
        const response = await alterAt(client, node, mine, options);
        for (const one of response.responses) {
          const resource = { type: one.resourceType, name: one.resourceName };
          results.set(resourceKey(resource), errorOf(one.errorCode, one.errorMessage));
        }
      } catch (error) {
        if (!(error instanceof KafkaError)) throw error;
        for (const { resource } of mine) results.set(resourceKey(resource), error);
      }
    }),
  );
  return alterations.map(({ resource }) => results.get(resourceKey(resource)));
}

function alterAt(
  client: KafkaClient,
  node: NodeChoice,
  alterations: readonly ConfigAlteration[],
  options: CallOptions & { readonly validateOnly?: boolean },
) {
  return client.request({
    name: 'incrementalAlterConfigs',
    node,
    timeoutMs: options.timeoutMs,
    servedByControllers: true,
    request: incrementalAlterConfigsRequest,
    response: incrementalAlterConfigsResponse,
    body: () => ({
      resources: alterations.map(({ resource, ops }) => ({
        resourceType: resource.type,
        resourceName: resource.name,
        configs: ops.map(({ name, op, value }) => ({ name, configOperation: op, value })),
      })),
      validateOnly: options.validateOnly ?? false,
    }),
  });
}

/** Resources that have configs (KIP-1142); `types` empty = all types. */
export async function listConfigResources(
  client: KafkaClient,
  types: readonly number[],
  options: CallOptions = {},
): Promise<ConfigResource[]> {
  const response = await client.call({
    name: 'listConfigResources',
    node: 'any',
    timeoutMs: options.timeoutMs,
    attempt: async (connection, timeoutMs) => {
      // Version 0 lists client metrics only, and it is what listClientMetricsResources was.
      const onlyMetrics = types.length === 1 && types[0] === ConfigResourceType.CLIENT_METRICS;
      const answer = await connection.send(
        listConfigResourcesRequest,
        listConfigResourcesResponse,
        (version) => (version === 0 ? {} : { resourceTypes: types }),
        { timeoutMs, minVersion: onlyMetrics ? 0 : 1 },
      );
      const error = errorOf(answer.errorCode);
      if (error !== undefined) throw error;
      return answer;
    },
  });
  return response.configResources.map(({ resourceType, resourceName }) => ({ type: resourceType, name: resourceName }));
}
