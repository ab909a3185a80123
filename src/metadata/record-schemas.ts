/** The records of `__cluster_metadata`, by rising key. */
import {
  array,
  boolean,
  bytes,
  type Decoded,
  data,
  float64,
  type Input,
  int8,
  int16,
  int32,
  int64,
  string,
  uint16,
  uuid,
} from '../protocol/schema.ts';

export const registerBrokerRecord = data('RegisterBrokerRecord', 0, '0-4', '0+', () => ({
  brokerId: int32('0+'),
  isMigratingZkBroker: boolean('2+'),
  incarnationId: uuid('0+'),
  brokerEpoch: int64('0+'),
  endPoints: array('0+', {
    name: string('0+'),
    host: string('0+'),
    port: uint16('0+'),
    securityProtocol: int16('0+'),
  }),
  features: array('0+', {
    name: string('0+'),
    minSupportedVersion: int16('0+'),
    maxSupportedVersion: int16('0+'),
  }),
  rack: string('0+', { nullable: '0+' }),
  fenced: boolean('0+', { default: true }),
  inControlledShutdown: boolean('1+'),
  logDirs: array('3+', uuid('0+'), { tag: 0 }),
  cordonedLogDirs: array('4+', uuid('0+'), { nullable: '4+', tag: 1, default: null }),
}));
export type RegisterBrokerRecord = Decoded<typeof registerBrokerRecord>;
export type RegisterBrokerRecordInput = Input<typeof registerBrokerRecord>;

export const unregisterBrokerRecord = data('UnregisterBrokerRecord', 1, '0', '0+', () => ({
  brokerId: int32('0+'),
  brokerEpoch: int64('0+'),
}));
export type UnregisterBrokerRecord = Decoded<typeof unregisterBrokerRecord>;
export type UnregisterBrokerRecordInput = Input<typeof unregisterBrokerRecord>;

export const topicRecord = data('TopicRecord', 2, '0', '0+', () => ({
  name: string('0+'),
  topicId: uuid('0+'),
}));
export type TopicRecord = Decoded<typeof topicRecord>;
export type TopicRecordInput = Input<typeof topicRecord>;

export const partitionRecord = data('PartitionRecord', 3, '0-2', '0+', () => ({
  partitionId: int32('0+', { default: -1 }),
  topicId: uuid('0+'),
  replicas: array('0+', int32('0+')),
  isr: array('0+', int32('0+')),
  removingReplicas: array('0+', int32('0+')),
  addingReplicas: array('0+', int32('0+')),
  leader: int32('0+', { default: -1 }),
  leaderRecoveryState: int8('0+', { tag: 0 }),
  leaderEpoch: int32('0+', { default: -1 }),
  partitionEpoch: int32('0+', { default: -1 }),
  directories: array('1+', uuid('0+')),
  eligibleLeaderReplicas: array('2+', int32('0+'), { nullable: '2+', tag: 1, default: null }),
  lastKnownElr: array('2+', int32('0+'), { nullable: '2+', tag: 2, default: null }),
}));
export type PartitionRecord = Decoded<typeof partitionRecord>;
export type PartitionRecordInput = Input<typeof partitionRecord>;

export const configRecord = data('ConfigRecord', 4, '0', '0+', () => ({
  resourceType: int8('0+'),
  resourceName: string('0+'),
  name: string('0+'),
  value: string('0+', { nullable: '0+' }),
}));
export type ConfigRecord = Decoded<typeof configRecord>;
export type ConfigRecordInput = Input<typeof configRecord>;

export const partitionChangeRecord = data('PartitionChangeRecord', 5, '0-2', '0+', () => ({
  partitionId: int32('0+', { default: -1 }),
  topicId: uuid('0+'),
  isr: array('0+', int32('0+'), { nullable: '0+', tag: 0, default: null }),
  leader: int32('0+', { tag: 1, default: -2 }),
  replicas: array('0+', int32('0+'), { nullable: '0+', tag: 2, default: null }),
  removingReplicas: array('0+', int32('0+'), { nullable: '0+', tag: 3, default: null }),
  addingReplicas: array('0+', int32('0+'), { nullable: '0+', tag: 4, default: null }),
  leaderRecoveryState: int8('0+', { tag: 5, default: -1 }),
  directories: array('1+', uuid('0+'), { nullable: '1+', tag: 8, default: null }),
  eligibleLeaderReplicas: array('2+', int32('0+'), { nullable: '2+', tag: 6, default: null }),
  lastKnownElr: array('2+', int32('0+'), { nullable: '2+', tag: 7, default: null }),
}));
export type PartitionChangeRecord = Decoded<typeof partitionChangeRecord>;
export type PartitionChangeRecordInput = Input<typeof partitionChangeRecord>;

export const fenceBrokerRecord = data('FenceBrokerRecord', 7, '0', '0+', () => ({
  id: int32('0+'),
  epoch: int64('0+'),
}));
export type FenceBrokerRecord = Decoded<typeof fenceBrokerRecord>;
export type FenceBrokerRecordInput = Input<typeof fenceBrokerRecord>;

export const unfenceBrokerRecord = data('UnfenceBrokerRecord', 8, '0', '0+', () => ({
  id: int32('0+'),
  epoch: int64('0+'),
}));
export type UnfenceBrokerRecord = Decoded<typeof unfenceBrokerRecord>;
export type UnfenceBrokerRecordInput = Input<typeof unfenceBrokerRecord>;

export const removeTopicRecord = data('RemoveTopicRecord', 9, '0', '0+', () => ({
  topicId: uuid('0+'),
}));
export type RemoveTopicRecord = Decoded<typeof removeTopicRecord>;
export type RemoveTopicRecordInput = Input<typeof removeTopicRecord>;

export const delegationTokenRecord = data('DelegationTokenRecord', 10, '0', '0+', () => ({
  owner: string('0+'),
  requester: string('0+'),
  renewers: array('0+', string('0+')),
  issueTimestamp: int64('0+'),
  maxTimestamp: int64('0+'),
  expirationTimestamp: int64('0+'),
  tokenId: string('0+'),
}));
export type DelegationTokenRecord = Decoded<typeof delegationTokenRecord>;
export type DelegationTokenRecordInput = Input<typeof delegationTokenRecord>;

export const userScramCredentialRecord = data('UserScramCredentialRecord', 11, '0', '0+', () => ({
  name: string('0+'),
  mechanism: int8('0+'),
  salt: bytes('0+'),
  storedKey: bytes('0+'),
  serverKey: bytes('0+'),
  iterations: int32('0+'),
}));
export type UserScramCredentialRecord = Decoded<typeof userScramCredentialRecord>;
export type UserScramCredentialRecordInput = Input<typeof userScramCredentialRecord>;

export const featureLevelRecord = data('FeatureLevelRecord', 12, '0', '0+', () => ({
  name: string('0+'),
  featureLevel: int16('0+'),
}));
export type FeatureLevelRecord = Decoded<typeof featureLevelRecord>;
export type FeatureLevelRecordInput = Input<typeof featureLevelRecord>;

export const clientQuotaRecord = data('ClientQuotaRecord', 14, '0', '0+', () => ({
  entity: array('0+', {
    entityType: string('0+'),
    entityName: string('0+', { nullable: '0+' }),
  }),
  key: string('0+'),
  value: float64('0+'),
  remove: boolean('0+'),
}));
export type ClientQuotaRecord = Decoded<typeof clientQuotaRecord>;
export type ClientQuotaRecordInput = Input<typeof clientQuotaRecord>;

export const producerIdsRecord = data('ProducerIdsRecord', 15, '0', '0+', () => ({
  brokerId: int32('0+'),
  brokerEpoch: int64('0+', { default: -1 }),
  nextProducerId: int64('0+'),
}));
export type ProducerIdsRecord = Decoded<typeof producerIdsRecord>;
export type ProducerIdsRecordInput = Input<typeof producerIdsRecord>;

export const brokerRegistrationChangeRecord = data('BrokerRegistrationChangeRecord', 17, '0-3', '0+', () => ({
  brokerId: int32('0+'),
  brokerEpoch: int64('0+'),
  fenced: int8('0+', { tag: 0 }),
  inControlledShutdown: int8('1+', { tag: 1 }),
  logDirs: array('2+', uuid('0+'), { tag: 2 }),
  cordonedLogDirs: array('3+', uuid('0+'), { nullable: '3+', tag: 3, default: null }),
}));
export type BrokerRegistrationChangeRecord = Decoded<typeof brokerRegistrationChangeRecord>;
export type BrokerRegistrationChangeRecordInput = Input<typeof brokerRegistrationChangeRecord>;

export const accessControlEntryRecord = data('AccessControlEntryRecord', 18, '0', '0+', () => ({
  id: uuid('0+'),
  resourceType: int8('0+'),
  resourceName: string('0+'),
  patternType: int8('0+'),
  principal: string('0+'),
  host: string('0+'),
  operation: int8('0+'),
  permissionType: int8('0+'),
}));
export type AccessControlEntryRecord = Decoded<typeof accessControlEntryRecord>;
export type AccessControlEntryRecordInput = Input<typeof accessControlEntryRecord>;

export const removeAccessControlEntryRecord = data('RemoveAccessControlEntryRecord', 19, '0', '0+', () => ({
  id: uuid('0+'),
}));
export type RemoveAccessControlEntryRecord = Decoded<typeof removeAccessControlEntryRecord>;
export type RemoveAccessControlEntryRecordInput = Input<typeof removeAccessControlEntryRecord>;

export const noOpRecord = data('NoOpRecord', 20, '0', '0+', () => ({}));
export type NoOpRecord = Decoded<typeof noOpRecord>;
export type NoOpRecordInput = Input<typeof noOpRecord>;

export const zkMigrationRecord = data('ZkMigrationStateRecord', 21, '0', '0+', () => ({
  zkMigrationState: int8('0+'),
}));
export type ZkMigrationRecord = Decoded<typeof zkMigrationRecord>;
export type ZkMigrationRecordInput = Input<typeof zkMigrationRecord>;

export const removeUserScramCredentialRecord = data('RemoveUserScramCredentialRecord', 22, '0', '0+', () => ({
  name: string('0+'),
  mechanism: int8('0+'),
}));
export type RemoveUserScramCredentialRecord = Decoded<typeof removeUserScramCredentialRecord>;
export type RemoveUserScramCredentialRecordInput = Input<typeof removeUserScramCredentialRecord>;

export const beginTransactionRecord = data('BeginTransactionRecord', 23, '0', '0+', () => ({
  name: string('0+', { nullable: '0+', tag: 0, default: null }),
}));
export type BeginTransactionRecord = Decoded<typeof beginTransactionRecord>;
export type BeginTransactionRecordInput = Input<typeof beginTransactionRecord>;

export const endTransactionRecord = data('EndTransactionRecord', 24, '0', '0+', () => ({}));
export type EndTransactionRecord = Decoded<typeof endTransactionRecord>;
export type EndTransactionRecordInput = Input<typeof endTransactionRecord>;

export const abortTransactionRecord = data('AbortTransactionRecord', 25, '0', '0+', () => ({
  reason: string('0+', { nullable: '0+', tag: 0, default: null }),
}));
export type AbortTransactionRecord = Decoded<typeof abortTransactionRecord>;
export type AbortTransactionRecordInput = Input<typeof abortTransactionRecord>;

export const removeDelegationTokenRecord = data('RemoveDelegationTokenRecord', 26, '0', '0+', () => ({
  tokenId: string('0+'),
}));
export type RemoveDelegationTokenRecord = Decoded<typeof removeDelegationTokenRecord>;
export type RemoveDelegationTokenRecordInput = Input<typeof removeDelegationTokenRecord>;

export const registerControllerRecord = data('RegisterControllerRecord', 27, '0', '0+', () => ({
  controllerId: int32('0+'),
  incarnationId: uuid('0+'),
  zkMigrationReady: boolean('0+'),
  endPoints: array('0+', {
    name: string('0+'),
    host: string('0+'),
    port: uint16('0+'),
    securityProtocol: int16('0+'),
  }),
  features: array('0+', {
    name: string('0+'),
    minSupportedVersion: int16('0+'),
    maxSupportedVersion: int16('0+'),
  }),
}));
export type RegisterControllerRecord = Decoded<typeof registerControllerRecord>;
export type RegisterControllerRecordInput = Input<typeof registerControllerRecord>;

export const clearElrRecord = data('ClearElrRecord', 28, '0', '0+', () => ({
  topicName: string('0+'),
}));
export type ClearElrRecord = Decoded<typeof clearElrRecord>;
export type ClearElrRecordInput = Input<typeof clearElrRecord>;

export const unregisterControllerRecord = data('UnregisterControllerRecord', 29, '0', '0+', () => ({
  controllerId: int32('0+'),
}));
export type UnregisterControllerRecord = Decoded<typeof unregisterControllerRecord>;
export type UnregisterControllerRecordInput = Input<typeof unregisterControllerRecord>;
