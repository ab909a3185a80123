import { KafkaError } from '../../base/kafka-error.ts';
import { metadataRequest, metadataResponse } from '../../protocol/messages/03-metadata.ts';
import { describeClusterRequest, describeClusterResponse } from '../../protocol/messages/60-describe-cluster.ts';
import { unregisterBrokerRequest, unregisterBrokerResponse } from '../../protocol/messages/64-unregister-broker.ts';
import {
  unregisterControllerRequest,
  unregisterControllerResponse,
} from '../../protocol/messages/94-unregister-controller.ts';
import type { KafkaClient } from '../client.ts';
import { errorOf } from '../errors.ts';
import type { CallOptions, Node } from '../types.ts';

export * from './log-dirs.ts';

export interface ClusterDescription {
  readonly clusterId: string;
  /** null when the controller is not known. */
  readonly controller: Node | null;
  readonly nodes: readonly (Node & { readonly isFenced: boolean })[];
  readonly authorizedOperations: number | undefined;
}

interface DescribeClusterOptions extends CallOptions {
  readonly includeAuthorizedOperations?: boolean;
  readonly includeFencedBrokers?: boolean;
}

const NOT_ASKED_FOR = -0x80000000;
const BROKERS = 1;
const CONTROLLERS = 2;

/**
 * The nodes of the cluster: brokers, or controllers when the client speaks to those. By DescribeCluster, or Metadata
 * where the broker lacks that and fenced brokers are not wanted.
 */
export async function describeCluster(
  client: KafkaClient,
  options: DescribeClusterOptions = {},
): Promise<ClusterDescription> {
  try {
    return await describeByOwnRequest(client, options);
  } catch (error) {
    const isUnsupported = error instanceof KafkaError && error.errorName === 'UNSUPPORTED_VERSION';
    if (!isUnsupported || client.config.usesControllers || options.includeFencedBrokers === true) throw error;
    return describeByMetadata(client, options);
  }
}

async function describeByOwnRequest(client: KafkaClient, options: DescribeClusterOptions): Promise<ClusterDescription> {
  const response = await client.request({
    name: 'listNodes',
    node: 'any',
    timeoutMs: options.timeoutMs,
    servedByControllers: true,
    request: describeClusterRequest,
    response: describeClusterResponse,
    body: (_timeoutMs, version) => ({
      includeClusterAuthorizedOperations: options.includeAuthorizedOperations ?? false,
      // Version 0 knows brokers only, without saying so.
      ...(version >= 1 ? { endpointType: client.config.usesControllers ? CONTROLLERS : BROKERS } : {}),
      ...(options.includeFencedBrokers === true ? { includeFencedBrokers: true } : {}),
    }),
  });
  const error = errorOf(response.errorCode, response.errorMessage);
  if (error !== undefined) throw error;
  const nodes = response.brokers.map(({ brokerId, host, port, rack, isFenced }) => ({
    id: brokerId,
    host,
    port,
    rack,
    isFenced,
  }));
  return clusterDescription(response.clusterId, response.controllerId, nodes, response.clusterAuthorizedOperations);
}

async function describeByMetadata(client: KafkaClient, options: DescribeClusterOptions): Promise<ClusterDescription> {
  const response = await client.request({
    name: 'listNodes',
    node: 'any',
    timeoutMs: options.timeoutMs,
    request: metadataRequest,
    response: metadataResponse,
    body: () =>
      options.includeAuthorizedOperations === true
        ? { topics: [], includeClusterAuthorizedOperations: true }
        : { topics: [] },
  });
  const nodes = response.brokers.map(({ nodeId, host, port, rack }) => ({
    id: nodeId,
    host,
    port,
    rack,
    isFenced: false,
  }));
  const { clusterId, controllerId, clusterAuthorizedOperations } = response;
  return clusterDescription(clusterId ?? '', controllerId, nodes, clusterAuthorizedOperations);
}

function clusterDescription(
  clusterId: string,
  controllerId: number,
  nodes: ClusterDescription['nodes'],
  operations: number,
): ClusterDescription {
  return {
    clusterId,
    controller: nodes.find((node) => node.id === controllerId) ?? null,
    nodes,
    authorizedOperations: operations === NOT_ASKED_FOR ? undefined : operations,
  };
}

/** Forgets a broker that is gone for good. */
export async function unregisterBroker(
  client: KafkaClient,
  brokerId: number,
  options: CallOptions = {},
): Promise<void> {
  await client.call({
    name: 'unregisterBroker',
    node: 'any',
    timeoutMs: options.timeoutMs,
    servedByControllers: true,
    attempt: async (connection, timeoutMs) => {
      const body = { brokerId };
      const response = await connection.send(unregisterBrokerRequest, unregisterBrokerResponse, body, { timeoutMs });
      const error = errorOf(response.errorCode, response.errorMessage);
      if (error !== undefined) throw error;
    },
  });
}

/** Forgets a controller that is gone for good (new in Kafka 4.4). */
export async function unregisterController(
  client: KafkaClient,
  controllerId: number,
  options: CallOptions = {},
): Promise<void> {
  await client.call({
    name: 'unregisterController',
    node: 'any',
    timeoutMs: options.timeoutMs,
    servedByControllers: true,
    attempt: async (connection, timeoutMs) => {
      const body = { controllerId };
      const response = await connection.send(unregisterControllerRequest, unregisterControllerResponse, body, {
        timeoutMs,
      });
      const error = errorOf(response.errorCode, response.errorMessage);
      if (error !== undefined) throw error;
    },
  });
}

/** What a node answers to ApiVersions. */
export interface NodeApiVersionsDescription {
  readonly node: Node;
  /** apiKey -> versions, in the order of the answer. */
  readonly apiVersions: ReadonlyMap<number, { readonly minVersion: number; readonly maxVersion: number }>;
}

/** The API versions of every node, or why it could not be asked; in the order of node ids. */
export async function describeApiVersions(
  client: KafkaClient,
  options: CallOptions = {},
): Promise<{ readonly node: Node; readonly versions: NodeApiVersionsDescription | Error }[]> {
  const { nodes } = await describeCluster(client, options);
  if (!client.metadata.isReady) client.metadata.updateNodes(null, -1, nodes);
  client.adoptBootstrapConnections();
  const sorted = nodes.toSorted((a, b) => a.id - b.id);
  return Promise.all(
    sorted.map(async (node) => {
      try {
        const { versions } = await client.network.connect(node);
        return { node, versions: { node, apiVersions: versions.apiVersions } };
      } catch (error) {
        return { node, versions: error instanceof Error ? error : new Error(String(error)) };
      }
    }),
  );
}
