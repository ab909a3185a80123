import type { KafkaError } from '../../base/kafka-error.ts';
import type { KafkaClient } from '../client.ts';
import type { CallOptions } from '../types.ts';

/** Entity type (`user`, `client-id`, `ip`) -> name; null = the default entity. */
export type QuotaEntity = ReadonlyMap<string, string | null>;

export interface QuotaFilterComponent {
  readonly entityType: string;
  /** A name, null for the default entity, undefined for any name. */
  readonly match: string | null | undefined;
}

export interface DescribedQuota {
  readonly entity: QuotaEntity;
  readonly values: ReadonlyMap<string, number>;
}

/** `strict` leaves out entities that have more types than the filter names. */
export declare function describeClientQuotas(
  client: KafkaClient,
  filter: readonly QuotaFilterComponent[],
  options?: CallOptions & { readonly strict?: boolean },
): Promise<DescribedQuota[]>;

export interface QuotaAlteration {
  readonly entity: QuotaEntity;
  /** null removes the quota. */
  readonly ops: ReadonlyMap<string, number | null>;
}

/** One entry an alteration, in order: undefined or why it failed. */
export declare function alterClientQuotas(
  client: KafkaClient,
  alterations: readonly QuotaAlteration[],
  options?: CallOptions & { readonly validateOnly?: boolean },
): Promise<(KafkaError | undefined)[]>;
