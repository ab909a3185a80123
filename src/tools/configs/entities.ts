import { isIP } from 'node:net';
import type { Choices } from '../shared/command-line.ts';
import { illegalArgument } from '../shared/java-errors.ts';
import { ToolExit } from '../shared/tool.ts';
import type { ConfigsLine } from './command.ts';
import type { CONFIGS_OPTIONS } from './options.ts';

type ConfigsName = keyof typeof CONFIGS_OPTIONS;

/** Kafka's names of what has configs, in the order of its message. */
const ENTITY_TYPES = [
  'broker-loggers',
  'topics',
  'clients',
  'users',
  'brokers',
  'ips',
  'client-metrics',
  'groups',
] as const;

export type EntityType = (typeof ENTITY_TYPES)[number];

/** What a command line speaks of. */
export interface Entities {
  /** One type, or users and clients. */
  readonly types: readonly EntityType[];
  /** Their names, '' for the default entity; fewer than types when all are meant. */
  readonly names: readonly string[];
}

const NAME_FLAGS = {
  topic: 'topics',
  client: 'clients',
  user: 'users',
  broker: 'brokers',
  'broker-logger': 'broker-loggers',
  ip: 'ips',
  'client-metrics': 'client-metrics',
  group: 'groups',
} as const;

const DEFAULT_FLAGS = {
  'client-defaults': 'clients',
  'user-defaults': 'users',
  'broker-defaults': 'brokers',
  'ip-defaults': 'ips',
} as const;

type NameFlag = keyof typeof NAME_FLAGS;
type DefaultFlag = keyof typeof DEFAULT_FLAGS;

function givenNameFlags(line: ConfigsLine): NameFlag[] {
  return (Object.keys(NAME_FLAGS) as NameFlag[]).filter((flag) => line.has(flag));
}

function givenDefaultFlags(line: ConfigsLine): DefaultFlag[] {
  return (Object.keys(DEFAULT_FLAGS) as DefaultFlag[]).filter((flag) => line.has(flag));
}

function typesOf(line: ConfigsLine): string[] {
  return [
    ...line.valuesGiven('entity-type'),
    ...givenNameFlags(line).map((flag) => NAME_FLAGS[flag]),
    ...givenDefaultFlags(line).map((flag) => DEFAULT_FLAGS[flag]),
  ];
}

function namesOf(line: ConfigsLine): string[] {
  const names = line.valuesGiven('entity-name');
  let next = 0;
  const inOrder = line.occurrences
    .filter((option) => option === 'entity-name' || option === 'entity-default')
    .map((option) => (option === 'entity-name' ? (names[next++] ?? '') : ''));
  return [
    ...inOrder,
    ...givenNameFlags(line).map((flag) => line.valueOf(flag) ?? ''),
    ...givenDefaultFlags(line).map(() => ''),
  ];
}

function isEntityType(type: string): type is EntityType {
  return ENTITY_TYPES.some((known) => known === type);
}

/** What a person is asked for: one entity by its name. */
const ASKED_ENTITIES = ['topic', 'broker', 'group', 'client', 'user', 'ip', 'client-metrics'] as const;

type ConfigsChoices = Choices<typeof CONFIGS_OPTIONS>;

/** Kafka's message and nothing else, unless a person is at hand. */
function orAsk(line: ConfigsLine, message: string, names: readonly ConfigsName[], choices: ConfigsChoices = {}) {
  return line.orAsk(new ToolExit(1, { stderr: `${message}\n` }), names, choices);
}

function checkTypes(line: ConfigsLine, types: readonly string[], choices: ConfigsChoices): EntityType[] {
  const repeated = types.filter((type, i) => types.indexOf(type) !== i);
  if (repeated.length > 0) throw illegalArgument(`Duplicate entity type(s) specified: ${repeated.join(',')}`);
  if (!line.has('bootstrap-server') && !line.has('bootstrap-controller')) {
    throw orAsk(line, 'Either --bootstrap-server or --bootstrap-controller must be specified.', ['bootstrap-server']);
  }
  for (const type of types) {
    if (!isEntityType(type)) {
      throw illegalArgument(
        `Invalid entity type ${type}, the entity type must be one of ${ENTITY_TYPES.join(', ')} ` +
          'with a --bootstrap-server or --bootstrap-controller argument',
      );
    }
  }
  if (types.length === 0) throw orAsk(line, 'At least one entity type must be specified', ASKED_ENTITIES, choices);
  if (types.length > 1 && !types.every((type) => type === 'users' || type === 'clients')) {
    throw illegalArgument("Only 'users' and 'clients' entity types may be specified together");
  }
  return types.filter(isEntityType);
}

function checkNames(line: ConfigsLine, types: readonly EntityType[], names: readonly string[]): void {
  if (!names.some((name) => name !== '')) return;
  const [first] = types;
  if (types.includes('brokers') || types.includes('broker-loggers')) {
    for (const flag of ['entity-name', 'broker', 'broker-logger'] as const) {
      const id = line.has(flag) ? (line.valueOf(flag) ?? '') : undefined;
      if (id !== undefined && !/^[+-]?\d+$/.test(id)) {
        throw illegalArgument(`The entity name for ${first} must be a valid integer broker id, but it is: ${id}`);
      }
    }
  }
  if (types.includes('ips')) {
    for (const flag of ['entity-name', 'ip'] as const) {
      const ip = line.has(flag) ? (line.valueOf(flag) ?? '') : undefined;
      // Whether a host name resolves is left to the broker; what can be no address at all is refused here.
      if (ip !== undefined && isIP(ip) === 0 && !/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(ip)) {
        throw illegalArgument(`The entity name for ${first} must be a valid IP or resolvable host, but it is: ${ip}`);
      }
    }
  }
}

const WITH_DEFAULTS: readonly EntityType[] = ['users', 'clients', 'brokers', 'ips'];

function checkDescribe(line: ConfigsLine, types: readonly EntityType[], hasName: boolean): void {
  if (!types.some((type) => WITH_DEFAULTS.includes(type)) && line.has('entity-default')) {
    throw illegalArgument(`--entity-default must not be specified with --describe of ${types.join(',')}`);
  }
  if (types.includes('broker-loggers') && !hasName) {
    throw illegalArgument(`An entity name must be specified with --describe of ${types.join(',')}`);
  }
}

function checkAlter(
  line: ConfigsLine,
  types: readonly EntityType[],
  names: readonly string[],
  choices: ConfigsChoices,
): void {
  const hasName = names.some((name) => name !== '');
  if (types.some((type) => WITH_DEFAULTS.includes(type))) {
    if (names.length === 0) {
      throw illegalArgument(
        'An entity-name or default entity must be specified with --alter of users, clients, brokers or ips',
      );
    }
  } else if (!hasName) {
    const isOfType = types[0] === 'topics' ? choices.topic : types[0] === 'groups' ? choices.group : undefined;
    const message = `An entity name must be specified with --alter of ${types.join(',')}`;
    throw orAsk(line, message, ['entity-name'], isOfType === undefined ? {} : { 'entity-name': isOfType });
  }
  if (line.has('add-config') && line.has('add-config-file')) {
    throw illegalArgument('Only one of --add-config or --add-config-file must be specified');
  }
  if (line.count('add-config', 'add-config-file', 'delete-config') === 0) {
    const message =
      'At least one of --add-config, --add-config-file, or --delete-config must be specified with --alter';
    throw orAsk(line, message, ['add-config', 'delete-config', 'add-config-file']);
  }
  if (types.length !== names.length) throw illegalArgument('An entity name must be specified for every entity type');
}

/** Checks a command line as Kafka does. Throws JavaException, or ToolExit with the usage. */
export function checkLine(line: ConfigsLine, choices: ConfigsChoices): Entities {
  const actions = line.count('alter', 'describe');
  const exactlyOne = 'Command must include exactly one action: --describe, --alter';
  if (actions === 0) line.refuseOrAsk(exactlyOne, ['describe', 'alter']);
  if (actions > 1) line.refuse(exactlyOne);
  line.forbidWith('describe', 'add-config', 'delete-config');
  const types = checkTypes(line, typesOf(line), choices);
  const flags = [...givenNameFlags(line), ...givenDefaultFlags(line)];
  if (line.count('entity-name', 'entity-type', 'entity-default') > 0 && flags.length > 0) {
    throw illegalArgument('--entity-{type,name,default} should not be used in conjunction with specific entity flags');
  }
  if (line.count('bootstrap-server', 'bootstrap-controller') > 1) {
    throw illegalArgument('Only one of --bootstrap-server or --bootstrap-controller can be specified');
  }
  const names = namesOf(line);
  checkNames(line, types, names);
  if (line.has('describe'))
    checkDescribe(
      line,
      types,
      names.some((name) => name !== ''),
    );
  else checkAlter(line, types, names, choices);
  return { types, names };
}

/** The type's word for one entity: `topic`, `client-metric`, … */
export function nounOf(type: EntityType): string {
  return type.slice(0, -1);
}
