import type { KafkaClient } from '../client.ts';
import type { CallOptions, Results } from '../types.ts';

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

export declare function describeFeatures(
  client: KafkaClient,
  options?: CallOptions & { readonly nodeId?: number | undefined },
): Promise<FeatureMetadata>;

export const FeatureUpgradeType = { UPGRADE: 1, SAFE_DOWNGRADE: 2, UNSAFE_DOWNGRADE: 3 } as const;

export interface FeatureUpdate {
  readonly maxVersionLevel: number;
  readonly upgradeType: number;
}

export declare function updateFeatures(
  client: KafkaClient,
  updates: ReadonlyMap<string, FeatureUpdate>,
  options?: CallOptions & { readonly validateOnly?: boolean },
): Promise<Results<string, undefined>>;
