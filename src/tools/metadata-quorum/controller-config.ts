import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isUuid, type Uuid } from '../../base/uuid.ts';
import type { RaftVoterEndpoint } from '../../client/admin/quorum.ts';
import { terse } from '../shared/feature-commands.ts';
import { type Properties, parseProperties, readPropertiesFile } from '../shared/properties.ts';

/** A controller as its configuration file and its metadata directory describe it. */
export interface ControllerConfig {
  readonly id: number;
  readonly directoryId: Uuid;
  readonly endpoints: readonly RaftVoterEndpoint[];
}

const HINT = 'Is this a valid controller configuration file?';
const ENDPOINT = /^([A-Za-z0-9_-]+):\/\/\[?([0-9a-zA-Z\-%._:]*)\]?:(-?\d+)$/;

function list(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function idOf(properties: Properties): number {
  const text = properties.get('node.id');
  if (text === undefined) throw terse(`node.id not found in configuration file. ${HINT}`);
  const id = Number(text);
  if (!(id >= 0)) throw terse(`node.id was negative in configuration file. ${HINT}`);
  if (!(properties.get('process.roles') ?? '').includes('controller')) {
    throw terse(`process.roles did not contain 'controller' in configuration file. ${HINT}`);
  }
  return id;
}

function directoryIdOf(properties: Properties, cwd: string): Uuid {
  const directory = properties.get('metadata.log.dir') ?? list(properties.get('log.dirs'))[0];
  if (directory === undefined) throw terse(`Neither metadata.log.dir nor log.dirs were found. ${HINT}`);
  let text: string;
  try {
    text = readFileSync(join(resolve(cwd, directory), 'meta.properties'), 'utf8');
  } catch {
    throw terse(`Unable to read meta.properties from ${directory}`);
  }
  const id = parseProperties(text).get('directory.id') ?? '';
  if (!isUuid(id)) throw terse(`No directory id found in ${directory}`);
  return id;
}

function endpointsOf(properties: Properties): RaftVoterEndpoint[] {
  const listeners = new Map<string, RaftVoterEndpoint>();
  for (const text of [...list(properties.get('listeners')), ...list(properties.get('advertised.listeners'))]) {
    const match = ENDPOINT.exec(text);
    const listener = match?.[1]?.toUpperCase();
    if (listener === undefined) continue;
    const host = match?.[2] ?? '';
    listeners.set(listener, { listener, host: host === '' ? 'localhost' : host, port: Number(match?.[3]) });
  }
  const names = properties.get('controller.listener.names');
  if (names === undefined) throw terse(`controller.listener.names was not found. ${HINT}`);
  return list(names).map((name) => {
    const endpoint = listeners.get(name.toUpperCase());
    if (endpoint === undefined) {
      throw terse(`Cannot find information about controller listener name: ${name.toUpperCase()}`);
    }
    return endpoint;
  });
}

/** Reads the configuration of a controller that is to be added. Throws ToolExit with Kafka's texts. */
export function readControllerConfig(file: string, cwd: string): ControllerConfig {
  const properties = readPropertiesFile(file, cwd);
  return { id: idOf(properties), directoryId: directoryIdOf(properties, cwd), endpoints: endpointsOf(properties) };
}
