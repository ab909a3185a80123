import { resolve } from 'node:path';
import { readPropertiesFile } from '../shared/properties.ts';
import type { ToolIo } from '../shared/tool.ts';
import { defaultDataDir } from './data-dir.ts';
import { propertiesFromEnvironment } from './environment.ts';
import type { InitialController } from './initial-controllers.ts';

/** The command line of `ottla serve`. */
export interface ServeOptions {
  readonly port?: number;
  readonly host?: string;
  readonly dataDir?: string;
  readonly ephemeral?: boolean;
  readonly config?: string;
  readonly override: Readonly<Record<string, string>>;
  readonly topic: readonly string[];
  readonly clusterId?: string;
  readonly directoryId?: string;
  readonly initialControllers?: readonly InitialController[];
  /** See FaultFile. */
  readonly faults?: string;
  /** Whether the broker stops when its stdin ends, because whoever started it is gone then. */
  readonly untilStdinEnds?: boolean;
  readonly output: 'text' | 'json';
}

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 9092;

/**
 * The broker's properties: file, then KAFKA_* variables, then --override, then --port, --host and --data-dir. Throws
 * with a plain message when the file cannot be read.
 */
export function brokerProperties(
  options: ServeOptions,
  temporaryDir: string | undefined,
  io: ToolIo,
): Map<string, string> {
  const properties = new Map<string, string>();
  const sources = [
    options.config === undefined ? new Map<string, string>() : readPropertiesFile(options.config, io.cwd),
    propertiesFromEnvironment(io.env),
    new Map(Object.entries(options.override)),
  ];
  for (const source of sources) for (const [name, value] of source) properties.set(name, value);

  const dataDir = temporaryDir ?? (options.dataDir === undefined ? undefined : resolve(io.cwd, options.dataDir));
  if (dataDir !== undefined) properties.set('log.dirs', dataDir);
  else if (!properties.has('log.dirs') && !properties.has('log.dir'))
    properties.set('log.dirs', defaultDataDir(io.env));
  if (options.port !== undefined || options.host !== undefined || !properties.has('listeners')) {
    const host = options.host ?? DEFAULT_HOST;
    const listener = `PLAINTEXT://${host.includes(':') ? `[${host}]` : host}:${options.port ?? DEFAULT_PORT}`;
    properties.set('listeners', withBrokerListener(properties, listener));
  }
  return properties;
}

/** Puts our broker listener in front of the controller listeners that the properties name. */
function withBrokerListener(properties: ReadonlyMap<string, string>, listener: string): string {
  const controllers = new Set(
    (properties.get('controller.listener.names') ?? '').split(',').map((name) => name.trim()),
  );
  const others = (properties.get('listeners') ?? '')
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '' && controllers.has(text.split('://')[0] ?? ''));
  return [listener, ...others].join(',');
}
