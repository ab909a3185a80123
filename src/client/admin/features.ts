import { apiVersionsRequest, apiVersionsResponse } from '../../protocol/messages/18-api-versions.ts';
import { updateFeaturesRequest, updateFeaturesResponse } from '../../protocol/messages/57-update-features.ts';
import type { KafkaClient } from '../client.ts';
import { CLIENT_SOFTWARE_NAME, CLIENT_SOFTWARE_VERSION } from '../environment.ts';
import { errorOf, namedError } from '../errors.ts';
import type { CallOptions, Results } from '../types.ts';
import { requestOfController } from './controller-call.ts';

export interface VersionRange {
  readonly min: number;
  readonly max: number;
}

export interface FeatureMetadata {
  readonly finalizedFeatures: ReadonlyMap<string, VersionRange>;
  /** undefined when the node did not say. */
  readonly finalizedFeaturesEpoch: number | undefined;
  readonly supportedFeatures: ReadonlyMap<string, VersionRange>;
}

/** Features that the cluster has finalised and that a node (`nodeId`, or any) supports (KIP-584). */
export async function describeFeatures(
  client: KafkaClient,
  options: CallOptions & { readonly nodeId?: number | undefined } = {},
): Promise<FeatureMetadata> {
  const response = await client.request({
    name: 'describeFeatures',
    node: options.nodeId ?? 'any',
    timeoutMs: options.timeoutMs,
    servedByControllers: true,
    request: apiVersionsRequest,
    response: apiVersionsResponse,
    body: () => ({ clientSoftwareName: CLIENT_SOFTWARE_NAME, clientSoftwareVersion: CLIENT_SOFTWARE_VERSION }),
  });
  const error = errorOf(response.errorCode);
  if (error !== undefined) throw error;
  const finalized = response.finalizedFeatures.map(
    ({ name, minVersionLevel, maxVersionLevel }) => [name, { min: minVersionLevel, max: maxVersionLevel }] as const,
  );
  const supported = response.supportedFeatures.map(
    ({ name, minVersion, maxVersion }) => [name, { min: minVersion, max: maxVersion }] as const,
  );
  return {
    finalizedFeatures: new Map(finalized),
    finalizedFeaturesEpoch: response.finalizedFeaturesEpoch < 0 ? undefined : response.finalizedFeaturesEpoch,
    supportedFeatures: new Map(supported),
  };
}

export const FeatureUpgradeType = { UPGRADE: 1, SAFE_DOWNGRADE: 2, UNSAFE_DOWNGRADE: 3 } as const;

export interface FeatureUpdate {
  readonly maxVersionLevel: number;
  readonly upgradeType: number;
}

/** Moves feature levels; results by feature. From version 2 on all succeed or all fail together. */
export async function updateFeatures(
  client: KafkaClient,
  updates: ReadonlyMap<string, FeatureUpdate>,
  options: CallOptions & { readonly validateOnly?: boolean } = {},
): Promise<Results<string, undefined>> {
  const response = await requestOfController(client, {
    name: 'updateFeatures',
    timeoutMs: options.timeoutMs,
    servedByControllers: true,
    request: updateFeaturesRequest,
    response: updateFeaturesResponse,
    body: (timeoutMs, version) => ({
      timeoutMs,
      featureUpdates: [...updates].map(([feature, { maxVersionLevel, upgradeType }]) => ({
        feature,
        maxVersionLevel,
        ...(version === 0 ? { allowDowngrade: upgradeType !== FeatureUpgradeType.UPGRADE } : { upgradeType }),
      })),
      ...(options.validateOnly === true ? { validateOnly: true } : {}),
    }),
    errorCodes: (answer) => [answer.errorCode],
  });
  const error = errorOf(response.errorCode, response.errorMessage);
  const results: Results<string, undefined> = new Map([...updates.keys()].map((feature) => [feature, error]));
  if (error !== undefined || response.results.length === 0) return results;
  for (const feature of updates.keys()) {
    const one = response.results.find((result) => result.feature === feature);
    const text = `The controller response did not contain a result for feature ${feature}`;
    results.set(
      feature,
      one === undefined ? namedError('UNKNOWN_SERVER_ERROR', text) : errorOf(one.errorCode, one.errorMessage),
    );
  }
  return results;
}
