import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nodeFileSystem } from '../../src/base/file-system.ts';
import { DirectoryLock, type ProcessTable, systemProcesses } from '../../src/log/directory-lock.ts';
import { DEFAULT_LOG_CONFIG, type LogConfig, logConfigFrom } from '../../src/log/log-config.ts';
import { LogManager, type LogManagerOptions } from '../../src/log/log-manager.ts';
import { batchOf, contentsOf, setUp, temporaryFolder, values } from './helpers.ts';

const TOPIC_ID = '_EkOrYngTSyEGigPJ1IRkg';
const OTHER_ID = 'nKK84nrPS5uyX13XK4QTZg';

function formatted(): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'meta.properties'), `#\ncluster.id=c\ndirectory.id=${OTHER_ID}\nnode.id=1\nversion=1\n`);
  return folder;
}

function open(folders: string[], more: Partial<LogManagerOptions> = {}, config: Partial<LogConfig> = {}) {
  const { environment, clock } = setUp();
  const manager = LogManager.open({
    directories: folders,
    configOf: () => ({ ...DEFAULT_LOG_CONFIG, ...config }),
    environment,
    ...more,
  });
  return { manager, clock };
}

describe('starting and stopping', () => {
  test('a clean stop leaves Kafka’s files and the next start finds everything', () => {
    const folder = formatted();
    const first = open([folder]).manager;
    expect(first.previousBrokerEpoch).toBe(-1);
    const log = first.getOrCreate('topic', 0, TOPIC_ID);
    log.appendAsLeader(batchOf(['a', 'b', 'c']), 0);
    log.updateHighWatermark(3);
    log.advanceLogStartOffset(1);
    first.getOrCreate('empty', 7, TOPIC_ID);
    expect(existsSync(join(folder, '.lock'))).toBe(true);
    first.close(17);
    expect(existsSync(join(folder, '.lock'))).toBe(false);
    expect(readFileSync(join(folder, '.kafka_cleanshutdown'), 'utf8')).toBe('{"version":0,"brokerEpoch":17}');
    expect(readFileSync(join(folder, 'recovery-point-offset-checkpoint'), 'utf8')).toBe('0\n2\ntopic 0 3\nempty 7 0\n');
    expect(readFileSync(join(folder, 'log-start-offset-checkpoint'), 'utf8')).toBe('0\n1\ntopic 0 1\n');
    expect(readFileSync(join(folder, 'replication-offset-checkpoint'), 'utf8')).toBe('0\n2\ntopic 0 3\nempty 7 0\n');
    expect(statSync(join(folder, 'cleaner-offset-checkpoint')).size).toBe(0);

    const second = open([folder]).manager;
    expect(second.previousBrokerEpoch).toBe(17);
    expect(existsSync(join(folder, '.kafka_cleanshutdown'))).toBe(false);
    const again = second.get('topic', 0);
    expect(again).toMatchObject({ topicId: TOPIC_ID, logStartOffset: 1, logEndOffset: 3, highWatermark: 3 });
    expect([...second.logs()].map((each) => each.topicPartition)).toEqual(['empty-7', 'topic-0']);
    expect(second.directoryIds.get(folder)).toBe(OTHER_ID);
    second.close(18);
  });

  test('after a crash the logs are recovered and checkpoints of the running broker count', () => {
    const folder = formatted();
    const { manager, clock } = open([folder], {}, { segmentBytes: 300 });
    manager.start();
    const log = manager.getOrCreate('topic', 0, TOPIC_ID);
    for (const value of values(10, 60)) log.appendAsLeader(batchOf([value]), 2);
    log.updateHighWatermark(9);
    clock.advance(5000);
    expect(readFileSync(join(folder, 'replication-offset-checkpoint'), 'utf8')).toBe('0\n1\ntopic 0 9\n');
    manager.abandon();
    expect(existsSync(join(folder, '.lock'))).toBe(true);
    const recovered = open([folder]).manager;
    expect(recovered.previousBrokerEpoch).toBe(-1);
    expect(recovered.get('topic', 0)).toMatchObject({ logEndOffset: 10, highWatermark: 9, latestEpoch: 2 });
    recovered.close(1);
  });

  test('a broken checkpoint counts as 0, a dir that is not formatted is an error', () => {
    const folder = formatted();
    writeFileSync(join(folder, 'recovery-point-offset-checkpoint'), '0\n5\nrubbish\n');
    open([folder]).manager.close(1);
    expect(() => open([temporaryFolder()])).toThrowError(/No `meta.properties`/);
  });

  test('the metadata log is left alone', () => {
    const folder = formatted();
    mkdirSync(join(folder, '__cluster_metadata-0'));
    const { manager } = open([folder]);
    expect([...manager.logs()]).toEqual([]);
    expect(readdirSync(join(folder, '__cluster_metadata-0'))).toEqual([]);
    manager.close(1);
  });
});

describe('creating and deleting', () => {
  test('new logs go to the dir with the fewest, or where they are told', () => {
    const folders = [formatted(), formatted()];
    const { manager } = open(folders);
    for (let partition = 0; partition < 4; partition++) manager.getOrCreate('t', partition, TOPIC_ID);
    for (const folder of folders) expect(readdirSync(folder).filter((name) => name.startsWith('t-'))).toHaveLength(2);
    manager.getOrCreate('u', 0, TOPIC_ID, folders[1]);
    expect(manager.directoryOf('u', 0)).toBe(folders[1]);
    expect(() => manager.getOrCreate('u', 1, TOPIC_ID, '/nowhere')).toThrowError(
      expect.objectContaining({ errorName: 'LOG_DIR_NOT_FOUND' }),
    );
    expect(() => manager.getOrCreate('u', 0, OTHER_ID)).toThrowError(
      expect.objectContaining({ errorName: 'INCONSISTENT_TOPIC_ID' }),
    );
    manager.close(1);
  });

  test('a deleted log makes room for a new one of that name at once', () => {
    const folder = formatted();
    const { manager, clock } = open([folder]);
    manager.getOrCreate('t', 0, TOPIC_ID).appendAsLeader(batchOf(['old']), 0);
    expect(manager.delete('t', 0)).toBe(true);
    expect(manager.delete('t', 0)).toBe(false);
    const fresh = manager.getOrCreate('t', 0, OTHER_ID);
    expect(fresh.logEndOffset).toBe(0);
    fresh.appendAsLeader(batchOf(['new']), 0);
    clock.advance(60_000);
    expect(readdirSync(folder).filter((name) => name.startsWith('t-'))).toEqual(['t-0']);
    expect(contentsOf(fresh)).toEqual(['0:new']);
    manager.close(1);
  });

  test('a deletion that a stop interrupted is finished after the next start', () => {
    const folder = formatted();
    const { manager } = open([folder]);
    manager.getOrCreate('t', 0, TOPIC_ID);
    manager.delete('t', 0);
    manager.close(1);
    const next = open([folder]);
    expect(next.manager.get('t', 0)).toBeUndefined();
    next.clock.advance(60_000);
    expect(readdirSync(folder).filter((name) => name.startsWith('t-'))).toEqual([]);
    next.manager.close(2);
  });

  test('strays are renamed and forgotten', () => {
    const folder = formatted();
    const { manager } = open([folder]);
    manager.getOrCreate('t', 0, TOPIC_ID);
    manager.getOrCreate('u', 0, TOPIC_ID);
    expect(manager.removeStrays((log) => log.topic === 'u')).toEqual(['u-0']);
    expect(readdirSync(folder).some((name) => /^u-0\.[0-9a-f]{32}-stray$/.test(name))).toBe(true);
    manager.close(1);
    const next = open([folder]).manager;
    expect([...next.logs()].map((log) => log.topicPartition)).toEqual(['t-0']);
    next.close(2);
  });

  test('a long topic name does not make a directory name that the file system refuses', () => {
    const folder = formatted();
    const { manager } = open([folder]);
    const topic = 't'.repeat(249);
    manager.getOrCreate(topic, 12345, TOPIC_ID);
    manager.delete(topic, 12345);
    expect(readdirSync(folder).find((name) => name.endsWith('-delete'))).toHaveLength(255);
    manager.close(1);
  });
});

describe('periodic work', () => {
  test('retention is applied with the topic’s configuration as it is by then', () => {
    const folder = formatted();
    const config = { ...DEFAULT_LOG_CONFIG };
    const { environment, clock } = setUp();
    let current: LogConfig = config;
    const manager = LogManager.open({ directories: [folder], configOf: () => current, environment });
    manager.start();
    const log = manager.getOrCreate('t', 0, TOPIC_ID);
    log.appendAsLeader(batchOf(['a']), 0);
    log.updateHighWatermark(1);
    clock.advance(10 * 60_000);
    expect(log.logStartOffset).toBe(0);
    current = logConfigFrom(new Map([['retention.ms', '1000']]), config);
    manager.updateConfig('t');
    clock.advance(5 * 60_000);
    expect(log.logStartOffset).toBe(1);
    manager.close(1);
  });
});

describe('the lock of a data dir', () => {
  const processes = (more: Partial<ProcessTable>): ProcessTable => ({
    ownPid: 100,
    startTicks: (pid) => (pid === 200 ? '5000' : '1'),
    isAlive: (pid) => pid === 200,
    lockHolder: () => undefined,
    ...more,
  });
  const acquire = (folder: string, table: ProcessTable) => DirectoryLock.acquire(nodeFileSystem, folder, table);
  const refused = expect.objectContaining({ errorName: 'KAFKA_STORAGE_ERROR' });

  test('is held by a living process, not by one that died or whose number was given anew', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, '.lock'), '200 5000\n');
    expect(() => acquire(folder, processes({}))).toThrowError(refused);
    writeFileSync(join(folder, '.lock'), '200 4999\n');
    acquire(folder, processes({})).release();
    writeFileSync(join(folder, '.lock'), '300 5000\n');
    acquire(folder, processes({})).release();
    expect(existsSync(join(folder, '.lock'))).toBe(false);
  });

  test.runIf(process.platform === 'linux')(
    'is not held by a process that has ended and is not reaped yet',
    async () => {
      // The shell's child ends; what the shell has become by then never asks for it.
      const parent = spawn('sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
      try {
        const pid = Number(await new Promise((resolve) => parent.stdout.once('data', resolve)));
        const isZombie = () => / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
        await expect.poll(isZombie, { timeout: 20_000 }).toBe(true);
        const folder = temporaryFolder();
        writeFileSync(join(folder, '.lock'), `${pid} ${systemProcesses.startTicks(pid)}\n`);
        acquire(folder, systemProcesses).release();
      } finally {
        parent.kill('SIGKILL');
      }
    },
  );

  test('an empty file counts when the system says that a JVM has locked it', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, '.lock'), '');
    expect(() => acquire(folder, processes({ lockHolder: () => 42 }))).toThrowError(/process 42/);
    acquire(folder, processes({})).release();
  });

  test('is held within one process too, until it is released or abandoned', () => {
    const folder = temporaryFolder();
    const lock = acquire(folder, processes({}));
    expect(() => acquire(folder, processes({}))).toThrowError(refused);
    lock.abandon();
    acquire(folder, processes({})).release();
  });
});

describe('configuration', () => {
  test('topic options become a LogConfig', () => {
    const options = new Map([
      ['segment.bytes', '1048576'],
      ['retention.ms', '-1'],
      ['cleanup.policy', 'compact,delete'],
      ['message.timestamp.type', 'LogAppendTime'],
      ['message.timestamp.after.max.ms', '9223372036854775807'],
      ['compression.type', 'zstd'],
      ['preallocate', 'true'],
      ['min.insync.replicas', '2'],
    ]);
    expect(logConfigFrom(options)).toEqual({
      ...DEFAULT_LOG_CONFIG,
      segmentBytes: 1048576,
      retentionMs: -1,
      cleanupPolicy: ['compact', 'delete'],
      messageTimestampType: 'LogAppendTime',
      messageTimestampAfterMaxMs: Number.POSITIVE_INFINITY,
      compressionType: 'zstd',
      preallocate: true,
    });
    expect(() => logConfigFrom(new Map([['segment.bytes', 'many']]))).toThrowError(/segment.bytes must be a number/);
  });
});
