import { KafkaError } from '../../base/kafka-error.ts';
import { describeCluster } from '../../client/admin/cluster.ts';
import { type ConfigEntry, ConfigResourceType, ConfigSource, listConfigResources } from '../../client/admin/configs.ts';
import { listGroups } from '../../client/admin/groups.ts';
import { describeClientQuotas } from '../../client/admin/quotas.ts';
import { describeUserScramCredentials, ScramMechanism } from '../../client/admin/scram.ts';
import { listTopics } from '../../client/admin/topics.ts';
import type { KafkaClient } from '../../client/index.ts';
import { asExecution, withAdmin } from '../shared/admin-session.ts';
import { javaClassOf, javaMessageOf } from '../shared/java-errors.ts';
import { javaDouble } from '../shared/java-numbers.ts';
import { printJson } from '../shared/json-output.ts';
import { terminalTable } from '../shared/terminal.ts';
import type { ToolIo } from '../shared/tool.ts';
import type { ConfigsLine } from './command.ts';
import { type Entities, nounOf } from './entities.ts';
import { quotaFilter } from './quotas.ts';
import { configsOf, isResourceType, type ResourceEntityType } from './resources.ts';

const SOURCE_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(ConfigSource).map(([name, number]) => [number, name]),
);

/** Groups that have configs; undefined where the cluster cannot say. */
async function groupsWithConfigs(admin: KafkaClient): Promise<string[] | undefined> {
  try {
    return (await listConfigResources(admin, [ConfigResourceType.GROUP])).map(({ name }) => name);
  } catch (error) {
    const isNoAnswer =
      error instanceof KafkaError && ['UNSUPPORTED_VERSION', 'CLUSTER_AUTHORIZATION_FAILED'].includes(error.errorName);
    if (isNoAnswer) return undefined;
    throw error;
  }
}

/** All entities of a type that exist; for brokers not the default, which has no name. */
async function existing(admin: KafkaClient, type: ResourceEntityType): Promise<string[]> {
  switch (type) {
    case 'topics':
      return (await listTopics(admin, { listInternal: true })).map(({ name }) => name);
    case 'brokers':
    case 'broker-loggers':
      return (await describeCluster(admin)).nodes.map(({ id }) => String(id));
    case 'client-metrics':
      return (await listConfigResources(admin, [ConfigResourceType.CLIENT_METRICS])).map(({ name }) => name);
    case 'groups': {
      const { groups, errors } = await listGroups(admin);
      if (errors[0] !== undefined) throw errors[0];
      return [...new Set([...groups.map(({ groupId }) => groupId), ...((await groupsWithConfigs(admin)) ?? [])])];
    }
  }
}

function entryLine({ name, value, isSensitive, synonyms }: ConfigEntry): string {
  const texts = synonyms.map((one) => `${SOURCE_NAMES.get(one.source) ?? 'UNKNOWN'}:${one.name}=${one.value}`);
  return `  ${name}=${value} sensitive=${isSensitive} synonyms={${texts.join(', ')}}\n`;
}

function heading(type: ResourceEntityType, name: string, all: boolean): string {
  if (name === '') return `Default configs for ${type} in the cluster are:\n`;
  return `${all ? 'All' : 'Dynamic'} configs for ${nounOf(type)} ${name} are:\n`;
}

async function printEntity(
  type: ResourceEntityType,
  name: string,
  entries: ConfigEntry[],
  line: ConfigsLine,
  io: ToolIo,
) {
  io.stdout.write(heading(type, name, line.has('all')));
  if (!io.terminal.stdout) {
    for (const entry of entries) io.stdout.write(entryLine(entry));
    return;
  }
  if (entries.length === 0) return;
  const rows = entries.map((entry) => [
    entry.name,
    entry.isSensitive ? '(hidden)' : String(entry.value),
    (SOURCE_NAMES.get(entry.source) ?? 'UNKNOWN').toLowerCase().replaceAll('_', ' '),
  ]);
  io.stdout.write(await terminalTable(['Config', 'Value', 'Set by'], rows));
}

async function describeResources(
  admin: KafkaClient,
  type: ResourceEntityType,
  name: string | undefined,
  line: ConfigsLine,
  io: ToolIo,
): Promise<void> {
  const all = line.has('all');
  if (name !== undefined && name !== '' && !all) {
    const known = await asExecution(existing(admin, type));
    if (!known.includes(name)) {
      if (line.output === 'json') printJson(io, []);
      else io.stdout.write(`The ${nounOf(type)} '${name}' doesn't exist and doesn't have dynamic config.\n`);
      return;
    }
  }
  let names = name === undefined ? await asExecution(existing(admin, type)) : [name];
  if (name === undefined && (type === 'brokers' || type === 'broker-loggers')) names = [...names, ''];
  const documents: unknown[] = [];
  for (const entity of names) {
    const entries = await configsOf(admin, type, entity, all);
    if (line.output === 'text') await printEntity(type, entity, entries, line, io);
    else documents.push({ entityType: type, entityName: entity === '' ? null : entity, configs: entries.map(asJson) });
  }
  if (line.output === 'json') printJson(io, documents);
}

function asJson({ name, value, source, isSensitive, isReadOnly, synonyms }: ConfigEntry): unknown {
  return {
    name,
    value,
    source: SOURCE_NAMES.get(source) ?? 'UNKNOWN',
    isSensitive,
    isReadOnly,
    synonyms: synonyms.map((one) => ({ ...one, source: SOURCE_NAMES.get(one.source) ?? 'UNKNOWN' })),
  };
}

const ENTITY_WORDS = [
  ['user', 'user-principal'],
  ['client-id', 'client-id'],
  ['ip', 'ip'],
] as const;

function entityText(entity: ReadonlyMap<string, string | null>): string {
  return ENTITY_WORDS.filter(([type]) => entity.has(type))
    .map(([type, word]) => {
      const name = entity.get(type);
      return name === null || name === undefined ? `the default ${word}` : `${word} '${name}'`;
    })
    .join(', ');
}

async function describeQuotas(
  admin: KafkaClient,
  entities: Entities,
  line: ConfigsLine,
  io: ToolIo,
): Promise<unknown[]> {
  const quotas = await asExecution(describeClientQuotas(admin, quotaFilter(entities), { strict: true }));
  if (line.output === 'json') {
    return quotas.map(({ entity, values }) => ({
      entity: Object.fromEntries(entity),
      quotas: Object.fromEntries(values),
    }));
  }
  for (const { entity, values } of quotas) {
    const texts = [...values].map(([name, value]) => `${name}=${javaDouble(value)}`);
    io.stdout.write(`Quota configs for ${entityText(entity)} are ${texts.join(', ')}\n`);
  }
  return [];
}

const MECHANISM_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(ScramMechanism).map(([name, number]) => [number, name]),
);

async function describeCredentials(
  admin: KafkaClient,
  users: readonly string[],
  line: ConfigsLine,
  io: ToolIo,
): Promise<unknown[]> {
  const documents: unknown[] = [];
  for (const [user, infos] of await asExecution(describeUserScramCredentials(admin, users))) {
    if (infos instanceof KafkaError) {
      // A user without credentials is not worth a line; any other refusal is.
      if (infos.errorName === 'RESOURCE_NOT_FOUND') continue;
      const className = javaClassOf(infos).split('.').at(-1);
      io.stdout.write(
        `Error retrieving SCRAM credential configs for user-principal '${user}': ${className}: ${javaMessageOf(infos)}\n`,
      );
      continue;
    }
    const texts = infos.map(
      ({ mechanism, iterations }) => `${MECHANISM_NAMES.get(mechanism)}=iterations=${iterations}`,
    );
    if (line.output === 'text') {
      io.stdout.write(`SCRAM credential configs for user-principal '${user}' are ${texts.join(', ')}\n`);
    } else documents.push({ user, credentials: infos });
  }
  return documents;
}

/** `--describe`. Throws JavaException, or KafkaError as the cause of an ExecutionException. */
export async function describe(line: ConfigsLine, entities: Entities, io: ToolIo): Promise<void> {
  const address = {
    bootstrapServer: line.valueOf('bootstrap-server'),
    bootstrapController: line.valueOf('bootstrap-controller'),
    commandConfig: line.valueOf('command-config'),
  };
  await withAdmin(io, address, async (admin) => {
    const [type] = entities.types;
    if (isResourceType(type)) {
      await describeResources(admin, type, entities.names[0], line, io);
      return;
    }
    const documents = await describeQuotas(admin, entities, line, io);
    const isOfUsers = type !== 'ips' && !entities.types.includes('clients') && !entities.names.includes('');
    if (isOfUsers) documents.push(...(await describeCredentials(admin, entities.names, line, io)));
    if (line.output === 'json') printJson(io, documents);
  });
}
