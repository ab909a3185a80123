// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are variables of compose files.
/** Goal: variables in compose files, and several files together, mean what they mean to `docker compose`. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nodeFileSystem } from '../../src/base/file-system.ts';
import { type ComposeFile, type ComposeService, readComposeFile } from '../../src/cluster/compose/file.ts';
import { removeFolder, temporaryFolder } from '../support/processes.ts';

/** What is read of files that lie in one folder. */
function read(yamls: readonly string[], env: Record<string, string> = {}): ComposeFile {
  const folder = temporaryFolder();
  try {
    const paths = yamls.map((yaml, i) => {
      const path = join(folder, `compose-${i}.yml`);
      writeFileSync(path, yaml);
      return path;
    });
    return readComposeFile(paths, nodeFileSystem, env);
  } finally {
    removeFolder(folder);
  }
}

describe('variables', () => {
  const image = (text: string, env: Record<string, string>) =>
    read([`services: { kafka: { image: ${JSON.stringify(text)} } }`], env).services[0]?.image;

  test.each([
    ['${A:-${B}}', { B: 'b' }, 'b'],
    ['${A:-${B}}', { A: 'a', B: 'b' }, 'a'],
    ['${A-${B:-c}}', {}, 'c'],
    ['${A-${B:-c}}', { A: '' }, ''],
    ['${A-${B:-c}}', { B: '' }, 'c'],
    ['x${A:-${B:-$C}-$$}y${A}z', { C: 'c' }, 'xc-$yz'],
    ['${A:-{1}}', {}, '{1}'],
    ['${A:+${B:-b}}', { A: 'a' }, 'b'],
    ['${A:+${B:-b}}', {}, ''],
    // What is not used may ask for what is not there.
    ['${A:-${B:?is needed}}', { A: 'a' }, 'a'],
    ['$A:$1', { A: 'a' }, 'a:$1'],
  ])('%s with %j is %j', (text, env, expected) => {
    expect(image(text, env)).toBe(expected);
  });

  test('a default that needs another variable says so; braces that are not closed are refused', () => {
    expect(() => image('${A:-${B:?is needed}}', {})).toThrow('the variable B must be set: is needed');
    expect(() => image('${A:?set $B}', { B: 'it' })).toThrow('the variable A must be set: set it');
    expect(() => image('${A:-${B}', {})).toThrow('"${A:-${B}" is no variable');
    expect(() => image('${1A}', {})).toThrow('"${1A}" is no variable');
  });
});

describe('several files', () => {
  const BASE = `
name: first
services:
  kafka:
    image: apache/kafka:4.0.0
    command: [start]
    env_file: [base.env]
    environment: { KAFKA_NODE_ID: 1, KAFKA_NUM_PARTITIONS: 3, KAFKA_LOG_RETENTION_MS: 5 }
    ports: ["9092:9092", "9999:9999"]
    volumes: ["data:/var/lib/kafka/data", "./scripts:/scripts"]
    profiles: [one]
    network_mode: host
`;
  const merged = (...overlays: string[]): ComposeService => {
    const { services } = read([BASE, ...overlays], { KAFKA_FROM_SHELL: 'here' });
    const [kafka] = services;
    if (kafka === undefined) throw new Error('no service');
    return kafka;
  };

  test('maps are merged, the later value wins; a service may be in one of them only', () => {
    const { project, services } = read([
      BASE,
      'name: second\nservices: { kafka: { image: other }, more: { image: x } }',
      'volumes: { v: {} }',
    ]);
    expect(project).toBe('second');
    expect(services.map(({ name, image }) => [name, image])).toEqual([
      ['kafka', 'other'],
      ['more', 'x'],
    ]);
  });

  test('variables of a service are merged by name, whether they stand in a list or in a map', () => {
    const list = 'services: { kafka: { environment: [KAFKA_NUM_PARTITIONS=7, KAFKA_FROM_SHELL, KAFKA_NOT_THERE] } }';
    const map = 'services: { kafka: { environment: { KAFKA_LOG_RETENTION_MS: null } } }';
    expect(merged(list, map).environment).toEqual({
      KAFKA_NODE_ID: '1',
      KAFKA_NUM_PARTITIONS: '7',
      KAFKA_FROM_SHELL: 'here',
    });
  });

  test('lists are appended: ports once each, volumes by their target; commands replace', () => {
    const { ports, volumes, profiles, command } = merged(`
services:
  kafka:
    command: [other]
    ports: ["9092:9092", { target: 9094, published: 9094 }]
    volumes: ["other:/var/lib/kafka/data:ro", "more:/more"]
    profiles: [two]
`);
    expect(ports.map(({ host }) => host)).toEqual([9092, 9999, 9094]);
    expect(volumes).toEqual(['/scripts', '/more']);
    expect(profiles).toEqual(['one', 'two']);
    expect(command).toBe('other');
  });

  test('what is empty changes nothing; !reset takes away, !override replaces', () => {
    const { ports, environment, isOnHostNetwork, keys } = merged(`
services:
  kafka:
    network_mode: !reset null
    ports: !override ["9093:9092"]
    environment:
      KAFKA_NUM_PARTITIONS: !reset 0
`);
    expect(ports).toEqual([{ host: 9093, container: 9092 }]);
    expect(environment).toEqual({ KAFKA_NODE_ID: '1', KAFKA_LOG_RETENTION_MS: '5' });
    expect([isOnHostNetwork, keys.includes('network_mode')]).toEqual([false, false]);
    expect(merged('services: { kafka: { image: , ports: } }', '')).toEqual(merged());
  });

  test("env files and the project's name are those of the first file's folder; later files win", () => {
    const folder = temporaryFolder();
    try {
      mkdirSync(join(folder, 'Shop'));
      mkdirSync(join(folder, 'other'));
      writeFileSync(join(folder, 'Shop', 'a.env'), 'A=1\nB=1\n');
      writeFileSync(join(folder, 'Shop', 'b.env'), 'B=2\n');
      writeFileSync(join(folder, 'Shop', '.env'), 'IMAGE=from-env\n');
      const paths = [join(folder, 'Shop', 'a.yml'), join(folder, 'other', 'b.yml')];
      writeFileSync(paths[0] ?? '', 'services: { kafka: { env_file: a.env } }');
      writeFileSync(paths[1] ?? '', 'services: { kafka: { env_file: [{ path: b.env }], image: $IMAGE } }');
      const { project, services } = readComposeFile(paths, nodeFileSystem, {});
      expect(project).toBe('shop');
      expect(services).toMatchObject([{ image: 'from-env', environment: { A: '1', B: '2' } }]);
    } finally {
      removeFolder(folder);
    }
  });
});
