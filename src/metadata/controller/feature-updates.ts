import { KafkaError } from '../../base/kafka-error.ts';
import { ErrorCode } from '../../protocol/error-codes.ts';
import type { UpdateFeaturesRequest, UpdateFeaturesResponseInput } from '../../protocol/messages/57-update-features.ts';
import type { VersionRange } from '../../protocol/versions.ts';
import {
  ELR_VERSION,
  KRAFT_VERSION,
  LATEST_METADATA_VERSION,
  METADATA_VERSION,
  SUPPORTED_FEATURES,
} from '../features.ts';
import { RESOURCE_BROKER } from '../metadata-image.ts';
import { type MetadataRecord, metadataRecord } from '../metadata-record.ts';
import { supportsControllerRegistration } from '../record-versions.ts';
import type { ControllerState, Decision } from './controller-state.ts';

const UPGRADE = 1;
const SAFE_DOWNGRADE = 2;
const UNSAFE_DOWNGRADE = 3;

const DISABLED: VersionRange = { min: 0, max: 0 };
/** metadata.version levels that brought records or fields of records; going below one would lose them. */
const LEVELS_THAT_CHANGED_RECORDS = [8, 11, 13, 14, 15, 17, 23, 30, 31, 32, 33];
/** The lowest metadata.version at which eligible.leader.replicas.version 1 can be. */
const ELR_METADATA_VERSION = 23;

/**
 * UpdateFeatures (KIP-584): all of the updates or none. Before version 2 the response has a result for each feature;
 * since version 1 an error is told for the request as a whole.
 */
export function decideUpdateFeatures(
  state: ControllerState,
  request: UpdateFeaturesRequest,
  apiVersion: number,
): Decision<UpdateFeaturesResponseInput> {
  // A feature that stands twice counts once, the last level, as in Kafka.
  const updates = new Map<string, { level: number; upgradeType: number }>();
  for (const { feature, maxVersionLevel, allowDowngrade, upgradeType } of request.featureUpdates) {
    const type = apiVersion > 0 ? upgradeType : allowDowngrade ? SAFE_DOWNGRADE : UPGRADE;
    updates.set(feature, { level: maxVersionLevel, upgradeType: type });
  }
  const records: MetadataRecord[] = [];
  try {
    for (const [feature, { level, upgradeType }] of updates) {
      records.push(...updateFeature(state, feature, level, upgradeType));
    }
  } catch (error) {
    if (!(error instanceof KafkaError) || error.errorName !== 'INVALID_UPDATE_VERSION') throw error;
    const errorMessage = `The update failed for all features since the following feature had an error: ${error.message}`;
    return { records: [], response: { errorCode: ErrorCode.INVALID_UPDATE_VERSION, errorMessage, results: [] } };
  }
  // Only now, when no other update can fail: these records are appended here and not with the others.
  const kraftUpdate = updates.get(KRAFT_VERSION);
  if (kraftUpdate?.upgradeType === UPGRADE && !request.validateOnly) {
    state.kraftVersion.raise(state.epoch, kraftUpdate.level, false);
  }
  if ((updates.get(ELR_VERSION)?.level ?? 0) > 0) records.unshift(...elrSafetyRecords(state));
  const features = apiVersion < 2 ? [...updates.keys()] : [];
  const results = features.map((feature) => ({ feature, errorMessage: 'NONE' }));
  const response = { errorMessage: null, results };
  return { records: request.validateOnly ? [] : records, response, isAtomic: true };
}

function updateFeature(state: ControllerState, feature: string, level: number, upgradeType: number): MetadataRecord[] {
  const refuse = (why: string): KafkaError =>
    new KafkaError('INVALID_UPDATE_VERSION', `Invalid update version ${level} for feature ${feature}. ${why}`);
  if (upgradeType < UPGRADE || upgradeType > UNSAFE_DOWNGRADE) {
    throw refuse('The controller does not support the given upgrade type.');
  }
  const current = currentLevel(state, feature);
  if (level < 0) throw refuse('A feature version cannot be less than 0.');
  const reason = reasonNotSupported(state, feature, level);
  if (reason !== undefined) throw refuse(reason);
  if (level < current && upgradeType === UPGRADE) {
    throw refuse(
      "Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe downgrade.",
    );
  }
  if (level > current && upgradeType !== UPGRADE) throw refuse("Can't downgrade to a newer version.");
  if (feature === KRAFT_VERSION) {
    if (upgradeType === UPGRADE) return checkKRaftUpgrade(state, level);
    if (level !== current) throw refuse("Can't downgrade the version of this feature.");
    return [];
  }
  if (feature === METADATA_VERSION) checkMetadataDowngrade(current, level, upgradeType);
  if (feature === ELR_VERSION && level > 0 && state.image.metadataVersion < ELR_METADATA_VERSION) {
    throw refuse(
      `${feature} could not be set to ${level} because it depends on ${METADATA_VERSION} level ${ELR_METADATA_VERSION}`,
    );
  }
  return [metadataRecord('FeatureLevelRecord', { name: feature, featureLevel: level })];
}

// The no-op record gives the answer an offset to wait for: the control records before it are committed with it.
function checkKRaftUpgrade(state: ControllerState, level: number): MetadataRecord[] {
  state.kraftVersion.raise(state.epoch, level, true);
  return [metadataRecord('NoOpRecord', {})];
}

function currentLevel(state: ControllerState, feature: string): number {
  if (feature === METADATA_VERSION) return state.image.metadataVersion;
  return feature === KRAFT_VERSION ? state.kraftVersion.level() : state.image.featureLevel(feature);
}

function reasonNotSupported(state: ControllerState, feature: string, level: number): string | undefined {
  const check = (who: string, range: VersionRange): string | undefined => {
    if (level >= range.min && level <= range.max) return undefined;
    return range.max === 0
      ? `${who} does not support this feature.`
      : `${who} only supports versions ${range.min}-${range.max}`;
  };
  const own = check(`Local controller ${state.nodeId}`, SUPPORTED_FEATURES.get(feature) ?? DISABLED);
  if (own !== undefined) return own;
  for (const { id, supportedFeatures } of state.image.brokers.values()) {
    const reason = check(`Broker ${id}`, supportedFeatures.get(feature) ?? DISABLED);
    if (reason !== undefined) return reason;
  }
  if (!supportsControllerRegistration(state.image.metadataVersion)) return undefined;
  for (const { id, supportedFeatures } of state.image.controllers.values()) {
    if (id === state.nodeId) continue;
    const reason = check(`Controller ${id}`, supportedFeatures.get(feature) ?? DISABLED);
    if (reason !== undefined) return reason;
  }
  const silent = state.quorumNodeIds().find((id) => id !== state.nodeId && !state.image.controllers.has(id));
  return silent === undefined ? undefined : `controller ${silent} has not registered, and may not support this feature`;
}

function checkMetadataDowngrade(current: number, level: number, upgradeType: number): void {
  if (level > LATEST_METADATA_VERSION || level >= current) return;
  if (!LEVELS_THAT_CHANGED_RECORDS.some((changed) => changed > level && changed <= current)) return;
  const why =
    upgradeType === UNSAFE_DOWNGRADE
      ? 'Unsafe metadata downgrade is not supported in this version.'
      : 'Refusing to perform the requested downgrade because it might delete metadata information.';
  throw new KafkaError(
    'INVALID_UPDATE_VERSION',
    `Unsupported metadata.version downgrade from ${current} to ${level}. ${why}`,
  );
}

/** With ELR on, min.insync.replicas is one value for all brokers: it is written down, and brokers' own go (KIP-966). */
export function elrSafetyRecords(state: ControllerState): MetadataRecord[] {
  const name = 'min.insync.replicas';
  const records: MetadataRecord[] = [];
  if (!state.image.configs(RESOURCE_BROKER, '').has(name)) {
    const value = String(Number(state.config.staticProperties.get(name) ?? '1'));
    records.push(metadataRecord('ConfigRecord', { resourceType: RESOURCE_BROKER, resourceName: '', name, value }));
  }
  for (const [resourceType, resourceName] of state.image.configuredResources()) {
    if (resourceType !== RESOURCE_BROKER || resourceName === '') continue;
    if (!state.image.configs(resourceType, resourceName).has(name)) continue;
    records.push(metadataRecord('ConfigRecord', { resourceType, resourceName, name, value: null }));
  }
  return records;
}
