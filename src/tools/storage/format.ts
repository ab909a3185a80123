import { isAbsolute, join, resolve } from 'node:path';
import { nodeFileSystem } from '../../base/file-system.ts';
import { inHashMapOrder } from '../../base/java-hash.ts';
import { randomUuid } from '../../base/random.ts';
import type { Uuid } from '../../base/uuid.ts';
import { METADATA_DIRECTORY, writeMetaProperties } from '../../broker/data-dir.ts';
import { encodeMetadataRecord, type MetadataRecord, metadataRecord } from '../../metadata/metadata-record.ts';
import { writeBootstrapCheckpoint } from '../../raft/bootstrap-checkpoint.ts';
import type { ParsedArguments } from '../shared/argparse.ts';
import { terse } from '../shared/feature-commands.ts';
import {
  isScramSupported,
  KRAFT_VERSION_FEATURE,
  METADATA_VERSION_FEATURE,
  metadataVersionName,
} from '../shared/feature-levels.ts';
import { JavaException } from '../shared/java-errors.ts';
import { printJson } from '../shared/json-output.ts';
import type { ToolIo } from '../shared/tool.ts';
import { type FeatureLevels, featureLevels } from './feature-arguments.ts';
import { readMetaPropertiesFile } from './meta-properties.ts';
import { directoriesOf, type NodeConfig, readNodeConfig } from './node-config.ts';
import { parseScramArgument, type ScramCredential } from './scram-argument.ts';
import { parseVoters, type VoterArgument } from './voters-argument.ts';

/** Everything that a format run was told, checked. */
interface Plan {
  readonly config: NodeConfig;
  readonly clusterId: string;
  readonly levels: FeatureLevels;
  readonly scram: readonly ScramCredential[];
  /** The first voters; undefined when the quorum is static or starts without. */
  readonly voters: readonly VoterArgument[] | undefined;
}

function standaloneVoter(config: NodeConfig, io: ToolIo): VoterArgument[] {
  if (!config.isController) throw terse('You can only use --standalone on a controller.');
  const { nodeId, controllerAddress } = config;
  if (controllerAddress === undefined) {
    throw new JavaException('java.lang.RuntimeException', 'No controller listeners found.');
  }
  const host = controllerAddress.host === '' ? 'localhost' : controllerAddress.host;
  return [{ id: nodeId, host, port: controllerAddress.port, directoryId: randomUuid(io.random) }];
}

function votersOf(parsed: ParsedArguments, config: NodeConfig, io: ToolIo): VoterArgument[] | undefined {
  const initialControllers = parsed.valueOf('initial-controllers');
  const isStandalone = parsed.has('standalone');
  if (config.hasStaticVoters && (initialControllers !== undefined || isStandalone)) {
    throw terse(
      'You cannot specify controller.quorum.voters and format the node with --initial-controllers or --standalone. ' +
        'If you want to use dynamic quorum, please remove controller.quorum.voters and specify ' +
        'controller.quorum.bootstrap.servers instead.',
    );
  }
  let voters: VoterArgument[] | undefined;
  if (initialControllers !== undefined) voters = parseVoters(initialControllers);
  if (isStandalone) voters = standaloneVoter(config, io);
  const needsChoice = config.isController && !config.hasStaticVoters && !parsed.has('no-initial-controllers');
  if (needsChoice && voters === undefined) {
    throw terse(
      'Because controller.quorum.voters is not set on this controller, you must specify one of the following: ' +
        '--standalone, --initial-controllers, or --no-initial-controllers.',
    );
  }
  return voters;
}

function planOf(parsed: ParsedArguments, config: NodeConfig, io: ToolIo): Plan {
  const voters = votersOf(parsed, config, io);
  const levels = featureLevels(
    parsed.valueOf('release-version'),
    parsed.valuesOf('feature'),
    !config.hasStaticVoters,
    config.allowsUnstableVersions,
  );
  const scramArguments = parsed.valuesOf('add-scram');
  if (scramArguments.length > 0 && !isScramSupported(levels.get(METADATA_VERSION_FEATURE) ?? 0)) {
    throw terse('SCRAM is only supported in metadata.version 3.5-IV2 or later.');
  }
  const scram = scramArguments.map((argument) => parseScramArgument(argument, io.random));
  return { config, clusterId: parsed.valueOf('cluster-id') ?? '', levels, scram, voters };
}

/** Which directories are formatted already, after a check that they belong to this node and cluster. */
function formattedDirectories({ config, clusterId }: Plan): string[] {
  return directoriesOf(config).filter((directory) => {
    const properties = readMetaPropertiesFile(directory);
    if (properties === undefined) return false;
    const path = join(directory, 'meta.properties');
    const theirs = properties.get('cluster.id');
    if (theirs !== undefined && theirs !== clusterId) {
      throw new JavaException(
        'java.lang.RuntimeException',
        `Invalid cluster.id in: ${path}. Expected ${clusterId}, but read ${theirs}`,
      );
    }
    const nodeId = properties.get('node.id');
    if (nodeId !== undefined && Number(nodeId) !== config.nodeId) {
      throw new JavaException(
        'java.lang.RuntimeException',
        `Stored node id ${nodeId} doesn't match previous node id ${config.nodeId} in ${path}. If you moved your data, ` +
          'make sure your configured node id matches. If you intend to create a new node, you should remove all data ' +
          'in your data directories.',
      );
    }
    return true;
  });
}

/** metadata.version first, the others by name; a level of 0 is not written, kraft.version is a control record. */
function featureRecords(levels: FeatureLevels): MetadataRecord[] {
  const names = [...levels.keys()].filter(
    (name) => name !== METADATA_VERSION_FEATURE && name !== KRAFT_VERSION_FEATURE,
  );
  return [METADATA_VERSION_FEATURE, ...names].flatMap((name) => {
    const featureLevel = levels.get(name) ?? 0;
    return featureLevel === 0 ? [] : [metadataRecord('FeatureLevelRecord', { name, featureLevel })];
  });
}

function bootstrapRecords({ levels, scram }: Plan): MetadataRecord[] {
  return [
    ...featureRecords(levels),
    ...scram.map((credential) => metadataRecord('UserScramCredentialRecord', { ...credential })),
  ];
}

/** Kafka's print of the bootstrap records: Java's toString, bytes with their signs. */
function printedRecord(record: MetadataRecord): string {
  const fields = Object.entries(record.body).map(([name, value]) => {
    if (typeof value === 'string') return `${name}='${value}'`;
    if (Buffer.isBuffer(value)) return `${name}=[${[...new Int8Array(value)].join(', ')}]`;
    return `${name}=${String(value)}`;
  });
  return `ApiMessageAndVersion(${record.type}(${fields.join(', ')}) at version ${record.version})`;
}

function directoryKind({ config, voters }: Plan, directory: string): string {
  if (directory !== config.metadataLogDir) return 'data directory';
  if (voters === undefined) return 'metadata directory';
  const isVoter = voters.some(({ id }) => id === config.nodeId);
  return isVoter ? 'dynamic metadata voter directory' : 'dynamic metadata directory';
}

function writeDirectory(plan: Plan, directory: string, records: readonly MetadataRecord[], io: ToolIo): void {
  const { config, clusterId, voters, levels } = plan;
  const holdsMetadata = directory === config.metadataLogDir;
  const ownVoter = holdsMetadata ? voters?.find(({ id }) => id === config.nodeId) : undefined;
  const directoryId: Uuid = ownVoter?.directoryId ?? randomUuid(io.random);
  const nowMs = io.clock.nowMs();
  const path = isAbsolute(directory) ? directory : resolve(io.cwd, directory);
  nodeFileSystem.makeDirectory(path);
  if (holdsMetadata && config.isController) {
    writeBootstrapCheckpoint(nodeFileSystem, {
      directory: join(path, METADATA_DIRECTORY),
      kraftVersion: levels.get(KRAFT_VERSION_FEATURE) === 1 ? 1 : 0,
      voters: voters?.map(({ id, directoryId: voterDirectoryId, host, port }) => ({
        id,
        directoryId: voterDirectoryId,
        endpoints: [{ name: config.controllerListenerName, host, port }],
      })),
      values: records.map(encodeMetadataRecord),
      timestampMs: nowMs,
    });
  }
  // Last, so that a crash in between leaves a folder that counts as not formatted.
  writeMetaProperties(nodeFileSystem, path, { clusterId, nodeId: config.nodeId, directoryId }, nowMs);
}

/** `format`: writes meta.properties and, on controllers, the bootstrap snapshot. Throws ToolExit with Kafka's texts. */
export function format(parsed: ParsedArguments & { readonly output: 'text' | 'json' }, io: ToolIo): number {
  const config = readNodeConfig(parsed.valueOf('config') ?? '', io.cwd);
  const plan = planOf(parsed, config, io);
  const records = bootstrapRecords(plan);
  const formatted = formattedDirectories(plan);
  const [first] = formatted;
  if (first !== undefined && !parsed.has('ignore-formatted')) {
    throw terse(
      `Log directory ${first} is already formatted. ` +
        'Use --ignore-formatted to ignore this directory and format the others.',
    );
  }
  const missing = inHashMapOrder(
    directoriesOf(config).filter((directory) => !formatted.includes(directory)),
    (directory) => directory,
  );
  const metadataVersion = plan.levels.get(METADATA_VERSION_FEATURE) ?? 0;
  const versionName = metadataVersionName(metadataVersion);
  if (parsed.output === 'text') {
    if (missing.length === 0) io.stdout.write('All of the log directories are already formatted.\n');
    else {
      const printed = records.map(printedRecord).join(', ');
      io.stdout.write(
        `Bootstrap metadata: BootstrapMetadata(records=[${printed}], metadataVersionLevel=${metadataVersion}, ` +
          'source=format command)\n',
      );
    }
  }
  for (const directory of missing) {
    if (parsed.output === 'text') {
      io.stdout.write(
        `Formatting ${directoryKind(plan, directory)} ${directory} with metadata.version ${versionName}.\n`,
      );
    }
    writeDirectory(plan, directory, records, io);
  }
  if (parsed.output === 'json') {
    printJson(io, { formatted: missing, alreadyFormatted: formatted, features: Object.fromEntries(plan.levels) });
  }
  return 0;
}
