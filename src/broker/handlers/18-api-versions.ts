/**
 * ApiVersions, key 18, versions 0-5: what this listener serves, built from the dispatch table, and the feature levels
 * (KIP-584). Versions that do not exist are answered by the dispatcher (KIP-511).
 *
 * v3: the client's name and version must be well-formed. Up to v3 features with a minimum of 0 are left out, as older
 * clients cannot read them. v5: the client may name the cluster and node that it believes to talk to (KIP-1242).
 */
import { KafkaError } from '../../base/kafka-error.ts';
import { SUPPORTED_FEATURES } from '../../metadata/features.ts';
import type { ApiVersionsRequest } from '../../protocol/messages/18-api-versions.ts';
import { apiVersionsRequest, apiVersionsResponse } from '../../protocol/messages/18-api-versions.ts';
import { defineHandler, type RequestContext } from '../handler.ts';
import type { BrokerServices } from '../services.ts';

// Clients' names go into logs and metrics.
const SOFTWARE_NAME = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/;

export const apiVersions = defineHandler({
  request: apiVersionsRequest,
  response: apiVersionsResponse,
  listeners: ['broker', 'controller'],
  handle(services, request, context, reply) {
    validate(services, request, context);
    const { apiVersion, connection, listener } = context;
    if (apiVersion >= 3) {
      connection.clientSoftwareName = request.clientSoftwareName;
      connection.clientSoftwareVersion = request.clientSoftwareVersion;
    }
    reply({
      apiKeys: services.advertisedApis(listener.type),
      supportedFeatures: supportedFeatures(apiVersion),
      finalizedFeaturesEpoch: services.metadataOffset(),
      finalizedFeatures: finalizedFeatures(services),
    });
  },
  errorResponse: (error) => ({ errorCode: error.code }),
});

function validate(services: BrokerServices, request: ApiVersionsRequest, context: RequestContext): void {
  if (context.apiVersion >= 3) {
    const { clientSoftwareName, clientSoftwareVersion } = request;
    if (!SOFTWARE_NAME.test(clientSoftwareName) || !SOFTWARE_NAME.test(clientSoftwareVersion)) {
      throw new KafkaError('INVALID_REQUEST');
    }
  }
  const { clusterId, nodeId } = request;
  if (clusterId === null && nodeId === -1) return;
  if (clusterId === null || nodeId === -1) throw new KafkaError('INVALID_REQUEST');
  if (clusterId !== services.clusterId || nodeId !== services.nodeId) throw new KafkaError('REBOOTSTRAP_REQUIRED');
}

function supportedFeatures(apiVersion: number) {
  const features = [];
  for (const [name, { min, max }] of SUPPORTED_FEATURES) {
    if (apiVersion >= 4 || min > 0) features.push({ name, minVersion: min, maxVersion: max });
  }
  return features;
}

function finalizedFeatures(services: BrokerServices) {
  const levels = new Map(services.image.features);
  const { kraftVersion } = services.raft.status;
  if (kraftVersion > 0) levels.set('kraft.version', kraftVersion);
  return [...levels].map(([name, level]) => ({ name, maxVersionLevel: level, minVersionLevel: level }));
}
