import { illegalArgument, JavaException } from '../shared/java-errors.ts';
import { type Properties, readPropertiesFile } from '../shared/properties.ts';

/** What kafka-storage needs of a node's configuration file. */
export interface NodeConfig {
  readonly nodeId: number;
  readonly isBroker: boolean;
  readonly isController: boolean;
  readonly logDirs: readonly string[];
  readonly metadataLogDir: string;
  readonly controllerListenerName: string;
  /** Where the node's controller listener is reached; undefined when it has none. */
  readonly controllerAddress: { readonly host: string; readonly port: number } | undefined;
  /** Whether `controller.quorum.voters` is set. */
  readonly hasStaticVoters: boolean;
  readonly allowsUnstableVersions: boolean;
}

function configException(message: string): JavaException {
  return new JavaException('org.apache.kafka.common.config.ConfigException', message);
}

function required(properties: Properties, name: string): string {
  const value = properties.get(name);
  if (value === undefined)
    throw configException(`Missing required configuration "${name}" which has no default value.`);
  return value.trim();
}

function list(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

const ENDPOINT = /^([A-Za-z0-9_-]+):\/\/\[?([0-9a-zA-Z\-%._:]*)\]?:(-?\d+)$/;

function addressOf(listeners: readonly string[], name: string): { host: string; port: number } | undefined {
  for (const listener of listeners) {
    const match = ENDPOINT.exec(listener);
    if (match?.[1]?.toUpperCase() !== name.toUpperCase()) continue;
    return { host: match[2] ?? '', port: Number(match[3]) };
  }
  return undefined;
}

function checkVoters(properties: Properties, nodeId: number, isController: boolean): boolean {
  const voters = list(properties.get('controller.quorum.voters'));
  if (voters.length === 0) return false;
  const ids = voters.map((voter) => voter.split('@')[0]);
  if (isController && !ids.includes(String(nodeId))) {
    throw illegalArgument(
      `requirement failed: If process.roles contains the 'controller' role, the node id ${nodeId} must be included ` +
        `in the set of voters controller.quorum.voters=Set(${ids.join(', ')})`,
    );
  }
  return true;
}

function logDirsOf(text: string): string[] {
  if (text.trim() === '') {
    throw configException("Configuration 'log.dirs' must not be empty. Valid values include: any non-empty value");
  }
  const directories = text.split(',').map((directory) => directory.trim());
  if (directories.includes('')) throw configException("Configuration 'log.dirs' values must not be empty.");
  return directories;
}

/** Reads a node's configuration file. Throws {@link JavaException} with Kafka's texts. */
export function readNodeConfig(path: string, cwd: string): NodeConfig {
  const properties = readPropertiesFile(path, cwd);
  const nodeText = properties.get('node.id') ?? properties.get('broker.id') ?? required(properties, 'node.id');
  if (!/^-?\d+$/.test(nodeText.trim())) {
    throw configException(`Invalid value ${nodeText} for configuration node.id: Not a number of type INT`);
  }
  const nodeId = Number(nodeText);
  if (nodeId < 0) {
    throw configException(`Invalid value ${nodeId} for configuration node.id: Value must be at least 0`);
  }
  const roles = list(required(properties, 'process.roles'));
  for (const role of roles) {
    if (role !== 'broker' && role !== 'controller') {
      throw configException(
        `Invalid value ${role} for configuration process.roles: String must be one of: broker, controller`,
      );
    }
  }
  const isController = roles.includes('controller');
  const logDirs = logDirsOf(properties.get('log.dirs') ?? properties.get('log.dir') ?? '/tmp/kafka-logs');
  const controllerListenerName = list(required(properties, 'controller.listener.names'))[0] ?? '';
  const listeners = list(properties.get('listeners'));
  const advertised = addressOf(list(properties.get('advertised.listeners')), controllerListenerName);
  return {
    nodeId,
    isBroker: roles.includes('broker'),
    isController,
    logDirs,
    metadataLogDir: properties.get('metadata.log.dir')?.trim() ?? logDirs[0] ?? '',
    controllerListenerName,
    controllerAddress: advertised ?? addressOf(listeners, controllerListenerName),
    hasStaticVoters: checkVoters(properties, nodeId, isController),
    allowsUnstableVersions: properties.get('unstable.feature.versions.enable') === 'true',
  };
}

/** All directories of a node, sorted and without repetition. */
export function directoriesOf({ logDirs, metadataLogDir }: NodeConfig): string[] {
  return [...new Set([...logDirs, metadataLogDir])].sort();
}
