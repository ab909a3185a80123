import type { KafkaError } from '../../base/kafka-error.ts';
import type { KafkaClient } from '../client.ts';
import type { CallOptions, Result } from '../types.ts';

/** One access control entry; numbers are Kafka's (AclOperation, ResourceType, PatternType, AclPermissionType). */
export interface AclBinding {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly patternType: number;
  readonly principal: string;
  readonly host: string;
  readonly operation: number;
  readonly permissionType: number;
}

/** null and the number 1 (ANY) match everything. */
export interface AclFilter {
  readonly resourceType: number;
  readonly resourceName: string | null;
  readonly patternType: number;
  readonly principal: string | null;
  readonly host: string | null;
  readonly operation: number;
  readonly permissionType: number;
}

export declare function describeAcls(
  client: KafkaClient,
  filter: AclFilter,
  options?: CallOptions,
): Promise<AclBinding[]>;

/** One entry a binding, in order: undefined or why it failed. */
export declare function createAcls(
  client: KafkaClient,
  bindings: readonly AclBinding[],
  options?: CallOptions,
): Promise<(KafkaError | undefined)[]>;

/** One entry a filter, in order: the deleted bindings (each may have failed itself) or why the filter failed. */
export declare function deleteAcls(
  client: KafkaClient,
  filters: readonly AclFilter[],
  options?: CallOptions,
): Promise<Result<{ readonly binding: AclBinding; readonly error: KafkaError | undefined }[]>[]>;
