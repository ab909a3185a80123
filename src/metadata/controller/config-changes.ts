import { KafkaError } from '../../base/kafka-error.ts';
import type { ConfigTable } from '../configs/config-definition.ts';
import { BROKER_TABLE, CLIENT_METRICS_TABLE, GROUP_TABLE, TOPIC_TABLE } from '../configs/config-tables.ts';
import {
  changedList,
  checkClientMetricsConfigs,
  checkGroupConfigs,
  checkTopicConfigs,
} from '../configs/config-validation.ts';
import { METADATA_VERSION, metadataVersionName } from '../features.ts';
import { RESOURCE_BROKER, RESOURCE_CLIENT_METRICS, RESOURCE_GROUP, RESOURCE_TOPIC } from '../metadata-image.ts';
import { type MetadataRecord, type MetadataRecordOf, metadataRecord } from '../metadata-record.ts';
import { supportsCordonedLogDirs } from '../record-versions.ts';
import { checkTopicName } from '../topic-name.ts';
import { type ControllerState, type Decision, isElrEnabled } from './controller-state.ts';
import { apiError } from './topics.ts';

/** Operations of IncrementalAlterConfigs (KIP-339). */
export const OP_SET = 0;
export const OP_DELETE = 1;
export const OP_APPEND = 2;
export const OP_SUBTRACT = 3;

const TABLES: ReadonlyMap<number, ConfigTable> = new Map([
  [RESOURCE_TOPIC, TOPIC_TABLE],
  [RESOURCE_BROKER, BROKER_TABLE],
  [RESOURCE_CLIENT_METRICS, CLIENT_METRICS_TABLE],
  [RESOURCE_GROUP, GROUP_TABLE],
]);

/** The longest value, in characters. */
const MAX_VALUE_LENGTH = 0x7fff;
const MIN_ISR = 'min.insync.replicas';
const CORDONED = 'cordoned.log.dirs';

export interface ConfigChange {
  readonly name: string;
  /** null deletes it. */
  readonly value: string | null;
}

export interface ConfigChangeRequest {
  readonly changes: readonly ConfigChange[];
  /** Configs that go because the legacy request did not name them. */
  readonly implicitlyDeleted?: readonly string[];
  /** The resource comes into being by the same records. */
  readonly isNew?: boolean;
  /** A broker has checked the request before. */
  readonly isForwarded: boolean;
}

/**
 * The records that change the configs of one resource, ClearElrRecord included where min.insync.replicas changes
 * (KIP-966). Throws KafkaError when the resource or what it would have is not valid.
 */
export function decideConfigChange(
  state: ControllerState,
  resourceType: number,
  resourceName: string,
  request: ConfigChangeRequest,
): MetadataRecord[] {
  const existing = state.image.configs(resourceType, resourceName);
  const deleted = (request.implicitlyDeleted ?? []).map((name) => ({ name, value: null }));
  // KAFKA-14136: brokers reload what a config points to when it is set anew to the same value.
  const isWritten = ({ name, value }: ConfigChange): boolean =>
    resourceType === RESOURCE_BROKER || (existing.get(name) ?? null) !== value;
  const written = [...request.changes.filter(isWritten), ...deleted];
  const after = new Map(existing);
  for (const change of written) {
    checkSpecialConfig(state, resourceType, resourceName, change, existing.get(CORDONED), request.isForwarded);
    if (change.value === null) after.delete(change.name);
    else if (change.value.length > MAX_VALUE_LENGTH) throw tooLong();
    else after.set(change.name, change.value);
  }
  checkResource(state, resourceType, resourceName, after, existing);
  if (!request.isNew) checkExists(state, resourceType, resourceName);
  const records: MetadataRecord[] = written.map(({ name, value }) =>
    metadataRecord('ConfigRecord', { resourceType, resourceName, name, value }),
  );
  return [...records, ...clearElrRecords(state, records)];
}

function tooLong(): KafkaError {
  return new KafkaError(
    'INVALID_CONFIG',
    `The configuration value cannot be added because it exceeds the maximum value size of ${MAX_VALUE_LENGTH} bytes.`,
  );
}

function checkSpecialConfig(
  state: ControllerState,
  resourceType: number,
  resourceName: string,
  { name, value }: ConfigChange,
  cordonedNow: string | undefined,
  isForwarded: boolean,
): void {
  if (resourceType !== RESOURCE_BROKER) return;
  const refuse = (message: string): KafkaError => new KafkaError('INVALID_CONFIG', message);
  if (name === MIN_ISR && isElrEnabled(state.image)) {
    if (resourceName !== '') throw refuse(`Broker-level ${MIN_ISR} cannot be altered while ELR is enabled.`);
    if (value === null) throw refuse(`Cluster-level ${MIN_ISR} cannot be removed while ELR is enabled.`);
  }
  if (name !== CORDONED) return;
  if (!supportsCordonedLogDirs(state.image.metadataVersion)) {
    throw refuse(
      `The ${CORDONED} configuration value cannot be set because it requires ${METADATA_VERSION} >= ${metadataVersionName(30)}`,
    );
  }
  // Only the broker knows its directories by path; past it only removals can be allowed.
  if (isForwarded || value === null || value.trim() === '') return;
  const current = (cordonedNow ?? '').split(',').map((directory) => directory.trim());
  if (value.split(',').every((directory) => current.includes(directory.trim()))) return;
  throw refuse(
    `When updating ${CORDONED} via controllers,  the new value must be a subset of the current configuration value.`,
  );
}

function checkResource(
  state: ControllerState,
  type: number,
  name: string,
  configs: ReadonlyMap<string, string>,
  existing: ReadonlyMap<string, string>,
): void {
  switch (type) {
    case RESOURCE_TOPIC:
      if (name === '') throw new KafkaError('INVALID_REQUEST', 'Default topic resources are not allowed.');
      checkTopicName(name);
      checkTopicConfigs(configs, existing, state.config);
      return;
    case RESOURCE_BROKER:
      checkBrokerName(name);
      return;
    case RESOURCE_CLIENT_METRICS:
      if (name === '') throw new KafkaError('INVALID_REQUEST', "Subscription name can't be empty");
      checkClientMetricsConfigs(configs);
      return;
    case RESOURCE_GROUP:
      if (name === '') throw new KafkaError('INVALID_REQUEST', 'Default group resources are not allowed.');
      checkGroupConfigs(configs, state.config);
      return;
    default:
      throw new KafkaError('INVALID_REQUEST', `Unknown resource type ${type}`);
  }
}

function checkBrokerName(name: string): void {
  if (name === '') return;
  if (!/^[+-]?\d+$/.test(name)) {
    throw new KafkaError('INVALID_REQUEST', 'Unable to parse broker name as a base 10 number.');
  }
  if (Number(name) < 0) throw new KafkaError('INVALID_REQUEST', 'Invalid negative broker ID.');
}

function checkExists(state: ControllerState, type: number, name: string): void {
  if (type === RESOURCE_TOPIC && state.image.topic(name) === undefined) {
    throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `The topic '${name}' does not exist.`);
  }
  if (type === RESOURCE_BROKER && name !== '' && !state.image.brokers.has(Number(name))) {
    throw new KafkaError('BROKER_ID_NOT_REGISTERED', `No node with id ${Number(name)} found.`);
  }
}

function clearElrRecords(state: ControllerState, records: readonly MetadataRecord[]): MetadataRecord[] {
  if (!isElrEnabled(state.image)) return [];
  const cleared: MetadataRecordOf<'ClearElrRecord'>[] = [];
  for (const record of records) {
    if (record.type !== 'ConfigRecord' || record.body.name !== MIN_ISR) continue;
    const topicName = record.body.resourceType === RESOURCE_TOPIC ? record.body.resourceName : '';
    cleared.push(metadataRecord('ClearElrRecord', { topicName }));
  }
  return cleared;
}

/** The parts of both requests that this needs. */
interface AlterResource {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly configs: readonly {
    readonly name: string;
    readonly configOperation?: number;
    readonly value: string | null;
  }[];
}
interface AlterRequest {
  readonly resources: readonly AlterResource[];
  readonly validateOnly: boolean;
}
/** One result a resource, in the order of the request. */
export interface AlterResult {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly errorCode?: number;
  readonly errorMessage: string | null;
}

/** IncrementalAlterConfigs: each resource is changed wholly or not at all. */
export function decideIncrementalAlterConfigs(
  state: ControllerState,
  request: AlterRequest,
  isForwarded: boolean,
): Decision<readonly AlterResult[]> {
  return decideEach(state, request, (resource) => ({ changes: incrementalChanges(state, resource), isForwarded }));
}

/** AlterConfigs: what a resource has and the request does not name goes. */
export function decideLegacyAlterConfigs(
  state: ControllerState,
  request: AlterRequest,
  isForwarded: boolean,
): Decision<readonly AlterResult[]> {
  return decideEach(state, request, (resource) => {
    const { resourceType, resourceName, configs } = resource;
    const named = new Set(configs.map(({ name }) => name));
    const present = [...state.image.configs(resourceType, resourceName).keys()];
    const changes = configs.map(({ name, value }) => ({ name, value }));
    return { changes, implicitlyDeleted: present.filter((name) => !named.has(name)), isForwarded };
  });
}

function decideEach(
  state: ControllerState,
  request: AlterRequest,
  changesOf: (resource: AlterResource) => ConfigChangeRequest,
): Decision<readonly AlterResult[]> {
  const records: MetadataRecord[] = [];
  const keyOf = ({ resourceType, resourceName }: AlterResource): string => `${resourceType}:${resourceName}`;
  const counts = new Map<string, number>();
  for (const resource of request.resources) counts.set(keyOf(resource), (counts.get(keyOf(resource)) ?? 0) + 1);
  const response = request.resources.map((resource) => {
    const { resourceType, resourceName } = resource;
    try {
      if (counts.get(keyOf(resource)) !== 1) {
        throw new KafkaError('INVALID_REQUEST', 'Each resource must appear at most once.');
      }
      checkConfigNames(resource);
      records.push(...decideConfigChange(state, resourceType, resourceName, changesOf(resource)));
      return { resourceType, resourceName, errorMessage: null };
    } catch (error) {
      return { resourceType, resourceName, ...apiError(error) };
    }
  });
  return { records: request.validateOnly ? [] : records, response, isAtomic: true };
}

/** Throws KafkaError INVALID_REQUEST when a config stands twice or has no value where it needs one. */
export function checkConfigNames({ configs }: Pick<AlterResource, 'configs'>): void {
  if (new Set(configs.map(({ name }) => name)).size !== configs.length) {
    throw new KafkaError('INVALID_REQUEST', 'Error due to duplicate config keys');
  }
  const nulls = configs.filter(({ configOperation, value }) => configOperation !== OP_DELETE && value === null);
  if (nulls.length > 0) {
    const names = nulls.map(({ name }) => name).join(', ');
    throw new KafkaError('INVALID_REQUEST', `Null value not supported for : ${names}`);
  }
}

function incrementalChanges(state: ControllerState, resource: AlterResource): ConfigChange[] {
  const { resourceType, resourceName, configs } = resource;
  const existing = state.image.configs(resourceType, resourceName);
  return configs.map(({ name, configOperation, value }) => {
    switch (configOperation) {
      case OP_SET:
        return { name, value };
      case OP_DELETE:
        return { name, value: null };
      case OP_APPEND:
      case OP_SUBTRACT: {
        const isAppend = configOperation === OP_APPEND;
        const definition = TABLES.get(resourceType)?.get(name);
        if (definition?.type !== 'LIST') {
          const operation = isAppend ? 'APPEND' : 'SUBTRACT';
          throw new KafkaError('INVALID_CONFIG', `Can't ${operation} to key ${name} because its type is not LIST.`);
        }
        const operation = isAppend ? 'append' : 'subtract';
        return { name, value: changedList(existing.get(name), definition.defaultValue, value ?? '', operation) };
      }
      default:
        // Kafka's answer; a broker's own configs were refused before with a better one.
        throw new KafkaError('UNKNOWN_SERVER_ERROR');
    }
  });
}
