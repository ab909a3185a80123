/** Goal: `ottla serve` starts, tells, stops and fails as its documentation says, with plain messages and exit codes. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import {
  BackgroundProcess,
  ottla,
  removeFolder,
  repository,
  serve,
  temporaryFolder,
  until,
} from '../support/processes.ts';

const folders: string[] = [];
const processes: BackgroundProcess[] = [];
afterEach(async () => {
  await Promise.all(processes.splice(0).map((process) => process.stop('SIGKILL')));
  for (const folder of folders.splice(0)) removeFolder(folder);
});

function folder(): string {
  const made = temporaryFolder();
  folders.push(made);
  return made;
}

function start(args: string[], env: NodeJS.ProcessEnv = {}): BackgroundProcess {
  const process = new BackgroundProcess(
    globalThis.process.execPath,
    [join(repository, 'bin/ottla'), 'serve', ...args],
    { env },
  );
  processes.push(process);
  return process;
}

describe('ready', () => {
  test('is one line on stdout, when a first request succeeds', async () => {
    const data = folder();
    const broker = start(['--port', '0', '--data-dir', data, '--topic', 'there:2']);
    const [line, address] = await broker.untilPrinted(/^ottla: broker 1 ready on (127\.0\.0\.1:\d+) \(data in .*\)$/m);
    const { stdout } = await ottla('kafka-topics', ['--bootstrap-server', address ?? '', '--list']);
    expect(stdout).toBe('there\n');
    expect(broker.stdout).toBe(`${line}\n`);
  });

  test('is one JSON object with --output json', async () => {
    const { ready, stop } = await serve();
    expect(ready).toMatchObject({ event: 'ready', nodeId: 1 });
    expect(ready.bootstrapServers).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(ready.clusterId).toHaveLength(22);
    expect((await stop()).code).toBe(0);
  });
});

describe('a stop', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'by %s is clean: exit 0, the marker of a clean shutdown, no lock',
    async (signal) => {
      const data = folder();
      const broker = await serve(['--topic', 'kept:1'], { dataDir: data });
      expect((await broker.stop(signal)).code).toBe(0);
      expect(existsSync(join(data, '.kafka_cleanshutdown'))).toBe(true);
      expect(existsSync(join(data, '.lock'))).toBe(false);
    },
  );

  test('of an ephemeral broker leaves nothing behind', async () => {
    const parent = mkdtempSync(join(tmpdir(), 'ottla-parent-'));
    folders.push(parent);
    const broker = await serve(['--topic', 'gone:1'], { env: { TMPDIR: parent } });
    // Later versions of Node keep compiled code there too.
    const ours = () => readdirSync(parent).filter((name) => name.startsWith('ottla-'));
    expect(ours()).toHaveLength(1);
    await broker.stop();
    expect(ours()).toEqual([]);
  });

  test('and a start keep topics and their records', async () => {
    const data = folder();
    const first = await serve(['--topic', 'kept:1'], { dataDir: data });
    await ottla('kafka-console-producer', ['--bootstrap-server', first.bootstrap, '--topic', 'kept'], {
      input: 'a\nb\n',
    });
    await first.stop();
    const second = await serve([], { dataDir: data });
    const read = ['--bootstrap-server', second.bootstrap, '--topic', 'kept', '--from-beginning', '--max-messages', '2'];
    expect((await ottla('kafka-console-consumer', read)).stdout).toBe('a\nb\n');
    await second.stop();
  });
});

describe('a broker that cannot run says why in one line and exits 1', () => {
  async function failure(args: string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
    const { stdout, stderr, code } = await ottla('ottla', ['serve', ...args], { env });
    expect(stdout).toBe('');
    expect(code).toBe(1);
    expect(stderr).not.toMatch(/\n\s+at /);
    return stderr;
  }

  test('port in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect(await failure(['--ephemeral', '--port', String(port)])).toMatch(new RegExp(`^ottla: .*${port}.*in use`));
    await new Promise((resolve) => server.close(resolve));
  });

  test('folder locked by another broker', async () => {
    const data = folder();
    const broker = await serve([], { dataDir: data });
    const said = await failure(['--port', '0', '--data-dir', data]);
    expect(said).toContain(data);
    expect(said).toMatch(/in use|lock/i);
    expect(said).toContain(String(broker.ready.pid));
    await broker.stop();
  });

  test('a folder that is a file, a corrupt meta.properties, another node id', async () => {
    const parent = folder();
    const file = join(parent, 'file');
    writeFileSync(file, '');
    expect(await failure(['--port', '0', '--data-dir', file])).toContain('is not a folder');
    const data = join(parent, 'data');
    await (await serve([], { dataDir: data })).stop();
    expect(await failure(['--port', '0', '--data-dir', data, '--override', 'node.id=7'])).toMatch(
      /belongs to node 1.*node\.id is 7/,
    );
    writeFileSync(join(data, 'meta.properties'), 'version=1\nnode.id=1\n');
    expect(await failure(['--port', '0', '--data-dir', data])).toMatch(
      /meta\.properties is corrupt: it has no cluster\.id/,
    );
  });

  test('a folder that has lost its meta.properties, or has a folder of that name', async () => {
    const data = folder();
    await (await serve([], { dataDir: data })).stop();
    rmSync(join(data, 'meta.properties'));
    expect(await failure(['--port', '0', '--data-dir', data])).toMatch(
      /^ottla: .* holds a broker's data but no meta\.properties\. Restore it/,
    );
    expect(existsSync(join(data, 'meta.properties'))).toBe(false);
    mkdirSync(join(data, 'meta.properties'));
    expect(await failure(['--port', '0', '--data-dir', data])).toContain('meta.properties is corrupt: it is a folder');
  });

  test.skipIf(process.platform !== 'linux')('a place where the kernel allows no folder', async () => {
    expect(await failure(['--port', '0', '--data-dir', '/proc/none/broker'])).toContain('the data folder /proc/none');
  });

  test('a file of properties that is not there or a folder, no temporary folder, an empty option', async () => {
    const parent = folder();
    const absent = join(parent, 'absent');
    expect(await failure(['--config', absent])).toBe(`ottla: ${absent} is not there\n`);
    expect(await failure(['--config', parent])).toBe(`ottla: ${parent} is a folder, not a file\n`);
    expect(await failure(['--ephemeral', '--port', '0'], { TMPDIR: absent })).toMatch(
      /^ottla: no temporary folder can be made, TMPDIR says where: .*absent is not there\n$/,
    );
    expect(await failure(['--data-dir', ''])).toContain('It must not be empty.');
  });

  test('a value that Kafka does not take, an option that does not exist, both kinds of folder', async () => {
    expect(await failure(['--ephemeral', '--override', 'num.partitions=many'])).toContain(
      'Invalid value many for configuration num.partitions: Not a number of type INT',
    );
    expect(await failure(['--ephemerl'])).toContain('Did you mean --ephemeral?');
    expect(await failure(['--ephemeral', '--data-dir', '/x'])).toContain('--ephemeral keeps no data');
  });
});

test("Kafka's own properties file works; an unknown key gets one warning; variables and options come after it", async () => {
  const parent = folder();
  const file = join(parent, 'server.properties');
  writeFileSync(
    file,
    `node.id=5\nlisteners=PLAINTEXT://localhost:0\nlog.dirs=${join(parent, 'data')}\nnum.partitions=2\nno.such.key=1\n`,
  );
  const broker = start(['--config', file, '--override', 'default.replication.factor=1', '--output', 'json'], {
    KAFKA_NUM_PARTITIONS: '4',
  });
  const [line] = await broker.untilPrinted(/\{.*\}/);
  const ready = JSON.parse(line) as { nodeId: number; bootstrapServers: string };
  expect(ready.nodeId).toBe(5);
  const server = ['--bootstrap-server', ready.bootstrapServers];
  await ottla('kafka-topics', [...server, '--create', '--topic', 'by-default']);
  expect((await ottla('kafka-topics', [...server, '--describe', '--topic', 'by-default'])).stdout).toContain(
    'PartitionCount: 4',
  );
  await until('the warning is there', () => broker.stderr.includes('no.such.key'));
  expect(broker.stderr.match(/no\.such\.key/g)).toHaveLength(1);
});
