import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Properties, parseProperties } from '../shared/properties.ts';

/** The entries of a directory's meta.properties; undefined when it is not formatted. */
export function readMetaPropertiesFile(directory: string): Properties | undefined {
  try {
    return parseProperties(readFileSync(join(directory, 'meta.properties'), 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** What the file must hold in any case; the text is Kafka's. */
export function problemOf(properties: Properties): string | undefined {
  const version = properties.get('version');
  if (version !== undefined && version !== '0' && version !== '1') {
    return `Unable to parse meta.properties version '${version}'`;
  }
  if (version !== '1') return undefined;
  for (const name of ['cluster.id', 'node.id']) {
    if (!properties.has(name)) return `Unable to find ${name} in meta.properties.`;
  }
  return undefined;
}
