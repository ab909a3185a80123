/** Goal: the same files are taken together as `docker compose` takes. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { composeFiles } from '../../../src/tools/compose/files.ts';
import { removeFolder, temporaryFolder } from '../../support/processes.ts';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => removeFolder(folder));

/** The files, as they are named in the folder. */
const found = (given: readonly string[], env: Record<string, string> = {}) =>
  composeFiles(given, folder, env).map((path) => path.slice(folder.length + 1));
const write = (...names: string[]) => {
  for (const name of names) writeFileSync(join(folder, name), '');
};

test('without a word it is the first of the usual names, and an override file beside it', () => {
  expect(() => found([])).toThrow(/there is no compose\.yaml, .* name the file with -f/);
  write('docker-compose.yml', 'compose.yml');
  expect(found([])).toEqual(['compose.yml']);
  write('docker-compose.override.yaml');
  expect(found([])).toEqual(['compose.yml', 'docker-compose.override.yaml']);
  write('compose.override.yml');
  expect(found([])).toEqual(['compose.yml', 'compose.override.yml']);
});

test('-f names all of them', () => {
  write('compose.yml', 'compose.override.yml');
  expect(found(['b.yml', 'a.yml'], { COMPOSE_FILE: 'c.yml' })).toEqual(['b.yml', 'a.yml']);
});

test('COMPOSE_FILE names them too, in the environment or in .env', () => {
  write('compose.yml');
  expect(found([], { COMPOSE_FILE: 'b.yml:a.yml' })).toEqual(['b.yml', 'a.yml']);
  expect(found([], { COMPOSE_FILE: 'b.yml,a.yml', COMPOSE_PATH_SEPARATOR: ',' })).toEqual(['b.yml', 'a.yml']);
  writeFileSync(join(folder, '.env'), 'COMPOSE_FILE=d.yml\n');
  expect(found([])).toEqual(['d.yml']);
  expect(found([], { COMPOSE_FILE: '' })).toEqual(['compose.yml']);
});
