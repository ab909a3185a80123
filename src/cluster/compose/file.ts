import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import type { FileSystem } from '../../base/file-system.ts';
import { ClusterError } from '../layout.ts';

type Environment = Readonly<Record<string, string | undefined>>;

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

/** Reads a compose file. Throws ClusterError that names the file and the place that is wrong. */
export function readComposeFile(path: string, fileSystem: FileSystem, env: Environment): ComposeFile {
  if (!fileSystem.exists(path)) throw new ClusterError(`there is no file ${path}`);
  const folder = dirname(resolve(path));
  const variables = { ...readEnvFile(resolve(folder, '.env'), fileSystem), ...env };
  let document: unknown;
  try {
    document = parse(fileSystem.readFile(path).toString(), { merge: true });
  } catch (error) {
    throw new ClusterError(`${path} is no valid YAML: ${(error as Error).message}`, { cause: error });
  }
  const root = interpolate(document, variables, path);
  if (!isMap(root) || !isMap(root['services'])) throw new ClusterError(`${path} has no services`);
  const services = Object.entries(root['services']).map(([name, value]) => {
    if (!isMap(value)) throw new ClusterError(`${path}: service ${name} must be a map`);
    return readService(name, value, folder, fileSystem, path);
  });
  const project = typeof root['name'] === 'string' ? root['name'] : (folder.split(/[\\/]/).at(-1) ?? 'compose');
  const activeProfiles = (variables['COMPOSE_PROFILES'] ?? '').split(',').filter((profile) => profile !== '');
  return { project: project.toLowerCase().replaceAll(/[^a-z0-9_-]/g, '') || 'compose', services, activeProfiles };
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readService(
  name: string,
  value: Record<string, unknown>,
  folder: string,
  fileSystem: FileSystem,
  path: string,
): ComposeService {
  const files = value['env_file'] === undefined ? [] : [value['env_file']].flat();
  const environment: Record<string, string> = {};
  for (const file of files) {
    const filePath = isMap(file) ? file['path'] : file;
    Object.assign(environment, readEnvFile(resolve(folder, String(filePath)), fileSystem));
  }
  Object.assign(environment, environmentOf(value['environment']));
  const command = value['command'] ?? value['entrypoint'];
  return {
    name,
    image: typeof value['image'] === 'string' ? value['image'] : '',
    environment,
    ports: Array.isArray(value['ports'])
      ? value['ports'].flatMap((port) => readPort(port, `${path}: service ${name}`))
      : [],
    isOnHostNetwork: value['network_mode'] === 'host',
    volumes: Array.isArray(value['volumes']) ? value['volumes'].flatMap(writtenVolume) : [],
    profiles: Array.isArray(value['profiles']) ? value['profiles'].map(String) : [],
    command: command === undefined || command === null ? undefined : [command].flat().join(' '),
    keys: Object.keys(value),
  };
}

/** `environment` is a map or a list of `NAME=value`. */
function environmentOf(value: unknown): Record<string, string> {
  const entries: [string, string][] = [];
  if (Array.isArray(value)) {
    for (const item of value.map(String)) {
      const at = item.indexOf('=');
      if (at > 0) entries.push([item.slice(0, at), item.slice(at + 1)]);
    }
  } else if (isMap(value)) {
    for (const [name, item] of Object.entries(value)) if (item !== null) entries.push([name, String(item)]);
  }
  return Object.fromEntries(entries);
}

function readEnvFile(path: string, fileSystem: FileSystem): Record<string, string> {
  if (!fileSystem.exists(path)) return {};
  const variables: Record<string, string> = {};
  for (const line of fileSystem.readFile(path).toString().split('\n')) {
    const match = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line);
    if (match?.[1] !== undefined) variables[match[1]] = (match[2] ?? '').replace(/^(['"])(.*)\1$/, '$2');
  }
  return variables;
}

/** Where `source:target[:mode]`, or a map with `target`, is mounted; nothing for what is read only. */
function writtenVolume(volume: unknown): string[] {
  if (isMap(volume)) return volume['read_only'] === true ? [] : [String(volume['target'])];
  const [source = '', target = source, mode = ''] = String(volume).split(':');
  return mode.split(',').includes('ro') ? [] : [target];
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

/** Puts variables in: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`, `${NAME:?message}`, `$$`. */
function interpolate(value: unknown, variables: Environment, path: string): unknown {
  if (typeof value === 'string') return interpolateText(value, variables, path);
  if (Array.isArray(value)) return value.map((item) => interpolate(item, variables, path));
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, interpolate(item, variables, path)]));
}

function interpolateText(text: string, variables: Environment, path: string): string {
  const pattern = /\$(?:(\$)|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?[-?+])([^}]*))?\})/g;
  return text.replaceAll(pattern, (_whole, dollar, plain, braced, operator, word) => {
    if (dollar !== undefined) return '$';
    const found = variables[plain ?? braced];
    const isSet = found !== undefined && !(String(operator ?? '').startsWith(':') && found === '');
    switch (String(operator ?? '').at(-1)) {
      case '-':
        return isSet ? found : word;
      case '+':
        return isSet ? word : '';
      case '?':
        if (!isSet) throw new ClusterError(`${path}: the variable ${braced} must be set: ${word}`);
        return found;
      default:
        return found ?? '';
    }
  });
}
