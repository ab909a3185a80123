import { type ConfigEntry, ConfigResourceType, ConfigSource, describeConfigs } from '../../client/admin/configs.ts';
import type { KafkaClient } from '../../client/index.ts';
import { asExecution } from '../shared/admin-session.ts';
import { illegalArgument } from '../shared/java-errors.ts';
import type { EntityType } from './entities.ts';

/** Entity types whose configs are those of a config resource; the others are quotas and credentials. */
export type ResourceEntityType = Exclude<EntityType, 'users' | 'clients' | 'ips'>;

const TYPES: Readonly<Record<ResourceEntityType, number>> = {
  topics: ConfigResourceType.TOPIC,
  brokers: ConfigResourceType.BROKER,
  'broker-loggers': ConfigResourceType.BROKER_LOGGER,
  'client-metrics': ConfigResourceType.CLIENT_METRICS,
  groups: ConfigResourceType.GROUP,
};

const OWN_SOURCES: Readonly<Record<ResourceEntityType, number | undefined>> = {
  topics: ConfigSource.DYNAMIC_TOPIC_CONFIG,
  brokers: ConfigSource.DYNAMIC_BROKER_CONFIG,
  'broker-loggers': undefined,
  'client-metrics': ConfigSource.DYNAMIC_CLIENT_METRICS_CONFIG,
  groups: ConfigSource.DYNAMIC_GROUP_CONFIG,
};

export function isResourceType(type: EntityType | undefined): type is ResourceEntityType {
  return type !== undefined && Object.hasOwn(TYPES, type);
}

export function resourceTypeOf(type: ResourceEntityType): number {
  return TYPES[type];
}

/** Throws when the name is no broker's. */
export function checkBrokerId(name: string, type: EntityType): void {
  if (!/^[+-]?\d+$/.test(name)) {
    throw illegalArgument(`The entity name for ${type} must be a valid integer broker id, found: ${name}`);
  }
}

/** The configs of an entity sorted by name: those set for itself, or all of them. */
export async function configsOf(
  admin: KafkaClient,
  type: ResourceEntityType,
  name: string,
  all: boolean,
): Promise<ConfigEntry[]> {
  const isBroker = type === 'brokers' || type === 'broker-loggers';
  if (isBroker && name !== '') checkBrokerId(name, type);
  const resource = { type: TYPES[type], name };
  const [described] = await asExecution(describeConfigs(admin, [resource], { includeSynonyms: true }));
  if (described?.error !== undefined) await asExecution(Promise.reject(described.error));
  const ownSource = type === 'brokers' && name === '' ? ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG : OWN_SOURCES[type];
  return [...(described?.entries ?? [])]
    .filter(({ source }) => all || ownSource === undefined || source === ownSource)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
