import { createHash, createHmac } from 'node:crypto';
import { KafkaError } from '../../base/kafka-error.ts';
import type {
  AlterClientQuotasRequest,
  AlterClientQuotasResponseInput,
} from '../../protocol/messages/49-alter-client-quotas.ts';
import type {
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponseInput,
} from '../../protocol/messages/51-alter-user-scram-credentials.ts';
import type { ConfigDefinition } from '../configs/config-definition.ts';
import { IP_QUOTA_CONFIGS, USER_AND_CLIENT_QUOTA_CONFIGS } from '../configs/other-configs.ts';
import { type MetadataRecord, metadataRecord } from '../metadata-record.ts';
import type { QuotaEntityPart } from '../security-image.ts';
import type { ControllerState, Decision } from './controller-state.ts';
import { apiError } from './topics.ts';

function invalid(message: string): KafkaError {
  return new KafkaError('INVALID_REQUEST', message);
}

/** AlterClientQuotas (KIP-546): each entity is changed wholly or not at all. */
export function decideAlterClientQuotas(
  state: ControllerState,
  request: AlterClientQuotasRequest,
): Decision<AlterClientQuotasResponseInput> {
  const records: MetadataRecord[] = [];
  const seen = new Set<string>();
  const entries = request.entries.map(({ entity, ops }) => {
    // Of a type that stands twice the last counts, as in Kafka.
    const parts = [...new Map(entity.map((part) => [part.entityType, part])).values()];
    try {
      const shown = parts.map(({ entityType, entityName }) => `${entityType}=${entityName ?? 'null'}`).join(', ');
      const keys = ops.map(({ key }) => key);
      if (seen.has(shown) || new Set(keys).size !== keys.length) {
        throw invalid(`Ignoring duplicate entity ClientQuotaEntity(entries={${shown}})`);
      }
      seen.add(shown);
      const definitions = quotaDefinitions(parts);
      for (const { key, value, remove } of ops) {
        const current = state.image.security.clientQuota(parts)?.quotas.get(key);
        if (!remove) checkQuota(definitions, key, value);
        if (remove ? current === undefined : current === value) continue;
        records.push(metadataRecord('ClientQuotaRecord', { entity: parts, key, value: remove ? 0 : value, remove }));
      }
      return { entity: parts, errorMessage: null };
    } catch (error) {
      return { entity: parts, ...apiError(error) };
    }
  });
  return { records: request.validateOnly ? [] : records, response: { entries }, isAtomic: true };
}

/** The quotas that an entity can have. Throws KafkaError INVALID_REQUEST when there can be no such entity. */
function quotaDefinitions(entity: readonly QuotaEntityPart[]): readonly ConfigDefinition[] {
  if (entity.length === 0) throw invalid('Invalid empty client quota entity');
  for (const { entityType, entityName } of entity) {
    if (!['user', 'client-id', 'ip'].includes(entityType)) {
      throw invalid(`Unhandled client quota entity type: ${entityType}`);
    }
    if (entityName === '') throw invalid(`Empty ${entityType} not supported`);
  }
  const ip = entity.find(({ entityType }) => entityType === 'ip');
  if (ip === undefined) return USER_AND_CLIENT_QUOTA_CONFIGS;
  if (entity.length > 1) {
    throw invalid('Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId');
  }
  if (ip.entityName !== null && !/^[0-9a-zA-Z.:-]+$/.test(ip.entityName)) {
    throw invalid(`${ip.entityName} is not a valid IP or resolvable host.`);
  }
  return IP_QUOTA_CONFIGS;
}

const INTEGRAL_LIMITS: ReadonlyMap<string, number> = new Map([
  ['INT', 2 ** 31 - 1],
  ['LONG', 2 ** 63],
]);

function checkQuota(definitions: readonly ConfigDefinition[], key: string, value: number): void {
  const definition = definitions.find(({ name }) => name === key);
  if (definition === undefined) throw invalid(`Invalid configuration key ${key}`);
  if (!(value > 0)) throw invalid(`Quota ${key} must be greater than 0`);
  const limit = INTEGRAL_LIMITS.get(definition.type);
  if (limit === undefined) return;
  if (value > limit) throw invalid(`Proposed value for ${key} is too large for a ${definition.type}.`);
  if (value % 1 > 1e-6) throw invalid(`${key} cannot be a fractional value.`);
}

/** SCRAM mechanisms by their number (KIP-554). */
const SCRAM_HASHES: ReadonlyMap<number, string> = new Map([
  [1, 'sha256'],
  [2, 'sha512'],
]);
const MIN_ITERATIONS = 4096;
const MAX_ITERATIONS = 16_384;

/** AlterUserScramCredentials (KIP-554): a user may be named once in a request. */
export function decideAlterUserScramCredentials(
  state: ControllerState,
  request: AlterUserScramCredentialsRequest,
): Decision<AlterUserScramCredentialsResponseInput> {
  const changes = new Map<string, MetadataRecord | KafkaError>();
  const change = (name: string, decide: () => MetadataRecord): void => {
    const earlier = changes.get(name);
    if (earlier instanceof KafkaError) return;
    if (earlier !== undefined) {
      const message = 'A user credential cannot be altered twice in the same request';
      changes.set(name, new KafkaError('DUPLICATE_RESOURCE', message));
      return;
    }
    try {
      changes.set(name, decide());
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      changes.set(name, error);
    }
  };
  for (const { name, mechanism } of request.deletions) {
    change(name, () => {
      checkUserAndMechanism(name, mechanism);
      if (state.image.security.scramCredential(name, mechanism) === undefined) {
        throw new KafkaError('RESOURCE_NOT_FOUND', 'Attempt to delete a user credential that does not exist');
      }
      return metadataRecord('RemoveUserScramCredentialRecord', { name, mechanism });
    });
  }
  for (const upsertion of request.upsertions) change(upsertion.name, () => credentialRecord(upsertion));
  const records: MetadataRecord[] = [];
  const results = [...changes].map(([user, outcome]) => {
    if (outcome instanceof KafkaError) return { user, ...apiError(outcome) };
    records.push(outcome);
    return { user, errorMessage: null };
  });
  return { records, response: { results }, isAtomic: true };
}

function checkUserAndMechanism(name: string, mechanism: number): string {
  if (name === '') throw new KafkaError('UNACCEPTABLE_CREDENTIAL', 'Username must not be empty');
  const hash = SCRAM_HASHES.get(mechanism);
  if (hash === undefined) throw new KafkaError('UNSUPPORTED_SASL_MECHANISM', 'Unknown SCRAM mechanism');
  return hash;
}

type Upsertion = AlterUserScramCredentialsRequest['upsertions'][number];

/** What is kept of a password: keys that prove it, not itself (RFC 5802). */
function credentialRecord({ name, mechanism, iterations, salt, saltedPassword }: Upsertion): MetadataRecord {
  const hash = checkUserAndMechanism(name, mechanism);
  if (iterations < MIN_ITERATIONS) throw new KafkaError('UNACCEPTABLE_CREDENTIAL', 'Too few iterations');
  if (iterations > MAX_ITERATIONS) throw new KafkaError('UNACCEPTABLE_CREDENTIAL', 'Too many iterations');
  const clientKey = createHmac(hash, saltedPassword).update('Client Key').digest();
  return metadataRecord('UserScramCredentialRecord', {
    name,
    mechanism,
    salt: Buffer.from(salt),
    storedKey: createHash(hash).update(clientKey).digest(),
    serverKey: createHmac(hash, saltedPassword).update('Server Key').digest(),
    iterations,
  });
}
