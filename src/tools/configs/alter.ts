import { KafkaError } from '../../base/kafka-error.ts';
import { type AlterConfigOp, AlterConfigOpType, incrementalAlterConfigs } from '../../client/admin/configs.ts';
import { alterUserScramCredentials, ScramMechanism } from '../../client/admin/scram.ts';
import type { KafkaClient } from '../../client/index.ts';
import { asExecution, withAdmin } from '../shared/admin-session.ts';
import { CLIENT_QUOTA_NAMES, IP_QUOTA_NAMES } from '../shared/config-names.ts';
import { illegalArgument, JavaException } from '../shared/java-errors.ts';
import { printJson } from '../shared/json-output.ts';
import { readPropertiesFile } from '../shared/properties.ts';
import type { ToolIo } from '../shared/tool.ts';
import type { ConfigsLine } from './command.ts';
import { type Entities, nounOf } from './entities.ts';
import { alterQuotas } from './quotas.ts';
import { checkBrokerId, configsOf, isResourceType, type ResourceEntityType, resourceTypeOf } from './resources.ts';

const DEFAULT_ITERATIONS = 4096;
const MIN_ITERATIONS = 4096;

/** A comma or an equals sign that is not inside square brackets. */
const OUTSIDE_BRACKETS = '(?=[^\\]]*(?:\\[|$))';

/** `k1=v1,k2=[a,b]`: brackets group a value with commas and are dropped. Throws with Kafka's text. */
export function parseAddedConfigs(text: string): Map<string, string> {
  const configs = new Map<string, string>();
  // Java's split drops empty parts at the end.
  const parts = text.replace(/,+$/, '').split(new RegExp(`,${OUTSIDE_BRACKETS}`));
  for (const part of parts) {
    const [name, value, ...more] = part.split(new RegExp(`\\s*=\\s*${OUTSIDE_BRACKETS}`));
    if (name === undefined || value === undefined || more.length > 0) {
      throw illegalArgument(
        'Invalid entity config: all configs to be added must be in the format "key=val" or  "key=[val1,val2]" ' +
          'to group values which contain commas.',
      );
    }
    configs.set(name.trim(), value.replace(/[[\]]/g, '').trim());
  }
  return configs;
}

function addedConfigs(line: ConfigsLine, io: ToolIo): Map<string, string> {
  const file = line.valueOf('add-config-file');
  const text = line.valueOf('add-config');
  const fromFile = file === undefined ? new Map<string, string>() : readPropertiesFile(file, io.cwd);
  const configs = new Map([...fromFile, ...(text === undefined ? [] : parseAddedConfigs(text))]);
  for (const name of configs.keys()) {
    if (!/^[$a-zA-Z0-9._-]*$/.test(name)) throw illegalArgument(`Invalid character found for config key: ${name}`);
  }
  return configs;
}

interface Changes {
  readonly added: ReadonlyMap<string, string>;
  readonly deleted: readonly string[];
}

async function alterResource(
  admin: KafkaClient,
  type: ResourceEntityType,
  name: string,
  { added, deleted }: Changes,
): Promise<void> {
  if (type === 'brokers' && name !== '') checkBrokerId(name, type);
  if (type === 'broker-loggers') {
    const loggers = new Set((await configsOf(admin, type, name, false)).map((entry) => entry.name));
    const invalid = [...deleted, ...added.keys()].filter((logger) => !loggers.has(logger));
    if (invalid.length > 0) {
      throw new JavaException(
        'org.apache.kafka.common.errors.InvalidConfigurationException',
        `Invalid broker logger(s): ${invalid.join(',')}`,
      );
    }
  }
  const ops: AlterConfigOp[] = [
    ...deleted.map((config) => ({ name: config, op: AlterConfigOpType.DELETE, value: '' })),
    ...[...added].map(([config, value]) => ({ name: config, op: AlterConfigOpType.SET, value })),
  ];
  const resource = { type: resourceTypeOf(type), name };
  const [error] = await asExecution(incrementalAlterConfigs(admin, [{ resource, ops }], { timeoutMs: 30_000 }));
  if (error !== undefined) await asExecution(Promise.reject(error));
}

function isScram(name: string): name is keyof typeof ScramMechanism {
  return Object.hasOwn(ScramMechanism, name);
}

function iterationsAndPassword(mechanism: string, text: string): { iterations: number; password: string } {
  const match = /^(?:iterations=(-?[0-9]*),)?password=(.*)$/s.exec(text);
  if (match === null) throw illegalArgument(`Invalid credential property ${mechanism}=${text}`);
  const given = match[1];
  const iterations = given === undefined || given === '-1' ? DEFAULT_ITERATIONS : Number(given);
  if (iterations < MIN_ITERATIONS) {
    throw illegalArgument(
      `Iterations ${iterations} is less than the minimum ${MIN_ITERATIONS} required for ${mechanism}`,
    );
  }
  return { iterations, password: match[2] ?? '' };
}

async function alterCredentials(admin: KafkaClient, user: string, { added, deleted }: Changes): Promise<void> {
  const upsertions = [...added].flatMap(([name, text]) =>
    isScram(name) ? [{ user, mechanism: ScramMechanism[name], ...iterationsAndPassword(name, text) }] : [],
  );
  const deletions = deleted.flatMap((name) => (isScram(name) ? [{ user, mechanism: ScramMechanism[name] }] : []));
  const results = await asExecution(alterUserScramCredentials(admin, upsertions, deletions));
  for (const result of results.values()) if (result instanceof KafkaError) await asExecution(Promise.reject(result));
}

function refuseNames(names: readonly string[], what: string, verb: 'added' | 'deleted', type: string): void {
  if (names.length === 0) return;
  throw illegalArgument(
    `Only ${what} configs can be ${verb} for '${type}' using --bootstrap-server. ` +
      `Unexpected config names: ${names.join(',')}`,
  );
}

async function alterUsersOrClients(admin: KafkaClient, entities: Entities, changes: Changes): Promise<void> {
  const { added, deleted } = changes;
  const isQuota = (name: string) => CLIENT_QUOTA_NAMES.includes(name);
  const addedNames = [...added.keys()];
  const ofClients = entities.types[0] === 'clients' || entities.types.length === 2;
  const allowed = (name: string) => isQuota(name) || (!ofClients && isScram(name));
  const what = ofClients ? 'quota' : 'quota and SCRAM credential';
  const type = ofClients ? 'clients' : 'users';
  refuseNames(
    addedNames.filter((name) => !allowed(name)),
    what,
    'added',
    type,
  );
  refuseNames(
    deleted.filter((name) => !allowed(name)),
    what,
    'deleted',
    type,
  );
  const hasQuotas = addedNames.some(isQuota) || deleted.some(isQuota);
  if (addedNames.some(isScram) || deleted.some(isScram)) {
    if (entities.names.includes('')) {
      throw illegalArgument(
        'The use of --entity-default or --user-defaults is not allowed with User SCRAM Credentials using ' +
          '--bootstrap-server.',
      );
    }
    if (hasQuotas) {
      throw illegalArgument(
        "Cannot alter both quota and SCRAM credential configs simultaneously for 'users' using --bootstrap-server.",
      );
    }
  }
  if (hasQuotas) await alterQuotas(admin, entities, added, deleted);
  else await alterCredentials(admin, entities.names[0] ?? '', changes);
}

async function alterEntities(admin: KafkaClient, entities: Entities, changes: Changes): Promise<void> {
  const [type] = entities.types;
  if (isResourceType(type)) {
    await alterResource(admin, type, entities.names[0] ?? '', changes);
  } else if (type === 'ips') {
    const names = [...changes.added.keys(), ...changes.deleted];
    refuseNames(
      names.filter((name) => !IP_QUOTA_NAMES.includes(name)),
      'connection quota',
      'added',
      'ips',
    );
    await alterQuotas(admin, entities, changes.added, changes.deleted);
  } else await alterUsersOrClients(admin, entities, changes);
}

/** `--alter`. Throws JavaException, or KafkaError as the cause of an ExecutionException. */
export async function alter(line: ConfigsLine, entities: Entities, io: ToolIo): Promise<void> {
  const address = {
    bootstrapServer: line.valueOf('bootstrap-server'),
    bootstrapController: line.valueOf('bootstrap-controller'),
    commandConfig: line.valueOf('command-config'),
  };
  await withAdmin(io, address, async (admin) => {
    const added = addedConfigs(line, io);
    const deleted = line.valuesGiven('delete-config').map((name) => name.trim());
    await alterEntities(admin, entities, { added, deleted });
    const [type] = entities.types;
    const [name] = entities.names;
    if (type === undefined) return;
    if (line.output === 'json') {
      printJson(io, {
        entityType: type,
        entityName: name === '' ? null : name,
        added: Object.fromEntries(added),
        deleted,
      });
    } else if (name === '') io.stdout.write(`Completed updating default config for ${type} in the cluster.\n`);
    else io.stdout.write(`Completed updating config for ${nounOf(type)} ${name}.\n`);
  });
}
