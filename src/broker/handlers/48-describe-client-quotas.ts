/**
 * DescribeClientQuotas, key 48, versions 0-1 (KIP-546): the quotas of the entities that match every component; with
 * `strict` of those that have no other part.
 */
import { inHashMapOrder } from '../../base/java-hash.ts';
import { KafkaError } from '../../base/kafka-error.ts';
import type { ClientQuota } from '../../metadata/security-image.ts';
import {
  type DescribeClientQuotasRequest,
  describeClientQuotasRequest,
  describeClientQuotasResponse,
} from '../../protocol/messages/48-describe-client-quotas.ts';
import { defineHandler } from '../handler.ts';

type Component = DescribeClientQuotasRequest['components'][number];

const EXACT = 0;
const DEFAULT = 1;
const ANY = 2;
const MATCH_TYPE_NAMES = ['MATCH_TYPE_EXACT', 'MATCH_TYPE_DEFAULT', 'MATCH_TYPE_SPECIFIED'];
const ENTITY_TYPES: ReadonlySet<string> = new Set(['ip', 'user', 'client-id']);

export const describeClientQuotas = defineHandler({
  request: describeClientQuotasRequest,
  response: describeClientQuotasResponse,
  listeners: ['broker'],
  handle(services, request, _context, reply) {
    checkComponents(request.components);
    const matching = [...services.image.security.clientQuotas()].filter((quota) => matches(quota, request));
    reply({
      entries: matching.map(({ entity, quotas }) => ({
        entity,
        values: inHashMapOrder([...quotas], ([key]) => key).map(([key, value]) => ({ key, value })),
      })),
    });
  },
  errorResponse: (error) => ({ errorCode: error.code, errorMessage: error.message, entries: null }),
});

function checkComponents(components: readonly Component[]): void {
  const types = new Set<string>();
  for (const { entityType, matchType, match } of components) {
    if (entityType === '') throw new KafkaError('INVALID_REQUEST', 'Invalid empty entity type.');
    if (types.has(entityType)) {
      throw new KafkaError('INVALID_REQUEST', `Entity type ${entityType} cannot appear more than once in the filter.`);
    }
    if (!ENTITY_TYPES.has(entityType)) {
      throw new KafkaError('UNSUPPORTED_VERSION', `Unsupported entity type ${entityType}`);
    }
    if (matchType !== EXACT && matchType !== DEFAULT && matchType !== ANY) {
      throw new KafkaError('INVALID_REQUEST', `Unknown match type ${matchType}`);
    }
    if ((matchType === EXACT) !== (match !== null)) {
      const problem = matchType === EXACT ? 'but set match string to null' : 'but also specified a match string';
      throw new KafkaError('INVALID_REQUEST', `Request specified ${MATCH_TYPE_NAMES[matchType]}, ${problem}.`);
    }
    types.add(entityType);
  }
  if (types.has('ip') && types.size > 1) {
    throw new KafkaError(
      'INVALID_REQUEST',
      'Invalid entity filter component combination. IP filter component should not be used with user or clientId filter component.',
    );
  }
}

function matches({ entity }: ClientQuota, { components, strict }: DescribeClientQuotasRequest): boolean {
  if (strict && entity.length !== components.length) return false;
  return components.every(({ entityType, matchType, match }) => {
    const part = entity.find((candidate) => candidate.entityType === entityType);
    return part !== undefined && (matchType === ANY || part.entityName === match);
  });
}
