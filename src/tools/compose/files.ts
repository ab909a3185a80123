import { delimiter, join, resolve } from 'node:path';
import { nodeFileSystem } from '../../base/file-system.ts';
import { readEnvFile } from '../../cluster/compose/file.ts';
import { ClusterError } from '../../cluster/layout.ts';

/** The names that Docker looks for, in its order. */
const FILE_NAMES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];
const OVERRIDE_NAMES = [
  'compose.override.yml',
  'compose.override.yaml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
];

/**
 * The compose files that are taken together, the first one lowest: those given with -f, else those of COMPOSE_FILE, else
 * the usual one in `cwd` and its override file. Throws ClusterError when there is none.
 */
export function composeFiles(
  given: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): string[] {
  const { COMPOSE_FILE: listed = '', COMPOSE_PATH_SEPARATOR: separator = delimiter } = {
    ...readEnvFile(join(cwd, '.env'), nodeFileSystem),
    ...env,
  };
  if (given.length > 0) return given.map((path) => resolve(cwd, path));
  if (listed !== '') return listed.split(separator).map((path) => resolve(cwd, path));
  const find = (names: readonly string[]) =>
    names.map((name) => join(cwd, name)).find((path) => nodeFileSystem.exists(path));
  const found = find(FILE_NAMES);
  if (found === undefined)
    throw new ClusterError(`there is no ${FILE_NAMES.join(', ')} in ${cwd}; name the file with -f`);
  const override = find(OVERRIDE_NAMES);
  return override === undefined ? [found] : [found, override];
}
