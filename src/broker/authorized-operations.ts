// Without an authorizer everyone may do everything that makes sense for a kind of resource. Bits are operation codes.
const READ = 1 << 3;
const WRITE = 1 << 4;
const CREATE = 1 << 5;
const DELETE = 1 << 6;
const ALTER = 1 << 7;
const DESCRIBE = 1 << 8;
const CLUSTER_ACTION = 1 << 9;
const DESCRIBE_CONFIGS = 1 << 10;
const ALTER_CONFIGS = 1 << 11;
const IDEMPOTENT_WRITE = 1 << 12;

/** `authorizedOperations` of responses when they were not asked for. */
export const OPERATIONS_NOT_ASKED = -0x8000_0000;

export const CLUSTER_OPERATIONS =
  CREATE | CLUSTER_ACTION | DESCRIBE_CONFIGS | ALTER_CONFIGS | IDEMPOTENT_WRITE | ALTER | DESCRIBE;
export const TOPIC_OPERATIONS = READ | WRITE | CREATE | DESCRIBE | DELETE | ALTER | DESCRIBE_CONFIGS | ALTER_CONFIGS;
const GROUP_OPERATIONS = READ | DESCRIBE | DELETE | DESCRIBE_CONFIGS | ALTER_CONFIGS;

/** Described groups, each that was found with what the client may do to it. */
export function withGroupOperations<G extends { readonly errorCode?: number | undefined }>(groups: readonly G[]) {
  return groups.map((group) => (group.errorCode ? group : { ...group, authorizedOperations: GROUP_OPERATIONS }));
}
