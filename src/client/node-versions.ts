import { KafkaError } from '../base/kafka-error.ts';
import type { ApiVersionsResponse } from '../protocol/messages/18-api-versions.ts';
import type { MessageSchema } from '../protocol/schema.ts';
import { namedError } from './errors.ts';

/** Versions of an API that a node accepts. */
export interface ApiVersionRange {
  readonly minVersion: number;
  readonly maxVersion: number;
}

/** Bounds that a caller sets to the version of a request. */
export interface VersionBounds {
  readonly minVersion?: number | undefined;
  readonly maxVersion?: number | undefined;
}

/** Kafka's constant for an API: `DescribeAcls` -> `DESCRIBE_ACLS`. */
export function apiConstantName(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();
}

/** What a node said about itself in its answer to ApiVersions. */
export class NodeVersions {
  /** By API key, in the order of the answer. */
  readonly apiVersions: ReadonlyMap<number, ApiVersionRange>;
  readonly response: ApiVersionsResponse;

  constructor(response: ApiVersionsResponse) {
    this.response = response;
    this.apiVersions = new Map(response.apiKeys.map((api) => [api.apiKey, api]));
  }

  supports(apiKey: number): boolean {
    return this.apiVersions.has(apiKey);
  }

  /** The highest level of a feature that the cluster has finalised; undefined when there is none. */
  finalizedFeature(name: string): number | undefined {
    return this.response.finalizedFeatures.find((feature) => feature.name === name)?.maxVersionLevel;
  }

  /**
   * The newest version that both sides and the caller's bounds allow. Throws KafkaError UNSUPPORTED_VERSION with
   * Kafka's text when there is none.
   */
  choose(schema: MessageSchema, bounds: VersionBounds = {}): number {
    const name = apiConstantName(schema.name);
    const range = this.apiVersions.get(schema.apiKey);
    if (range === undefined) throw namedError('UNSUPPORTED_VERSION', `The node does not support ${name}`);
    const oldest = Math.max(schema.versions.min, bounds.minVersion ?? 0);
    const latest = Math.min(schema.versions.max, bounds.maxVersion ?? schema.versions.max);
    const version = Math.min(latest, range.maxVersion);
    if (version >= Math.max(oldest, range.minVersion)) return version;
    throw new KafkaError(
      'UNSUPPORTED_VERSION',
      `The node does not support ${name} with version in range [${oldest},${latest}]. ` +
        `The supported range is [${range.minVersion},${range.maxVersion}].`,
    );
  }
}
