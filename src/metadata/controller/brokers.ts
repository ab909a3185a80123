import { KafkaError } from '../../base/kafka-error.ts';
import type { Uuid } from '../../base/uuid.ts';
import type {
  BrokerRegistrationRequest,
  BrokerRegistrationResponseInput,
} from '../../protocol/messages/62-broker-registration.ts';
import type {
  BrokerHeartbeatRequest,
  BrokerHeartbeatResponseInput,
} from '../../protocol/messages/63-broker-heartbeat.ts';
import type { ControllerRegistrationRequest } from '../../protocol/messages/70-controller-registration.ts';
import { METADATA_VERSION } from '../features.ts';
import { type MetadataRecord, metadataRecord } from '../metadata-record.ts';
import {
  registerBrokerRecordVersion,
  supportsControllerRegistration,
  supportsCordonedLogDirs,
  supportsDirectoryAssignment,
} from '../record-versions.ts';
import type { BrokerRegistration } from '../registrations.ts';
import type { ControllerState, Decision } from './controller-state.ts';
import {
  cleanUpIncarnation,
  directoriesOffline,
  fenceBroker,
  registrationChange,
  startControlledShutdown,
  unfenceBroker,
  unregisterBroker,
} from './partition-updates.ts';

/** Throws KafkaError STALE_BROKER_EPOCH unless the broker is registered with this epoch. */
export function checkBrokerEpoch(state: ControllerState, id: number, epoch: number): BrokerRegistration {
  const broker = state.image.brokers.get(id);
  if (broker === undefined) {
    throw new KafkaError('STALE_BROKER_EPOCH', `No broker registration found for broker id ${id}`);
  }
  if (broker.epoch !== epoch) {
    throw new KafkaError('STALE_BROKER_EPOCH', `Expected broker epoch ${broker.epoch}, but got broker epoch ${epoch}`);
  }
  return broker;
}

/** Directory ids below 100 have a meaning of their own (KIP-858): 14 zero bytes, and two whose number is below 100. */
function isReserved(directoryId: Uuid): boolean {
  const bytes = Buffer.from(directoryId, 'base64url');
  return bytes.subarray(0, 15).every((byte) => byte === 0) && (bytes[15] ?? 0) < 100;
}

/**
 * BrokerRegistration: lets a new incarnation of a broker in, fenced, or changes what is known of the present one. The
 * epoch of a new incarnation is the offset that is about to be written. Throws KafkaError INCONSISTENT_CLUSTER_ID,
 * DUPLICATE_BROKER_REGISTRATION, INVALID_REGISTRATION, UNSUPPORTED_VERSION.
 */
export function decideBrokerRegistration(
  state: ControllerState,
  request: BrokerRegistrationRequest,
): Decision<BrokerRegistrationResponseInput> {
  const { brokerId, incarnationId } = request;
  if (request.clusterId !== state.clusterId) {
    throw new KafkaError(
      'INCONSISTENT_CLUSTER_ID',
      `Expected cluster ID ${state.clusterId}, but got cluster ID ${request.clusterId}`,
    );
  }
  const existing = state.image.brokers.get(brokerId);
  const isSame = existing?.incarnationId === incarnationId;
  const isOurs = brokerId === state.nodeId && incarnationId === state.ownIncarnationId();
  // -2 stands for "never registered", which no previousBrokerEpoch equals.
  const wasCleanShutdown = (existing?.epoch ?? -2) === request.previousBrokerEpoch;
  // Kafka lets who stopped cleanly wait for the old session to run out too; but only that incarnation's own folder can
  // tell its epoch, and only once it has ended, so there is nothing to wait for.
  const isNewcomer = !isSame && !isOurs && !wasCleanShutdown;
  if (existing !== undefined && isNewcomer && state.sessions.hasValidSession(brokerId, existing.epoch)) {
    throw new KafkaError(
      'DUPLICATE_BROKER_REGISTRATION',
      'Another broker is registered with that broker id. If the broker was recently restarted this should ' +
        "self-resolve once the heartbeat manager expires the broker's session.",
    );
  }
  if (request.isMigratingZkBroker) {
    throw new KafkaError('BROKER_ID_NOT_REGISTERED', 'Controller does not support registering ZK brokers.');
  }
  const metadataVersion = state.image.metadataVersion;
  if (supportsDirectoryAssignment(metadataVersion)) checkLogDirs(state, request);
  checkFeatures(state, request);
  const records = isSame ? [] : cleanUpIncarnation(state, brokerId, wasCleanShutdown);
  const brokerEpoch = isSame ? existing.epoch : state.nextOffset();
  const registration = metadataRecord(
    'RegisterBrokerRecord',
    {
      brokerId,
      incarnationId,
      brokerEpoch,
      endPoints: request.listeners,
      features: request.features,
      rack: request.rack,
      fenced: isSame ? existing.fenced : true,
      inControlledShutdown: isSame ? existing.inControlledShutdown : false,
      logDirs: supportsDirectoryAssignment(metadataVersion) ? request.logDirs : [],
    },
    registerBrokerRecordVersion(metadataVersion),
  );
  // The registration is last: if the batches before it are all that is written, the broker registers anew.
  return { records: [...records, registration], response: { brokerEpoch } };
}

function checkLogDirs(state: ControllerState, { brokerId, logDirs }: BrokerRegistrationRequest): void {
  const refuse = (message: string): KafkaError => new KafkaError('INVALID_REGISTRATION', message);
  if (logDirs.length === 0) throw refuse('No directories specified in request');
  if (logDirs.some(isReserved)) throw refuse('Reserved directory ID in request');
  if (new Set(logDirs).size !== logDirs.length) throw refuse('Duplicate directory ID in request');
  for (const directory of logDirs) {
    for (const other of state.image.brokers.values()) {
      if (other.id !== brokerId && other.directories.includes(directory)) {
        throw refuse(`Broker ${other.id} is already registered with directory ${directory}`);
      }
    }
  }
}

function checkFeatures(state: ControllerState, { features }: BrokerRegistrationRequest): void {
  const check = (name: string, min: number, max: number): void => {
    const finalised = name === METADATA_VERSION ? state.image.metadataVersion : state.image.featureLevel(name);
    if (finalised >= min && finalised <= max) return;
    throw new KafkaError(
      'UNSUPPORTED_VERSION',
      `Unable to register because the broker does not support finalized version ${finalised} of ${name}. ` +
        `The broker wants a version between ${min} and ${max}, inclusive.`,
    );
  };
  for (const { name, minSupportedVersion, maxSupportedVersion } of features) {
    check(name, minSupportedVersion, maxSupportedVersion);
  }
  const named = new Set(features.map(({ name }) => name));
  if (!named.has(METADATA_VERSION)) {
    throw new KafkaError('INVALID_REGISTRATION', `Request features do not contain '${METADATA_VERSION}'`);
  }
  for (const [name, level] of state.image.features) {
    if (level !== 0 && !named.has(name)) check(name, 0, 0);
  }
}

/** ControllerRegistration: what a controller reports of itself each time it starts. */
export function decideControllerRegistration(
  state: ControllerState,
  request: ControllerRegistrationRequest,
): Decision<Record<string, never>> {
  if (!supportsControllerRegistration(state.image.metadataVersion)) {
    throw new KafkaError(
      'UNSUPPORTED_VERSION',
      'The current MetadataVersion is too old to support controller registrations.',
    );
  }
  const { controllerId, incarnationId, listeners, features } = request;
  const body = { controllerId, incarnationId, zkMigrationReady: false, endPoints: listeners, features };
  return { records: [metadataRecord('RegisterControllerRecord', body)], response: {}, isAtomic: true };
}

/** UnregisterBroker. Throws KafkaError BROKER_ID_NOT_REGISTERED. */
export function decideUnregisterBroker(state: ControllerState, brokerId: number): Decision<Record<string, never>> {
  const broker = state.image.brokers.get(brokerId);
  if (broker === undefined) {
    throw new KafkaError('BROKER_ID_NOT_REGISTERED', `Broker ID ${brokerId} is not currently registered`);
  }
  return { records: unregisterBroker(state, brokerId, broker.epoch), response: {} };
}

type NextState = 'fenced' | 'unfenced' | 'controlledShutdown' | 'shutdownNow';

/**
 * BrokerHeartbeat: keeps the broker's session alive and moves it between fenced, unfenced and controlled shutdown, as it
 * wants and as far as it may. Throws KafkaError STALE_BROKER_EPOCH.
 */
export function decideBrokerHeartbeat(
  state: ControllerState,
  request: BrokerHeartbeatRequest,
): Decision<BrokerHeartbeatResponseInput> {
  const { brokerId, brokerEpoch, currentMetadataOffset } = request;
  const broker = checkBrokerEpoch(state, brokerId, brokerEpoch);
  const registrationOffset = state.registrationOffsets.get(brokerId) ?? broker.epoch;
  const isCaughtUp = currentMetadataOffset >= registrationOffset;
  const isShuttingDown = state.sessions.isShuttingDown(brokerId);
  const current: NextState = isShuttingDown ? 'controlledShutdown' : broker.fenced ? 'fenced' : 'unfenced';
  const next = nextState(state, request, current, isCaughtUp);
  const records: MetadataRecord[] = [];
  if (next !== current) {
    if (next === 'unfenced') records.push(...unfenceBroker(state, brokerId, brokerEpoch));
    else if (next === 'controlledShutdown') records.push(...startControlledShutdown(state, brokerId, brokerEpoch));
    else records.push(...fenceBroker(state, brokerId, brokerEpoch));
  }
  const isFenced = next === 'fenced' || next === 'shutdownNow';
  state.sessions.contact(brokerId);
  state.sessions.touch(brokerId, isFenced, currentMetadataOffset);
  if (next === 'controlledShutdown') {
    // Offset of the last record by which its leaderships leave it.
    state.sessions.enterControlledShutdown(brokerId, state.nextOffset() + records.length - 1);
  }
  records.push(...directoryRecords(state, broker, request));
  return { records, response: { isCaughtUp, isFenced, shouldShutDown: next === 'shutdownNow' } };
}

function nextState(
  state: ControllerState,
  request: BrokerHeartbeatRequest,
  current: NextState,
  isCaughtUp: boolean,
): NextState {
  const { brokerId, wantFence, wantShutDown } = request;
  if (current === 'fenced') {
    if (wantShutDown) return 'shutdownNow';
    return !wantFence && isCaughtUp ? 'unfenced' : 'fenced';
  }
  if (current === 'unfenced') {
    if (wantFence) return wantShutDown ? 'shutdownNow' : 'fenced';
    if (!wantShutDown) return 'unfenced';
    return hasLeaderships(state, brokerId) ? 'controlledShutdown' : 'shutdownNow';
  }
  if (hasLeaderships(state, brokerId)) return 'controlledShutdown';
  // All who may lead now must have read that they do, or clients would find nobody.
  const isKnownToAll = state.sessions.controlledShutdownOffset(brokerId) <= state.sessions.lowestActiveOffset();
  return isKnownToAll ? 'shutdownNow' : 'controlledShutdown';
}

function hasLeaderships(state: ControllerState, brokerId: number): boolean {
  for (const topic of state.image.topics()) {
    if (topic.partitions.some(({ leader }) => leader === brokerId)) return true;
  }
  return false;
}

function directoryRecords(
  state: ControllerState,
  broker: BrokerRegistration,
  { brokerEpoch, offlineLogDirs, cordonedLogDirs }: BrokerHeartbeatRequest,
): MetadataRecord[] {
  const records: MetadataRecord[] = [];
  const metadataVersion = state.image.metadataVersion;
  if (supportsDirectoryAssignment(metadataVersion)) {
    records.push(...directoriesOffline(state, broker.id, brokerEpoch, offlineLogDirs));
  }
  if (supportsCordonedLogDirs(metadataVersion) && cordonedLogDirs !== null) {
    const known = broker.cordonedDirectories;
    const isSame =
      known !== null && known.length === cordonedLogDirs.length && cordonedLogDirs.every((id) => known.includes(id));
    if (!isSame) records.push(registrationChange(broker.id, brokerEpoch, { cordonedLogDirs }));
  }
  return records;
}

/** UnregisterController (4.4). Throws KafkaError CONTROLLER_ID_NOT_REGISTERED. */
export function decideUnregisterController(
  state: ControllerState,
  controllerId: number,
): Decision<Record<string, never>> {
  if (!state.image.controllers.has(controllerId)) {
    throw new KafkaError('CONTROLLER_ID_NOT_REGISTERED', `Controller ID ${controllerId} is not currently registered.`);
  }
  return { records: [metadataRecord('UnregisterControllerRecord', { controllerId })], response: {}, isAtomic: true };
}
