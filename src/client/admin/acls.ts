import type { KafkaError } from '../../base/kafka-error.ts';
import { describeAclsRequest, describeAclsResponse } from '../../protocol/messages/29-describe-acls.ts';
import { createAclsRequest, createAclsResponse } from '../../protocol/messages/30-create-acls.ts';
import { deleteAclsRequest, deleteAclsResponse } from '../../protocol/messages/31-delete-acls.ts';
import type { KafkaClient } from '../client.ts';
import { errorOf, namedError } from '../errors.ts';
import type { CallOptions, Result } from '../types.ts';

/** One access control entry; numbers are Kafka's (AclOperation, ResourceType, PatternType, AclPermissionType). */
export interface AclBinding {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly patternType: number;
  readonly principal: string;
  readonly host: string;
  readonly operation: number;
  readonly permissionType: number;
}

/** null and the number 1 (ANY) match everything. */
export interface AclFilter {
  readonly resourceType: number;
  readonly resourceName: string | null;
  readonly patternType: number;
  readonly principal: string | null;
  readonly host: string | null;
  readonly operation: number;
  readonly permissionType: number;
}

function filterFields(filter: AclFilter) {
  return {
    resourceTypeFilter: filter.resourceType,
    resourceNameFilter: filter.resourceName,
    patternTypeFilter: filter.patternType,
    principalFilter: filter.principal,
    hostFilter: filter.host,
    operation: filter.operation,
    permissionType: filter.permissionType,
  };
}

/** The access control entries that a filter matches. */
export async function describeAcls(
  client: KafkaClient,
  filter: AclFilter,
  options: CallOptions = {},
): Promise<AclBinding[]> {
  const response = await client.request({
    name: 'describeAcls',
    node: 'any',
    timeoutMs: options.timeoutMs,
    servedByControllers: true,
    request: describeAclsRequest,
    response: describeAclsResponse,
    body: () => filterFields(filter),
  });
  const error = errorOf(response.errorCode, response.errorMessage);
  if (error !== undefined) throw error;
  return response.resources.flatMap(({ resourceType, resourceName, patternType, acls }) =>
    acls.map(({ principal, host, operation, permissionType }) => ({
      resourceType,
      resourceName,
      patternType,
      principal,
      host,
      operation,
      permissionType,
    })),
  );
}

/** Creates access control entries. One entry a binding, in order: undefined or why it failed. */
export async function createAcls(
  client: KafkaClient,
  bindings: readonly AclBinding[],
  options: CallOptions = {},
): Promise<(KafkaError | undefined)[]> {
  const response = await client.request({
    name: 'createAcls',
    node: 'any',
    timeoutMs: options.timeoutMs,
    servedByControllers: true,
    request: createAclsRequest,
    response: createAclsResponse,
    body: () => ({
      creations: bindings.map(({ patternType, ...rest }) => ({ ...rest, resourcePatternType: patternType })),
    }),
  });
  return bindings.map((_, i) => {
    const result = response.results[i];
    if (result !== undefined) return errorOf(result.errorCode, result.errorMessage);
    return namedError('UNKNOWN_SERVER_ERROR', 'The broker reported no creation result for the given ACL.');
  });
}

/** An entry that a filter matched. */
export interface DeletedAcl {
  readonly binding: AclBinding;
  /** Why it was not deleted; undefined when it was. */
  readonly error: KafkaError | undefined;
}

/** Deletes what filters match. One entry a filter, in order: the matched entries, or why the filter failed. */
export async function deleteAcls(
  client: KafkaClient,
  filters: readonly AclFilter[],
  options: CallOptions = {},
): Promise<Result<DeletedAcl[]>[]> {
  const response = await client.request({
    name: 'deleteAcls',
    node: 'any',
    timeoutMs: options.timeoutMs,
    servedByControllers: true,
    request: deleteAclsRequest,
    response: deleteAclsResponse,
    body: () => ({ filters: filters.map(filterFields) }),
  });
  return filters.map((_, i) => {
    const result = response.filterResults[i];
    if (result === undefined) {
      return namedError('UNKNOWN_SERVER_ERROR', 'The broker reported no deletion result for the given filter.');
    }
    const error = errorOf(result.errorCode, result.errorMessage);
    return error ?? result.matchingAcls.map(deletedAcl);
  });
}

function deletedAcl(
  matching: AclBinding & { readonly errorCode: number; readonly errorMessage: string | null },
): DeletedAcl {
  const { errorCode, errorMessage, resourceType, resourceName, patternType, principal, host, operation } = matching;
  const { permissionType } = matching;
  const binding = { resourceType, resourceName, patternType, principal, host, operation, permissionType };
  return { binding, error: errorOf(errorCode, errorMessage) };
}
