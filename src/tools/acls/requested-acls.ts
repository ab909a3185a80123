import type { AclBinding, AclFilter } from '../../client/admin/acls.ts';
import { illegalArgument } from '../shared/java-errors.ts';
import { JoptError } from '../shared/jopt-error.ts';
import {
  OPERATIONS,
  operationName,
  operationText,
  PATTERN_TYPES,
  PERMISSION_TYPES,
  RESOURCE_TYPES,
  SUPPORTED_OPERATIONS,
} from './acl-text.ts';
import type { AclsLine } from './command.ts';

/** A resource that the command line names. */
export type ResourceFilter = Pick<AclFilter, 'resourceType' | 'resourceName' | 'patternType'> & {
  readonly resourceName: string;
};

/** What is allowed or denied to whom. */
export type Entry = Pick<AclBinding, 'principal' | 'host' | 'operation' | 'permissionType'>;

/** A resource with the entries that are meant for it; none = all entries. */
export interface ResourceEntries {
  readonly resource: ResourceFilter;
  readonly entries: readonly Entry[];
}

const CLUSTER: ResourceFilter = {
  resourceType: RESOURCE_TYPES['CLUSTER'] ?? 0,
  resourceName: 'kafka-cluster',
  patternType: PATTERN_TYPES['LITERAL'] ?? 0,
};

/** The pattern type by Kafka's name. Throws JoptError for a word that is none. */
export function patternTypeName(line: AclsLine): string {
  const text = line.valueOf('resource-pattern-type') ?? 'LITERAL';
  const name = text.toUpperCase();
  if (Object.hasOwn(PATTERN_TYPES, name) && name !== 'UNKNOWN') return name;
  throw new JoptError(
    'OptionArgumentConversionException',
    `Cannot parse argument '${text}' of option resource-pattern-type`,
  );
}

/** Principals of an option. Throws JavaException for a text that is none. */
export function principalsOf(line: AclsLine, option: 'allow-principal' | 'deny-principal' | 'principal'): string[] {
  const principals = line.valuesGiven(option).map((text) => {
    const trimmed = text.trim();
    if (trimmed === '')
      throw illegalArgument('expected a string in format principalType:principalName but got empty string');
    if (!/^[^:]+:.*$/s.test(trimmed)) {
      throw illegalArgument(`expected a string in format principalType:principalName but got ${trimmed}`);
    }
    return trimmed;
  });
  return [...new Set(principals)];
}

const RESOURCE_OPTIONS = {
  topic: 'TOPIC',
  group: 'GROUP',
  'transactional-id': 'TRANSACTIONAL_ID',
  'delegation-token': 'DELEGATION_TOKEN',
  'user-principal': 'USER',
} as const;

/** The resources that the command line names. */
export function resourcesOf(line: AclsLine): ResourceFilter[] {
  const pattern = patternTypeName(line);
  const patternType = PATTERN_TYPES[pattern] ?? 0;
  const resources: ResourceFilter[] = [];
  for (const [option, type] of Object.entries(RESOURCE_OPTIONS) as [keyof typeof RESOURCE_OPTIONS, string][]) {
    for (const name of new Set(line.valuesGiven(option).map((text) => text.trim()))) {
      resources.push({ resourceType: RESOURCE_TYPES[type] ?? 0, resourceName: name, patternType });
    }
    if (option === 'topic' && pattern === 'LITERAL' && line.count('cluster', 'idempotent') > 0) resources.push(CLUSTER);
  }
  return resources;
}

function requiredResources(line: AclsLine): ResourceFilter[] {
  const resources = resourcesOf(line);
  if (resources.length === 0) {
    line.refuse(
      'You must provide at least one resource: --topic <topic> or --cluster or --group <group> or ' +
        '--delegation-token <Delegation Token ID>',
    );
  }
  return resources;
}

function entriesFor(line: AclsLine, operations: readonly string[]): Entry[] {
  const sides = [
    ['allow-principal', 'allow-host', 'ALLOW'],
    ['deny-principal', 'deny-host', 'DENY'],
  ] as const;
  return sides.flatMap(([principalOption, hostOption, permission]) => {
    const principals = principalsOf(line, principalOption);
    const given = line.valuesGiven(hostOption).map((host) => host.trim());
    const hosts = given.length > 0 ? [...new Set(given)] : ['*'];
    return principals.flatMap((principal) =>
      operations.flatMap((operation) =>
        hosts.map((host) => ({
          principal,
          host,
          operation: OPERATIONS[operation] ?? 0,
          permissionType: PERMISSION_TYPES[permission] ?? 0,
        })),
      ),
    );
  });
}

function byType(resources: readonly ResourceFilter[], type: string): ResourceFilter[] {
  return resources.filter(({ resourceType }) => resourceType === RESOURCE_TYPES[type]);
}

function checkOperations(line: AclsLine, requested: readonly ResourceEntries[]): void {
  for (const { resource, entries } of requested) {
    const type = Object.keys(RESOURCE_TYPES).find((name) => RESOURCE_TYPES[name] === resource.resourceType) ?? '';
    const valid = [...(SUPPORTED_OPERATIONS[type] ?? []), 'ALL'];
    if (entries.some(({ operation }) => !valid.includes(operationText(operation)))) {
      line.refuse(`ResourceType ${type} only supports operations [${valid.join(', ')}]`);
    }
  }
}

/** What `--add` and `--remove` are about. Ends the tool with the usage when the line does not fit together. */
export function requestedAcls(line: AclsLine): ResourceEntries[] {
  const requested = new Map<string, ResourceEntries>();
  const add = (resources: readonly ResourceFilter[], entries: readonly Entry[]) => {
    for (const resource of resources) {
      const key = JSON.stringify(resource);
      const before = requested.get(key)?.entries ?? [];
      const isNew = (entry: Entry) => !before.some((one) => JSON.stringify(one) === JSON.stringify(entry));
      requested.set(key, { resource, entries: [...before, ...entries.filter(isNew)] });
    }
  };
  if (!line.has('producer') && !line.has('consumer')) {
    const operations = line.valuesOf('operation').map((text) => operationName(text.trim()));
    const entries = entriesFor(line, [...new Set(operations)]);
    add(requiredResources(line), entries);
  }
  if (line.has('producer')) {
    const resources = requiredResources(line);
    add(byType(resources, 'TOPIC'), entriesFor(line, ['WRITE', 'DESCRIBE', 'CREATE']));
    add(byType(resources, 'TRANSACTIONAL_ID'), entriesFor(line, ['WRITE', 'DESCRIBE']));
    if (line.has('idempotent')) add([CLUSTER], entriesFor(line, ['IDEMPOTENT_WRITE']));
  }
  if (line.has('consumer')) {
    const resources = requiredResources(line);
    add(byType(resources, 'TOPIC'), entriesFor(line, ['READ', 'DESCRIBE']));
    add(byType(resources, 'GROUP'), entriesFor(line, ['READ']));
  }
  const all = [...requested.values()];
  checkOperations(line, all);
  return all;
}
