import { type Document, isScalar, parseDocument, visit } from 'yaml';
import type { FileSystem } from '../../base/file-system.ts';
import { ClusterError } from '../layout.ts';
import { type Environment, interpolate } from './interpolation.ts';
import { isMap, itemsOf, mountOf, variablesOf } from './yaml-values.ts';

type Path = readonly string[];

/** One file: what it says, and where it takes away (`!reset`) or replaces (`!override`) what files before it say. */
interface Layer {
  readonly content: Record<string, unknown>;
  readonly resets: readonly Path[];
  readonly overrides: readonly Path[];
}

/**
 * Reads compose files with their variables put in, and lays each over those before as `docker compose` does. Throws
 * ClusterError that names the file that is missing or wrong.
 */
export function readDocument(
  paths: readonly string[],
  fileSystem: FileSystem,
  variables: Environment,
): Record<string, unknown> {
  return paths.reduce<Record<string, unknown>>((below, path) => {
    const { content, resets, overrides } = readLayer(path, fileSystem, variables);
    for (const at of [...resets, ...overrides]) removeAt(below, at);
    for (const at of resets) removeAt(content, at);
    return mergeMaps(below, content, []);
  }, {});
}

function readLayer(path: string, fileSystem: FileSystem, variables: Environment): Layer {
  if (!fileSystem.exists(path)) throw new ClusterError(`there is no file ${path}`);
  const document = parseDocument(fileSystem.readFile(path).toString(), { merge: true });
  const content = interpolate(contentOf(document, path), variables, path);
  if (content !== null && !isMap(content)) throw new ClusterError(`${path} has no services`);
  return { content: content ?? {}, resets: taggedIn(document, '!reset'), overrides: taggedIn(document, '!override') };
}

function contentOf(document: Document.Parsed, path: string): unknown {
  try {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    // An alias of nothing is noticed only here.
    return document.toJS();
  } catch (error) {
    throw new ClusterError(`${path} is no valid YAML: ${(error as Error).message}`, { cause: error });
  }
}

function taggedIn(document: Document.Parsed, tag: string): Path[] {
  const found: Path[] = [];
  visit(document, {
    Pair(_key, { key, value }, ancestors) {
      const node = value as { tag?: string } | null;
      if (node?.tag !== tag) return;
      const keys = ancestors.flatMap((one) => ('key' in one ? [one.key] : []));
      found.push([...keys, key].map((one) => String(isScalar(one) ? one.value : one)));
    },
  });
  return found;
}

function removeAt(map: Record<string, unknown>, [key = '', ...rest]: Path): void {
  const inner = map[key];
  if (rest.length === 0) delete map[key];
  else if (isMap(inner)) removeAt(inner, rest);
}

function mergeMaps(
  below: Record<string, unknown>,
  above: Record<string, unknown>,
  path: Path,
): Record<string, unknown> {
  const merged = { ...below };
  for (const [key, value] of Object.entries(above)) merged[key] = merge(below[key], value, [...path, key]);
  return merged;
}

/** How `docker compose` merges the keys of a service that are neither plain maps nor plain lists. */
const SERVICE_KEYS: Readonly<Record<string, (below: unknown, above: unknown) => unknown>> = {
  command: (_below, above) => above,
  entrypoint: (_below, above) => above,
  environment: (below, above) => ({ ...variablesOf(below), ...variablesOf(above) }),
  env_file: (below, above) => [...itemsOf(below), ...itemsOf(above)],
  volumes: (below, above) => [
    ...new Map([...itemsOf(below), ...itemsOf(above)].map((volume) => [mountOf(volume).target, volume])).values(),
  ],
};

function merge(below: unknown, above: unknown, path: Path): unknown {
  if (below === undefined || below === null) return above;
  // A key without a value says nothing.
  if (above === undefined || above === null) return below;
  const [section, , key = ''] = path;
  const special = section === 'services' && path.length === 3 ? SERVICE_KEYS[key] : undefined;
  if (special !== undefined) return special(below, above);
  if (isMap(below) && isMap(above)) return mergeMaps(below, above, path);
  if (Array.isArray(below) && Array.isArray(above)) return [...below, ...above];
  return above;
}
