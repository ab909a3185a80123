import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { FileSystem } from '../base/file-system.ts';
import { KafkaError } from '../base/kafka-error.ts';
import { type Random, randomUuid } from '../base/random.ts';
import { isUuid, type Uuid } from '../base/uuid.ts';
import { BOOTSTRAP_FEATURE_LEVELS } from '../metadata/features.ts';
import { encodeMetadataRecord, metadataRecord } from '../metadata/metadata-record.ts';
import { type BootstrapVoter, writeBootstrapCheckpoint } from '../raft/bootstrap-checkpoint.ts';
import type { RaftEndpoint } from '../raft/raft-types.ts';

export const METADATA_DIRECTORY = '__cluster_metadata-0';
const META_PROPERTIES = 'meta.properties';

/** Content of a data dir's meta.properties. */
export interface MetaProperties {
  readonly clusterId: string;
  readonly nodeId: number;
  readonly directoryId: Uuid;
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A point in time as Java's Date.toString writes it, in UTC. */
function javaDate(timestampMs: number): string {
  const date = new Date(timestampMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  const month = MONTHS[date.getUTCMonth()];
  return `${DAYS[date.getUTCDay()]} ${month} ${two(date.getUTCDate())} ${time} UTC ${date.getUTCFullYear()}`;
}

// A value of a properties file: the characters that would be read as something else are escaped.
function escapeValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll(/[:=#!]/g, (char) => `\\${char}`);
}

function readProperties(text: string): Map<string, string> {
  const properties = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#') || trimmed.startsWith('!')) continue;
    const at = trimmed.indexOf('=');
    if (at <= 0) continue;
    properties.set(
      trimmed.slice(0, at).trim(),
      trimmed
        .slice(at + 1)
        .trim()
        .replaceAll(/\\(.)/g, '$1'),
    );
  }
  return properties;
}

/**
 * Reads meta.properties of a data dir; undefined when there is none. Throws KafkaError INVALID_CONFIG when it is not what
 * Kafka writes there.
 */
export function readMetaProperties(fileSystem: FileSystem, directory: string): MetaProperties | undefined {
  const path = join(directory, META_PROPERTIES);
  if (!fileSystem.exists(path)) return undefined;
  const corrupt = (what: string): KafkaError =>
    new KafkaError(
      'INVALID_CONFIG',
      `${path} is corrupt: ${what}. Restore it from a copy, or move the folder away to start with an empty one`,
    );
  if (fileSystem.isDirectory(path)) throw corrupt('it is a folder');
  const properties = readProperties(fileSystem.readFile(path).toString('utf8'));
  const version = properties.get('version');
  if (version !== '1') throw corrupt(`version must be 1, received ${version ?? 'none'}`);
  const clusterId = properties.get('cluster.id');
  if (clusterId === undefined || clusterId === '') throw corrupt('it has no cluster.id');
  const nodeId = properties.get('node.id') ?? '';
  if (!/^\d+$/.test(nodeId)) throw corrupt(`node.id must be a number, received "${nodeId}"`);
  const directoryId = properties.get('directory.id') ?? '';
  if (!isUuid(directoryId)) throw corrupt(`directory.id must be a UUID, received "${directoryId}"`);
  return { clusterId, nodeId: Number(nodeId), directoryId };
}

/** Writes meta.properties as `kafka-storage format` does. */
export function writeMetaProperties(
  fileSystem: FileSystem,
  directory: string,
  properties: MetaProperties,
  nowMs: number,
): void {
  const lines = [
    '#',
    `#${javaDate(nowMs)}`,
    `cluster.id=${escapeValue(properties.clusterId)}`,
    `directory.id=${properties.directoryId}`,
    `node.id=${properties.nodeId}`,
    'version=1',
  ];
  fileSystem.writeFileAtomically(join(directory, META_PROPERTIES), `${lines.join('\n')}\n`);
}

export interface OpenDataDirsOptions {
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly random: Random;
  /** `log.dirs`; the first holds the metadata log. */
  readonly directories: readonly string[];
  readonly nodeId: number;
  /** Of a new folder; undefined = a random one. An existing folder must have it when it is given. */
  readonly clusterId?: string | undefined;
  /** Of the first folder when it is new; an existing one must have it. Default: random. */
  readonly directoryId?: Uuid | undefined;
  /** What the metadata log of a new folder begins with. */
  readonly newQuorum: NewQuorum;
}

/** How `kafka-storage format` prepares the metadata log. */
export type NewQuorum =
  /** Not at all: the node is no controller. */
  | { readonly kind: 'none' }
  /** `controller.quorum.voters` names the voters (kraft.version 0). */
  | { readonly kind: 'static' }
  /** `--standalone`: the node is the only voter, its controller listener is this. */
  | { readonly kind: 'standalone'; readonly endpoint: RaftEndpoint }
  /** `--initial-controllers`; with undefined `--no-initial-controllers`: somebody else's leader makes it a voter. */
  | { readonly kind: 'dynamic'; readonly voters: readonly BootstrapVoter[] | undefined };

export interface DataDirs {
  readonly clusterId: string;
  /** Of the first directory, where the metadata log is. */
  readonly metadataDirectoryId: Uuid;
  readonly isNew: boolean;
}

/**
 * Makes the data dirs ready: new ones are formatted as `kafka-storage format` does, existing ones are checked. Throws KafkaError INVALID_CONFIG (corrupt, of another node or cluster) or KAFKA_STORAGE_ERROR (not writable,
 * disk full).
 */
export function openDataDirs(options: OpenDataDirsOptions): DataDirs {
  const { fileSystem, directories } = options;
  for (const directory of directories) makeDirectory(fileSystem, directory);
  const found = directories.map((directory) => readMetaProperties(fileSystem, directory));
  for (const [i, properties] of found.entries()) {
    if (properties === undefined) checkIsNew(fileSystem, directories[i] ?? '');
  }
  for (const [i, properties] of found.entries()) checkIdentity(options, directories[i] ?? '', properties, i === 0);
  const known = found.find((properties) => properties !== undefined);
  const clusterId = known?.clusterId ?? options.clusterId ?? randomUuid(options.random);
  const ids = directories.map(
    (directory, i) => found[i]?.directoryId ?? format(options, directory, clusterId, i === 0),
  );
  for (const [i, properties] of found.entries()) {
    if (properties !== undefined && properties.clusterId !== clusterId) {
      const other = `${directories[i]} belongs to cluster ${properties.clusterId}`;
      throw new KafkaError('INVALID_CONFIG', `${other}, another folder of log.dirs to ${clusterId}`);
    }
  }
  return { clusterId, metadataDirectoryId: ids[0] ?? '', isNew: known === undefined };
}

/**
 * Formatting what has lost its meta.properties would give it another identity, in which it waits for a quorum that it is no
 * part of. A snapshot alone is what a format that was interrupted leaves.
 */
function checkIsNew(fileSystem: FileSystem, directory: string): void {
  const metadata = join(directory, METADATA_DIRECTORY);
  if (!fileSystem.isDirectory(metadata) || !fileSystem.list(metadata).some((name) => name.endsWith('.log'))) return;
  throw new KafkaError(
    'INVALID_CONFIG',
    `${directory} holds a broker's data but no ${META_PROPERTIES}. Restore it from a copy, or move the folder away to start with an empty one`,
  );
}

function makeDirectory(fileSystem: FileSystem, directory: string): void {
  try {
    fileSystem.makeDirectory(directory);
    if (!fileSystem.isDirectory(directory)) throw new KafkaError('KAFKA_STORAGE_ERROR', `${directory} is not a folder`);
  } catch (error) {
    throw storageError(directory, error);
  }
}

/** A plain message for a disk's refusal. */
export function storageError(directory: string, error: unknown): KafkaError {
  if (error instanceof KafkaError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const why =
    code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
      ? 'is not writable'
      : code === 'ENOSPC' || code === 'EDQUOT'
        ? 'is on a disk that is full'
        : code === 'ENOTDIR' || code === 'EEXIST'
          ? 'is not a folder'
          : `cannot be used: ${error instanceof Error ? error.message : String(error)}`;
  return new KafkaError('KAFKA_STORAGE_ERROR', `the data folder ${directory} ${why}`, { cause: error });
}

function checkIdentity(
  options: OpenDataDirsOptions,
  directory: string,
  properties: MetaProperties | undefined,
  holdsMetadata: boolean,
): void {
  if (properties === undefined) return;
  const { directoryId } = options;
  if (holdsMetadata && directoryId !== undefined && properties.directoryId !== directoryId) {
    const theirs = `${directory} has the directory id ${properties.directoryId}`;
    throw new KafkaError('INVALID_CONFIG', `${theirs}, but the one given is ${directoryId}`);
  }
  if (properties.nodeId !== options.nodeId) {
    const theirs = `${directory} belongs to node ${properties.nodeId}`;
    throw new KafkaError('INVALID_CONFIG', `${theirs}, but node.id is ${options.nodeId}`);
  }
  if (options.clusterId !== undefined && properties.clusterId !== options.clusterId) {
    const theirs = `${directory} belongs to cluster ${properties.clusterId}`;
    throw new KafkaError('INVALID_CONFIG', `${theirs}, but the cluster id given is ${options.clusterId}`);
  }
}

function format(options: OpenDataDirsOptions, directory: string, clusterId: string, holdsMetadata: boolean): Uuid {
  const { fileSystem, clock, random, nodeId, newQuorum } = options;
  const directoryId = (holdsMetadata ? ownDirectoryId(options) : undefined) ?? randomUuid(random);
  const nowMs = clock.nowMs();
  try {
    if (holdsMetadata && newQuorum.kind !== 'none') {
      writeBootstrapCheckpoint(fileSystem, {
        directory: join(directory, METADATA_DIRECTORY),
        kraftVersion: newQuorum.kind === 'static' ? 0 : 1,
        voters: votersOf(newQuorum, nodeId, directoryId),
        values: [...BOOTSTRAP_FEATURE_LEVELS].map(([name, featureLevel]) =>
          encodeMetadataRecord(metadataRecord('FeatureLevelRecord', { name, featureLevel })),
        ),
        timestampMs: nowMs,
      });
    }
    // Last, so that a crash in between leaves a folder that is formatted anew.
    writeMetaProperties(fileSystem, directory, { clusterId, nodeId, directoryId }, nowMs);
  } catch (error) {
    throw storageError(directory, error);
  }
  return directoryId;
}

function votersOf(newQuorum: NewQuorum, nodeId: number, directoryId: Uuid): readonly BootstrapVoter[] | undefined {
  if (newQuorum.kind === 'standalone') return [{ id: nodeId, directoryId, endpoints: [newQuorum.endpoint] }];
  return newQuorum.kind === 'dynamic' ? newQuorum.voters : undefined;
}

/** The directory id that a new metadata folder must have; undefined = any. Throws KafkaError INVALID_CONFIG. */
function ownDirectoryId({ nodeId, directoryId, newQuorum }: OpenDataDirsOptions): Uuid | undefined {
  if (newQuorum.kind !== 'dynamic' || newQuorum.voters === undefined) return directoryId;
  const own = newQuorum.voters.find(({ id }) => id === nodeId);
  if (own === undefined) {
    const ids = newQuorum.voters.map(({ id }) => id).join(', ');
    throw new KafkaError('INVALID_CONFIG', `the initial controllers are ${ids}, but this node is ${nodeId}`);
  }
  if (directoryId !== undefined && own.directoryId !== directoryId) {
    const given = `the directory id given is ${directoryId}`;
    throw new KafkaError(
      'INVALID_CONFIG',
      `${given}, but the initial controllers have ${own.directoryId} for this node`,
    );
  }
  return own.directoryId;
}
