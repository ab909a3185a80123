/** Goal: what a start does not need is neither built nor loaded, so that it stays quick. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startBroker } from '../../src/index.ts';
import { metadataRequest, metadataResponse } from '../../src/protocol/messages/03-metadata.ts';
import { loadTool, toolNames } from '../../src/tools/tools.ts';
import { allSchemas, kafkaName } from '../protocol/all-schemas.ts';
import { ottla, removeFolder, serve, temporaryFolder } from '../support/processes.ts';
import { connectTo } from '../support/raw-client.ts';

const builtSchemas = () => allSchemas.filter((schema) => schema.isBuilt).map(kafkaName);

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => removeFolder(folder));

describe('schemas', () => {
  test('none is built because the broker or a tool was loaded', async () => {
    for (const name of toolNames()) await loadTool(name);
    expect(allSchemas.length).toBeGreaterThan(250);
    expect(builtSchemas()).toEqual([]);
  });

  test('a broker that starts and answers Metadata builds a few', async () => {
    const broker = await startBroker({ dataDir: join(folder, 'data') });
    const connection = await connectTo(broker.bootstrapServers);
    await connection.send(metadataRequest, metadataResponse, 9, { topics: [] });
    connection.close();
    const built = builtSchemas();
    await broker.close();
    expect(built).toContain('MetadataResponse');
    expect(built.length).toBeLessThan(30);
  });
});

describe('packages', () => {
  /** Has a process write down which packages it has loaded when it ends, and returns how to read that. */
  function watchPackages(): { env: NodeJS.ProcessEnv; loaded: () => string[] } {
    const hook = join(folder, 'hook.cjs');
    const report = join(folder, 'loaded.json');
    const text = `process.on('exit', () => {
      const files = Object.keys(require.cache);
      require('node:fs').writeFileSync(${JSON.stringify(report)}, JSON.stringify(files));
    });`;
    writeFileSync(hook, text);
    const loaded = (): string[] => {
      const files: string[] = JSON.parse(readFileSync(report, 'utf8'));
      const names = files.flatMap((file) => /.*node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(file)?.[1] ?? []);
      return [...new Set(names)].sort();
    };
    return { env: { NODE_OPTIONS: `--require=${hook}` }, loaded };
  }

  test('a broker starts with the checksums alone', async () => {
    const { env, loaded } = watchPackages();
    const broker = await serve([], { env, dataDir: join(folder, 'data') });
    expect((await broker.stop()).code).toBe(0);
    const [first, ...others] = loaded();
    expect(first).toMatch(/^@node-rs[\\/]crc32$/);
    expect(others.filter((name) => !/^@node-rs[\\/]crc32-/.test(name))).toEqual([]);
  });

  test('kafka-topics --list, its output piped, needs none', async () => {
    const { env, loaded } = watchPackages();
    const broker = await serve();
    const { code } = await ottla('kafka-topics', ['--bootstrap-server', broker.bootstrap, '--list'], { env });
    await broker.stop();
    expect(code).toBe(0);
    expect(loaded()).toEqual([]);
  });
});
