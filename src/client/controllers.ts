import { describeClusterRequest, describeClusterResponse } from '../protocol/messages/60-describe-cluster.ts';
import type { KafkaClient } from './client.ts';
import type { Connection } from './connection.ts';
import { errorOf } from './errors.ts';

const CONTROLLER_ENDPOINT = 2;

/** Learns the controllers through one of them (KIP-919), where brokers would be learned by Metadata. */
export async function describeControllers(
  client: KafkaClient,
  connection: Connection,
  timeoutMs: number,
): Promise<void> {
  const response = await connection.send(
    describeClusterRequest,
    describeClusterResponse,
    { endpointType: CONTROLLER_ENDPOINT },
    { timeoutMs, minVersion: 1 },
  );
  const error = errorOf(response.errorCode, response.errorMessage);
  if (error !== undefined) throw error;
  const nodes = response.brokers.map(({ brokerId, host, port, rack }) => ({ id: brokerId, host, port, rack }));
  client.metadata.updateNodes(response.clusterId, response.controllerId, nodes);
  client.adoptBootstrapConnections();
}
