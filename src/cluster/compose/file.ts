import { dirname, resolve } from 'node:path';
import type { FileSystem } from '../../base/file-system.ts';
import { ClusterError } from '../layout.ts';
import { readDocument } from './document.ts';
import type { Environment } from './interpolation.ts';
import { isMap, itemsOf, mountOf, variablesOf } from './yaml-values.ts';

/** A port that a service publishes on this machine. */
export interface PublishedPort {
  /** Port on this machine; 0 when the file leaves it to Docker. */
  readonly host: number;
  readonly container: number;
}

/** The parts of a service that matter to running a broker. */
export interface ComposeService {
  readonly name: string;
  readonly image: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly ports: readonly PublishedPort[];
  /** Whether it shares the network of this machine, so that its listeners need no published ports. */
  readonly isOnHostNetwork: boolean;
  /** Paths in the container that are kept in volumes and may be written. */
  readonly volumes: readonly string[];
  /** Profiles of which one must be active for it to run; empty = it always does. */
  readonly profiles: readonly string[];
  /** `command` or `entrypoint`, as one text. */
  readonly command: string | undefined;
  /** Every key that the service has in the file. */
  readonly keys: readonly string[];
}

export interface ComposeFile {
  /** Its `name`, or the folder's name as Docker would take it. */
  readonly project: string;
  readonly services: readonly ComposeService[];
  /** `COMPOSE_PROFILES`. */
  readonly activeProfiles: readonly string[];
}

/**
 * Reads compose files, each laid over those before; paths in them are relative to the first one's folder. Throws
 * ClusterError that names the file and the place that is wrong.
 */
export function readComposeFile(paths: readonly string[], fileSystem: FileSystem, env: Environment): ComposeFile {
  const folder = dirname(resolve(paths[0] ?? ''));
  const where = paths.join(', ');
  const variables = { ...readEnvFile(resolve(folder, '.env'), fileSystem), ...env };
  const root = readDocument(paths, fileSystem, variables);
  if (!isMap(root['services'])) throw new ClusterError(`${where} has no services`);
  const services = Object.entries(root['services']).map(([name, value]) => {
    if (!isMap(value)) throw new ClusterError(`${where}: service ${name} must be a map`);
    const environment = environmentOf(value, variables, folder, fileSystem);
    return readService(name, value, environment, `${where}: service ${name}`);
  });
  const project = typeof root['name'] === 'string' ? root['name'] : (folder.split(/[\\/]/).at(-1) ?? 'compose');
  const activeProfiles = (variables['COMPOSE_PROFILES'] ?? '').split(',').filter((profile) => profile !== '');
  return { project: project.toLowerCase().replaceAll(/[^a-z0-9_-]/g, '') || 'compose', services, activeProfiles };
}

function readService(
  name: string,
  value: Record<string, unknown>,
  environment: Readonly<Record<string, string>>,
  where: string,
): ComposeService {
  const command = value['command'] ?? value['entrypoint'];
  const ports = itemsOf(value['ports']).flatMap((port) => readPort(port, where));
  const mounts = itemsOf(value['volumes']).map(mountOf);
  return {
    name,
    image: typeof value['image'] === 'string' ? value['image'] : '',
    environment,
    // A file that is laid over another one often repeats what it says.
    ports: [...new Map(ports.map((port) => [`${port.host}:${port.container}`, port])).values()],
    isOnHostNetwork: value['network_mode'] === 'host',
    volumes: mounts.flatMap(({ target, isReadOnly }) => (isReadOnly ? [] : [target])),
    profiles: itemsOf(value['profiles']).map(String),
    command: command === undefined || command === null ? undefined : [command].flat().join(' '),
    keys: Object.keys(value),
  };
}

/** A service's variables: those of its `env_file`s, then its own; one without a value is taken from the launcher's. */
function environmentOf(
  service: Record<string, unknown>,
  variables: Environment,
  folder: string,
  fileSystem: FileSystem,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const file of itemsOf(service['env_file'])) {
    const path = isMap(file) ? file['path'] : file;
    Object.assign(environment, readEnvFile(resolve(folder, String(path)), fileSystem));
  }
  for (const [name, own] of Object.entries(variablesOf(service['environment']))) {
    const value = own ?? variables[name];
    if (value === undefined) delete environment[name];
    else environment[name] = value;
  }
  return environment;
}

/** The variables of a file of `NAME=value` lines; none when it is not there. */
export function readEnvFile(path: string, fileSystem: FileSystem): Record<string, string> {
  if (!fileSystem.exists(path)) return {};
  const variables: Record<string, string> = {};
  for (const line of fileSystem.readFile(path).toString().split('\n')) {
    const match = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line);
    if (match?.[1] !== undefined) variables[match[1]] = (match[2] ?? '').replace(/^(['"])(.*)\1$/, '$2');
  }
  return variables;
}

/** `9092:9092`, `127.0.0.1:9092:9092/tcp`, `9092`, ranges, or a map with target and published. */
function readPort(port: unknown, where: string): PublishedPort[] {
  if (String(port).endsWith('/udp')) return [];
  if (isMap(port)) return [{ host: Number(port['published'] ?? 0), container: Number(port['target']) }];
  const text = String(port).replace(/\/tcp$/, '');
  const parts = text.split(':');
  const container = range(parts.at(-1) ?? '', where);
  const host = parts.length > 1 ? range(parts.at(-2) ?? '', where) : container.map(() => 0);
  if (host.length !== container.length)
    throw new ClusterError(`${where}: ports ${text} has ranges of different lengths`);
  return container.map((target, i) => ({ host: host[i] ?? 0, container: target }));
}

function range(text: string, where: string): number[] {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (match === null) throw new ClusterError(`${where}: ${JSON.stringify(text)} is no port`);
  const from = Number(match[1]);
  const to = Number(match[2] ?? match[1]);
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
}
