import { inHashMapOrder, javaStringHash } from '../../base/java-hash.ts';
import type { KafkaError } from '../../base/kafka-error.ts';
import {
  describeClientQuotasRequest,
  describeClientQuotasResponse,
} from '../../protocol/messages/48-describe-client-quotas.ts';
import { alterClientQuotasRequest, alterClientQuotasResponse } from '../../protocol/messages/49-alter-client-quotas.ts';
import type { KafkaClient } from '../client.ts';
import { errorOf, namedError } from '../errors.ts';
import type { CallOptions } from '../types.ts';
import { requestOfController } from './controller-call.ts';

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

const MATCH_EXACT = 0;
const MATCH_DEFAULT = 1;
const MATCH_ANY = 2;

function filterField({ entityType, match }: QuotaFilterComponent) {
  if (match === undefined) return { entityType, matchType: MATCH_ANY, match: null };
  return { entityType, matchType: match === null ? MATCH_DEFAULT : MATCH_EXACT, match };
}

/** Quotas of entities (KIP-546). `strict` leaves out entities that have more types than the filter names. */
export async function describeClientQuotas(
  client: KafkaClient,
  filter: readonly QuotaFilterComponent[],
  options: CallOptions & { readonly strict?: boolean } = {},
): Promise<DescribedQuota[]> {
  const response = await client.request({
    name: 'describeClientQuotas',
    node: 'any',
    timeoutMs: options.timeoutMs,
    request: describeClientQuotasRequest,
    response: describeClientQuotasResponse,
    body: () => ({ components: filter.map(filterField), strict: options.strict ?? false }),
  });
  const error = errorOf(response.errorCode, response.errorMessage);
  if (error !== undefined) throw error;
  return (response.entries ?? []).map(({ entity, values }) => ({
    entity: new Map(entity.map(({ entityType, entityName }) => [entityType, entityName])),
    // Kafka's client keeps them in a map that it makes just large enough, and its tools print them in that map's order.
    values: new Map(
      inHashMapOrder(values, ({ key }) => key, javaStringHash, values.length).map(({ key, value }) => [key, value]),
    ),
  }));
}

export interface QuotaAlteration {
  readonly entity: QuotaEntity;
  /** null removes the quota. */
  readonly ops: ReadonlyMap<string, number | null>;
}

function entityKey(entity: QuotaEntity): string {
  return JSON.stringify([...entity].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Changes quotas. One entry an alteration, in order: undefined or why it failed. */
export async function alterClientQuotas(
  client: KafkaClient,
  alterations: readonly QuotaAlteration[],
  options: CallOptions & { readonly validateOnly?: boolean } = {},
): Promise<(KafkaError | undefined)[]> {
  const entries = alterations.map(({ entity, ops }) => ({
    entity: [...entity].map(([entityType, entityName]) => ({ entityType, entityName })),
    ops: [...ops].map(([key, value]) => ({ key, value: value ?? 0, remove: value === null })),
  }));
  const response = await requestOfController(client, {
    name: 'alterClientQuotas',
    timeoutMs: options.timeoutMs,
    request: alterClientQuotasRequest,
    response: alterClientQuotasResponse,
    body: () => ({ entries, validateOnly: options.validateOnly ?? false }),
    errorCodes: (answer) => answer.entries.map((entry) => entry.errorCode),
  });
  const results = new Map(
    response.entries.map(({ entity, errorCode, errorMessage }) => {
      const name = new Map(entity.map(({ entityType, entityName }) => [entityType, entityName]));
      return [entityKey(name), errorOf(errorCode, errorMessage)] as const;
    }),
  );
  return alterations.map(({ entity }) => {
    const key = entityKey(entity);
    if (results.has(key)) return results.get(key);
    return namedError('UNKNOWN_SERVER_ERROR', 'The response did not contain a result for the entity.');
  });
}
