import type { AclBinding, AclFilter } from '../../client/admin/acls.ts';

/** Kafka's numbers of ACL operations, by the names that its tools print. */
export const OPERATIONS: Readonly<Record<string, number>> = {
  UNKNOWN: 0,
  ANY: 1,
  ALL: 2,
  READ: 3,
  WRITE: 4,
  CREATE: 5,
  DELETE: 6,
  ALTER: 7,
  DESCRIBE: 8,
  CLUSTER_ACTION: 9,
  DESCRIBE_CONFIGS: 10,
  ALTER_CONFIGS: 11,
  IDEMPOTENT_WRITE: 12,
  CREATE_TOKENS: 13,
  DESCRIBE_TOKENS: 14,
  TWO_PHASE_COMMIT: 15,
};

export const RESOURCE_TYPES: Readonly<Record<string, number>> = {
  UNKNOWN: 0,
  ANY: 1,
  TOPIC: 2,
  GROUP: 3,
  CLUSTER: 4,
  TRANSACTIONAL_ID: 5,
  DELEGATION_TOKEN: 6,
  USER: 7,
};

export const PATTERN_TYPES: Readonly<Record<string, number>> = {
  UNKNOWN: 0,
  ANY: 1,
  MATCH: 2,
  LITERAL: 3,
  PREFIXED: 4,
};
export const PERMISSION_TYPES: Readonly<Record<string, number>> = { UNKNOWN: 0, ANY: 1, DENY: 2, ALLOW: 3 };

/** What may be allowed or denied on each type of resource, besides ALL. */
export const SUPPORTED_OPERATIONS: Readonly<Record<string, readonly string[]>> = {
  TOPIC: ['CREATE', 'ALTER_CONFIGS', 'WRITE', 'DESCRIBE_CONFIGS', 'DESCRIBE', 'ALTER', 'DELETE', 'READ'],
  GROUP: ['ALTER_CONFIGS', 'DESCRIBE_CONFIGS', 'DESCRIBE', 'DELETE', 'READ'],
  CLUSTER: ['CREATE', 'ALTER_CONFIGS', 'IDEMPOTENT_WRITE', 'DESCRIBE_CONFIGS', 'CLUSTER_ACTION', 'DESCRIBE', 'ALTER'],
  TRANSACTIONAL_ID: ['WRITE', 'DESCRIBE', 'TWO_PHASE_COMMIT'],
  DELEGATION_TOKEN: ['DESCRIBE'],
  USER: ['CREATE_TOKENS', 'DESCRIBE_TOKENS'],
};

function nameIn(table: Readonly<Record<string, number>>, number: number): string {
  return Object.keys(table).find((name) => table[name] === number) ?? 'UNKNOWN';
}

/** The operation of a name as people type it (`Read`, `describeConfigs`); UNKNOWN for anything else. */
export function operationName(text: string): string {
  const plain = text.toUpperCase();
  return Object.keys(OPERATIONS).find((name) => name.replaceAll('_', '') === plain) ?? 'UNKNOWN';
}

export function operationText(operation: number): string {
  return nameIn(OPERATIONS, operation);
}

type Pattern = Pick<AclFilter, 'resourceType' | 'resourceName' | 'patternType'>;

/** `ResourcePattern(resourceType=TOPIC, name=t, patternType=LITERAL)`. */
export function patternText({ resourceType, resourceName, patternType }: Pattern): string {
  const type = nameIn(RESOURCE_TYPES, resourceType);
  return `ResourcePattern(resourceType=${type}, name=${resourceName}, patternType=${nameIn(PATTERN_TYPES, patternType)})`;
}

/** `(principal=User:bob, host=*, operation=READ, permissionType=ALLOW)`. */
export function entryText({ principal, host, operation, permissionType }: AclBinding): string {
  const permission = nameIn(PERMISSION_TYPES, permissionType);
  return `(principal=${principal}, host=${host}, operation=${operationText(operation)}, permissionType=${permission})`;
}

/** A binding with names for numbers, for JSON. */
export function bindingJson(binding: AclBinding): Record<string, string> {
  return {
    resourceType: nameIn(RESOURCE_TYPES, binding.resourceType),
    resourceName: binding.resourceName,
    patternType: nameIn(PATTERN_TYPES, binding.patternType),
    principal: binding.principal,
    host: binding.host,
    operation: operationText(binding.operation),
    permissionType: nameIn(PERMISSION_TYPES, binding.permissionType),
  };
}
