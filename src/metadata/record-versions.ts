/**
 * Record versions that a metadata.version allows to write (Kafka's MetadataVersion). A node at that level stops when it
 * meets a higher one.
 */

import type { MetadataRecordBody } from './metadata-record.ts';

// Levels of metadata.version from which on something is there.
const BROKER_MIGRATION = 8;
const CONTROLLER_REGISTRATION = 15;
const DIRECTORY_ASSIGNMENT = 17;
const ELIGIBLE_LEADER_REPLICAS = 23;
const CORDONED_LOG_DIRS = 30;
const CONTROLLED_SHUTDOWN_IN_REGISTRATION = 7;

export function registerBrokerRecordVersion(metadataVersion: number): number {
  if (metadataVersion >= CORDONED_LOG_DIRS) return 4;
  if (metadataVersion >= DIRECTORY_ASSIGNMENT) return 3;
  if (metadataVersion >= BROKER_MIGRATION) return 2;
  return metadataVersion >= CONTROLLED_SHUTDOWN_IN_REGISTRATION ? 1 : 0;
}

export function partitionRecordVersion(metadataVersion: number): number {
  if (metadataVersion >= ELIGIBLE_LEADER_REPLICAS) return 2;
  return metadataVersion >= DIRECTORY_ASSIGNMENT ? 1 : 0;
}

/** Holds for PartitionChangeRecord alike. */
export const partitionChangeRecordVersion = partitionRecordVersion;

export function supportsCordonedLogDirs(metadataVersion: number): boolean {
  return metadataVersion >= CORDONED_LOG_DIRS;
}

export function supportsDirectoryAssignment(metadataVersion: number): boolean {
  return metadataVersion >= DIRECTORY_ASSIGNMENT;
}

export function supportsControllerRegistration(metadataVersion: number): boolean {
  return metadataVersion >= CONTROLLER_REGISTRATION;
}

/** The lowest version that carries what the change says, as Kafka writes it. */
export function brokerRegistrationChangeVersion(change: MetadataRecordBody<'BrokerRegistrationChangeRecord'>): number {
  if (change.cordonedLogDirs !== null) return 3;
  if (change.logDirs.length > 0) return 2;
  return change.inControlledShutdown === 0 ? 0 : 1;
}
