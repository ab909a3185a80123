import type { KafkaError } from '../../base/kafka-error.ts';
import type { KafkaClient } from '../client.ts';
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

/** Describes configs; brokers are asked themselves, everything else any broker. In the order of `resources`. */
export declare function describeConfigs(
  client: KafkaClient,
  resources: readonly ConfigResource[],
  options?: CallOptions & { readonly includeSynonyms?: boolean; readonly includeDocumentation?: boolean },
): Promise<DescribedConfigs[]>;

/** One entry a resource, in order: undefined or why it failed. */
export declare function incrementalAlterConfigs(
  client: KafkaClient,
  alterations: readonly { readonly resource: ConfigResource; readonly ops: readonly AlterConfigOp[] }[],
  options?: CallOptions & { readonly validateOnly?: boolean },
): Promise<(KafkaError | undefined)[]>;

/** Resources that have configs; `types` empty = all types. */
export declare function listConfigResources(
  client: KafkaClient,
  types: readonly number[],
  options?: CallOptions,
): Promise<ConfigResource[]>;
