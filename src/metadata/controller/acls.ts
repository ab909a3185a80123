import { KafkaError } from '../../base/kafka-error.ts';
import { randomUuid } from '../../base/random.ts';
import type { CreateAclsRequest, CreateAclsResponseInput } from '../../protocol/messages/30-create-acls.ts';
import type { DeleteAclsRequest, DeleteAclsResponseInput } from '../../protocol/messages/31-delete-acls.ts';
import { type MetadataRecord, type MetadataRecordBody, metadataRecord } from '../metadata-record.ts';
import type { AccessControlEntry } from '../security-image.ts';
import type { ControllerState, Decision } from './controller-state.ts';
import { apiError } from './topics.ts';

type Creation = CreateAclsRequest['creations'][number];
type Filter = DeleteAclsRequest['filters'][number];

const RESOURCE_TYPES = ['UNKNOWN', 'ANY', 'TOPIC', 'GROUP', 'CLUSTER', 'TRANSACTIONAL_ID', 'DELEGATION_TOKEN', 'USER'];
const PATTERN_TYPES = ['UNKNOWN', 'ANY', 'MATCH', 'LITERAL', 'PREFIXED'];
const PERMISSION_TYPES = ['UNKNOWN', 'ANY', 'DENY', 'ALLOW'];
const OPERATION_COUNT = 16;
const ANY = 1;
const MATCH = 2;
const LITERAL = 3;
const PREFIXED = 4;

/** CreateAcls: an entry that exists already is a success that writes nothing. */
export function decideCreateAcls(
  state: ControllerState,
  request: CreateAclsRequest,
): Decision<CreateAclsResponseInput> {
  const known = new Set([...state.image.security.acls.values()].map(aclKey));
  const records: MetadataRecord[] = [];
  const results = request.creations.map((creation) => {
    try {
      checkNewAcl(creation);
      const { resourceType, resourceName, resourcePatternType, principal, host, operation, permissionType } = creation;
      const entry = { resourceType, resourceName, principal, host, operation, permissionType };
      const body = { ...entry, patternType: resourcePatternType };
      const key = aclKey(body);
      if (!known.has(key)) {
        known.add(key);
        records.push(metadataRecord('AccessControlEntryRecord', { id: randomUuid(state.random), ...body }));
      }
      return { errorMessage: null };
    } catch (error) {
      return apiError(error);
    }
  });
  return { records, response: { results }, isAtomic: true };
}

function aclKey(acl: Omit<MetadataRecordBody<'AccessControlEntryRecord'>, 'id'>): string {
  const { resourceType, resourceName, patternType, principal, host, operation, permissionType } = acl;
  return JSON.stringify([resourceType, resourceName, patternType, principal, host, operation, permissionType]);
}

function checkNewAcl(acl: Creation): void {
  const refuse = (message: string): KafkaError => new KafkaError('INVALID_REQUEST', message);
  const named = (names: readonly string[], code: number): string => names[code] ?? 'UNKNOWN';
  if (acl.resourceType <= ANY || acl.resourceType >= RESOURCE_TYPES.length) {
    throw refuse(`Invalid resourceType ${named(RESOURCE_TYPES, acl.resourceType)}`);
  }
  if (acl.resourcePatternType !== LITERAL && acl.resourcePatternType !== PREFIXED) {
    throw refuse(`Invalid patternType ${named(PATTERN_TYPES, acl.resourcePatternType)}`);
  }
  if (acl.operation <= ANY || acl.operation >= OPERATION_COUNT) {
    throw refuse(`Invalid operation ${acl.operation === ANY ? 'ANY' : 'UNKNOWN'}`);
  }
  if (acl.permissionType <= ANY || acl.permissionType >= PERMISSION_TYPES.length) {
    throw refuse(`Invalid permissionType ${named(PERMISSION_TYPES, acl.permissionType)}`);
  }
  if (acl.resourceName === '') throw refuse('Resource name should not be empty');
  if (!acl.principal.includes(':')) {
    throw refuse(
      `Could not parse principal from \`${acl.principal}\` (no colon is present separating the principal type ` +
        'from the principal name)',
    );
  }
}

/** DeleteAcls: removes every entry that a filter matches. */
export function decideDeleteAcls(
  state: ControllerState,
  request: DeleteAclsRequest,
): Decision<DeleteAclsResponseInput> {
  const removed = new Set<string>();
  const filterResults = request.filters.map((filter) => {
    const { resourceTypeFilter, patternTypeFilter, operation, permissionType } = filter;
    if (resourceTypeFilter <= 0 || patternTypeFilter <= 0) {
      return { ...apiError(new KafkaError('INVALID_REQUEST', 'Unknown patternFilter.')), matchingAcls: [] };
    }
    if (operation <= 0 || permissionType <= 0) {
      return { ...apiError(new KafkaError('INVALID_REQUEST', 'Unknown entryFilter.')), matchingAcls: [] };
    }
    const matching = [...state.image.security.acls.values()].filter((acl) => matchesAclFilter(filter, acl));
    for (const { id } of matching) removed.add(id);
    const matchingAcls = matching.map(({ id: _, ...acl }) => ({ ...acl, errorMessage: null }));
    return { errorMessage: null, matchingAcls };
  });
  const records = [...removed].map((id) => metadataRecord('RemoveAccessControlEntryRecord', { id }));
  return { records, response: { filterResults }, isAtomic: true };
}

/** Whether an entry is one of those that a filter of DescribeAcls or DeleteAcls asks for; null and ANY match all. */
export function matchesAclFilter(filter: Filter, acl: AccessControlEntry): boolean {
  const isOr = (wanted: number, value: number): boolean => wanted === ANY || wanted === value;
  if (!isOr(filter.resourceTypeFilter, acl.resourceType)) return false;
  if (!isOr(filter.operation, acl.operation) || !isOr(filter.permissionType, acl.permissionType)) return false;
  if (filter.principalFilter !== null && filter.principalFilter !== acl.principal) return false;
  if (filter.hostFilter !== null && filter.hostFilter !== acl.host) return false;
  const { patternTypeFilter, resourceNameFilter } = filter;
  if (patternTypeFilter !== MATCH) {
    if (!isOr(patternTypeFilter, acl.patternType)) return false;
    return resourceNameFilter === null || resourceNameFilter === acl.resourceName;
  }
  if (resourceNameFilter === null) return true;
  if (acl.patternType === PREFIXED) return resourceNameFilter.startsWith(acl.resourceName);
  return acl.resourceName === resourceNameFilter || acl.resourceName === '*';
}
