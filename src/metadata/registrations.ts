import { KafkaError } from '../base/kafka-error.ts';
import { LOST_DIRECTORY, MIGRATING_DIRECTORY, UNASSIGNED_DIRECTORY, type Uuid } from '../base/uuid.ts';
import type { VersionRange } from '../protocol/versions.ts';
import { featureRanges } from './features.ts';
import { type MetadataRecordBody, type MetadataRecordOf, metadataRecord } from './metadata-record.ts';
import {
  registerBrokerRecordVersion,
  supportsCordonedLogDirs,
  supportsDirectoryAssignment,
} from './record-versions.ts';

/** One listener of a node, as clients and other nodes reach it. */
export interface Endpoint {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL. */
  readonly securityProtocol: number;
}

/** A broker that has registered. Never changed in place. */
export interface BrokerRegistration {
  readonly id: number;
  /** Offset that the controller was about to write when it registered the incarnation. */
  readonly epoch: number;
  readonly incarnationId: Uuid;
  readonly listeners: readonly Endpoint[];
  readonly supportedFeatures: ReadonlyMap<string, VersionRange>;
  readonly rack: string | null;
  /** A fenced broker is not shown to clients and leads nothing. */
  readonly fenced: boolean;
  readonly inControlledShutdown: boolean;
  readonly isMigratingZkBroker: boolean;
  /** Ids of its online log directories, sorted. */
  readonly directories: readonly Uuid[];
  /** Ids of log directories that get no new replicas; null until the broker has told. */
  readonly cordonedDirectories: readonly Uuid[] | null;
}

/** A controller that has registered. */
export interface ControllerRegistration {
  readonly id: number;
  readonly incarnationId: Uuid;
  readonly zkMigrationReady: boolean;
  readonly listeners: readonly Endpoint[];
  readonly supportedFeatures: ReadonlyMap<string, VersionRange>;
}

/** Unfenced and not on its way out: may lead and be in an ISR. */
export function isActive(broker: BrokerRegistration | undefined): broker is BrokerRegistration {
  return broker !== undefined && !broker.fenced && !broker.inControlledShutdown;
}

/** Whether the directory of a replica on this broker is one that is online, or not known to be otherwise. */
export function hasOnlineDirectory(broker: BrokerRegistration, directory: Uuid): boolean {
  if (directory === UNASSIGNED_DIRECTORY || directory === MIGRATING_DIRECTORY) return true;
  if (directory === LOST_DIRECTORY) return false;
  return broker.directories.length === 0 || broker.directories.includes(directory);
}

export function brokerFromRecord(record: MetadataRecordBody<'RegisterBrokerRecord'>): BrokerRegistration {
  return {
    id: record.brokerId,
    epoch: record.brokerEpoch,
    incarnationId: record.incarnationId,
    listeners: record.endPoints,
    supportedFeatures: featureRanges(record.features),
    rack: record.rack,
    fenced: record.fenced,
    inControlledShutdown: record.inControlledShutdown,
    isMigratingZkBroker: record.isMigratingZkBroker,
    directories: [...record.logDirs].sort(),
    cordonedDirectories: record.cordonedLogDirs === null ? null : [...record.cordonedLogDirs].sort(),
  };
}

export function brokerToRecord(
  broker: BrokerRegistration,
  metadataVersion: number,
): MetadataRecordOf<'RegisterBrokerRecord'> {
  return metadataRecord(
    'RegisterBrokerRecord',
    {
      brokerId: broker.id,
      isMigratingZkBroker: broker.isMigratingZkBroker,
      incarnationId: broker.incarnationId,
      brokerEpoch: broker.epoch,
      endPoints: broker.listeners,
      features: featuresToRecord(broker.supportedFeatures),
      rack: broker.rack,
      fenced: broker.fenced,
      inControlledShutdown: broker.inControlledShutdown,
      logDirs: supportsDirectoryAssignment(metadataVersion) ? broker.directories : [],
      cordonedLogDirs: supportsCordonedLogDirs(metadataVersion) ? broker.cordonedDirectories : null,
    },
    registerBrokerRecordVersion(metadataVersion),
  );
}

/** The features of a registration as its record carries them. */
export function featuresToRecord(features: ReadonlyMap<string, VersionRange>) {
  return [...features].map(([name, range]) => ({
    name,
    minSupportedVersion: range.min,
    maxSupportedVersion: range.max,
    unknownTaggedFields: undefined,
  }));
}

/** The broker after a BrokerRegistrationChangeRecord. Throws when the record is for another incarnation. */
export function changedBroker(
  previous: BrokerRegistration | undefined,
  change: MetadataRecordBody<'BrokerRegistrationChangeRecord'>,
): BrokerRegistration {
  const broker = checkEpoch(previous, change.brokerId, change.brokerEpoch);
  return {
    ...broker,
    fenced: change.fenced === 0 ? broker.fenced : change.fenced > 0,
    inControlledShutdown: change.inControlledShutdown === 0 ? broker.inControlledShutdown : true,
    directories: change.logDirs.length === 0 ? broker.directories : [...change.logDirs].sort(),
    cordonedDirectories:
      change.cordonedLogDirs === null ? broker.cordonedDirectories : [...change.cordonedLogDirs].sort(),
  };
}

/** The broker with that id, when it is the incarnation with that epoch; throws otherwise. */
export function checkEpoch(broker: BrokerRegistration | undefined, id: number, epoch: number): BrokerRegistration {
  if (broker === undefined || broker.epoch !== epoch) {
    const known = broker === undefined ? 'is not registered' : `has epoch ${broker.epoch}`;
    throw new KafkaError('UNKNOWN_SERVER_ERROR', `a record changes broker ${id} with epoch ${epoch}, which ${known}`);
  }
  return broker;
}

export function controllerFromRecord(record: MetadataRecordBody<'RegisterControllerRecord'>): ControllerRegistration {
  return {
    id: record.controllerId,
    incarnationId: record.incarnationId,
    zkMigrationReady: record.zkMigrationReady,
    listeners: record.endPoints,
    supportedFeatures: featureRanges(record.features),
  };
}

export function controllerToRecord(controller: ControllerRegistration): MetadataRecordOf<'RegisterControllerRecord'> {
  return metadataRecord('RegisterControllerRecord', {
    controllerId: controller.id,
    incarnationId: controller.incarnationId,
    zkMigrationReady: controller.zkMigrationReady,
    endPoints: controller.listeners,
    features: featuresToRecord(controller.supportedFeatures),
  });
}
