/**
 * DescribeCluster, key 60, versions 0-2. v1: endpointType, which must be that of the listener (KIP-919). v2: fenced brokers
 * on request (KIP-1073).
 */
import { KafkaError } from '../../base/kafka-error.ts';
import {
  type DescribeClusterRequest,
  describeClusterRequest,
  describeClusterResponse,
} from '../../protocol/messages/60-describe-cluster.ts';
import { CLUSTER_OPERATIONS, OPERATIONS_NOT_ASKED } from '../authorized-operations.ts';
import { defineHandler, type RequestContext } from '../handler.ts';
import type { BrokerServices } from '../services.ts';

const BROKERS = 1;
const CONTROLLERS = 2;

export const describeCluster = defineHandler({
  request: describeClusterRequest,
  response: describeClusterResponse,
  listeners: ['broker', 'controller'],
  handle(services, request, context, reply) {
    const endpointType = context.listener.type === 'broker' ? BROKERS : CONTROLLERS;
    checkEndpointType(request, context, endpointType);
    const brokers =
      endpointType === BROKERS ? brokerNodes(services, request, context) : controllerNodes(services, context);
    reply({
      endpointType,
      clusterId: services.clusterId,
      controllerId: endpointType === BROKERS ? randomAlive(services, context) : activeController(services, brokers),
      brokers,
      clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
        ? CLUSTER_OPERATIONS
        : OPERATIONS_NOT_ASKED,
    });
  },
  errorResponse: (error) => ({ errorCode: error.code, errorMessage: error.message }),
});

function checkEndpointType(request: DescribeClusterRequest, context: RequestContext, expected: number): void {
  const asked = request.endpointType;
  if (asked === expected) return;
  const isOld = context.apiVersion === 0;
  if (asked !== BROKERS && asked !== CONTROLLERS) {
    const name = isOld ? 'INVALID_REQUEST' : 'UNSUPPORTED_ENDPOINT_TYPE';
    throw new KafkaError(name, `Unsupported endpoint type ${asked}`);
  }
  const nameOf = (type: number): string => (type === BROKERS ? 'BROKER' : 'CONTROLLER');
  throw new KafkaError(
    isOld ? 'INVALID_REQUEST' : 'MISMATCHED_ENDPOINT_TYPE',
    `The request was sent to an endpoint of type ${nameOf(expected)}, but we wanted an endpoint of type ${nameOf(asked)}`,
  );
}

function brokerNodes(services: BrokerServices, request: DescribeClusterRequest, context: RequestContext) {
  const brokers = [...services.image.brokers.values()].sort((a, b) => a.id - b.id);
  return brokers.flatMap((broker) => {
    if (broker.fenced && !request.includeFencedBrokers) return [];
    const node = services.cluster.node(broker, context);
    if (node === undefined) return [];
    return [{ brokerId: node.nodeId, host: node.host, port: node.port, rack: node.rack, isFenced: broker.fenced }];
  });
}

function controllerNodes(services: BrokerServices, context: RequestContext) {
  return [...services.image.controllers.values()].flatMap(({ id, listeners }) => {
    const endpoint = listeners.find(({ name }) => name === context.listener.name);
    return endpoint === undefined ? [] : [{ brokerId: id, host: endpoint.host, port: endpoint.port }];
  });
}

function randomAlive(services: BrokerServices, context: RequestContext): number {
  const alive = services.cluster.aliveBrokers(context);
  return alive[services.random.int(Math.max(1, alive.length))]?.nodeId ?? -1;
}

function activeController(services: BrokerServices, nodes: readonly { readonly brokerId: number }[]): number {
  const { leaderId } = services.raft.leaderAndEpoch;
  return nodes.some(({ brokerId }) => brokerId === leaderId) ? (leaderId ?? -1) : -1;
}
