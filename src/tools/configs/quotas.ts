import { alterClientQuotas, describeClientQuotas, type QuotaFilterComponent } from '../../client/admin/quotas.ts';
import type { KafkaClient } from '../../client/index.ts';
import { asExecution } from '../shared/admin-session.ts';
import { illegalArgument, JavaException } from '../shared/java-errors.ts';
import type { Entities, EntityType } from './entities.ts';

const QUOTA_ENTITY_TYPES: Partial<Record<EntityType, string>> = { users: 'user', clients: 'client-id', ips: 'ip' };

function quotaEntityType(type: EntityType): string {
  const name = QUOTA_ENTITY_TYPES[type];
  if (name === undefined) throw illegalArgument(`Unexpected entity type ${type}`);
  return name;
}

/** Which quotas a command line means. */
export function quotaFilter({ types, names }: Entities): QuotaFilterComponent[] {
  if (names.length > types.length) throw illegalArgument('More entity names specified than entity types');
  return types.map((type, i) => {
    const name = names[i];
    return { entityType: quotaEntityType(type), match: name === '' ? null : name };
  });
}

function parseQuota(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) {
    throw illegalArgument(`Cannot parse quota configuration value for ${name}: ${text}`);
  }
  return value;
}

/** Sets and removes quotas of one entity; one that is to be removed must be there. */
export async function alterQuotas(
  admin: KafkaClient,
  entities: Entities,
  added: ReadonlyMap<string, string>,
  deleted: readonly string[],
): Promise<void> {
  const [current] = await asExecution(describeClientQuotas(admin, quotaFilter(entities), { strict: true }));
  const unknown = deleted.filter((name) => current?.values.has(name) !== true);
  if (unknown.length > 0) {
    throw new JavaException(
      'org.apache.kafka.common.errors.InvalidConfigurationException',
      `Invalid config(s): ${unknown.join(',')}`,
    );
  }
  const entity = new Map(
    entities.types.map((type, i) => {
      const name = entities.names[i];
      return [quotaEntityType(type), name === undefined || name === '' ? null : name] as const;
    }),
  );
  const ops = new Map<string, number | null>();
  for (const [name, text] of added) ops.set(name, parseQuota(name, text));
  for (const name of deleted) ops.set(name, null);
  const [error] = await asExecution(alterClientQuotas(admin, [{ entity, ops }]));
  if (error !== undefined) await asExecution(Promise.reject(error));
}
