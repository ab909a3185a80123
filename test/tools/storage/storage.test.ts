/** Goal: kafka-storage formats folders as Apache Kafka 4.4 does and refuses what it refuses. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import { tool as dumpLog } from '../../../src/tools/dump-log/command.ts';
import { tool } from '../../../src/tools/storage/command.ts';
import { parseScramArgument } from '../../../src/tools/storage/scram-argument.ts';
import { runCaptured } from '../captured-io.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ottla-storage-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function writeConfig(...lines: string[]): string {
  const path = join(folder, 'server.properties');
  const all = [
    'process.roles=broker,controller',
    'node.id=1',
    'listeners=PLAINTEXT://localhost:19092,CONTROLLER://localhost:19093',
    'controller.listener.names=CONTROLLER',
    `log.dirs=${folder}/data`,
    ...lines,
  ];
  writeFileSync(path, all.join('\n'));
  return path;
}

const CHECKPOINT = '__cluster_metadata-0/00000000000000000000-0000000000.checkpoint';
const CLUSTER_ID = '4L6g3nShT-eMCtK--X86sw';
const format = (config: string, ...more: string[]) =>
  runCaptured(tool, ['format', '-t', CLUSTER_ID, '-c', config, ...more]);

describe('format', () => {
  test.each([
    ['log.dirs=', "Configuration 'log.dirs' must not be empty. Valid values include: any non-empty value"],
    ['log.dirs=/a,,/b', "Configuration 'log.dirs' values must not be empty."],
  ])('an empty folder name is refused: %s', async (line, message) => {
    const { stderr, exitCode } = await format(writeConfig(line), '--standalone');
    expect(stderr).toBe(`Exception in thread "main" org.apache.kafka.common.config.ConfigException: ${message}\n`);
    expect(exitCode).toBe(1);
  });

  test('a standalone controller gets its identity and a bootstrap snapshot with itself as the only voter', async () => {
    const config = writeConfig();
    const result = await format(config, '--standalone');
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toContain(
      `Formatting dynamic metadata voter directory ${folder}/data with metadata.version 4.4-IV2.\n`,
    );
    expect(readFileSync(`${folder}/data/meta.properties`, 'utf8')).toMatch(
      /^#\n#.+\ncluster\.id=4L6g3nShT-eMCtK--X86sw\ndirectory\.id=[\w-]{22}\nnode\.id=1\nversion=1\n$/,
    );
    expect(statSync(`${folder}/data/${CHECKPOINT}`).mode & 0o777).toBe(0o400);
    const dump = await runCaptured(dumpLog, ['--cluster-metadata-decoder', '--files', `${folder}/data/${CHECKPOINT}`]);
    expect(dump.stdout).toContain('Snapshot end offset: 0, epoch: 0\n');
    expect(dump.stdout).toContain('KRaftVersion {"version":0,"kRaftVersion":1}');
    expect(dump.stdout).toContain('"endpoints":[{"name":"CONTROLLER","host":"localhost","port":19093}]');
    expect(dump.stdout).toContain(
      'payload: {"type":"FEATURE_LEVEL_RECORD","version":0,"data":{"name":"metadata.version","featureLevel":33}}',
    );
    expect(dump.stdout).not.toContain('isvalid: false');
  });

  test('a formatted folder is refused, ignored with -g, and not taken over by another cluster', async () => {
    const config = writeConfig();
    await format(config, '--standalone');
    expect((await format(config, '--standalone')).stderr).toBe(
      `Log directory ${folder}/data is already formatted. ` +
        'Use --ignore-formatted to ignore this directory and format the others.\n',
    );
    expect(await format(config, '--standalone', '-g')).toEqual({
      stdout: 'All of the log directories are already formatted.\n',
      stderr: '',
      exitCode: 0,
    });
    const other = await runCaptured(tool, ['format', '-t', 'other', '-c', config, '-s', '-g']);
    expect(other.stderr).toBe(
      `Exception in thread "main" java.lang.RuntimeException: Invalid cluster.id in: ${folder}/data/meta.properties. ` +
        `Expected other, but read ${CLUSTER_ID}\n`,
    );
  });

  test('a static quorum has neither a kraft version nor voters in its snapshot', async () => {
    const result = await format(writeConfig('controller.quorum.voters=1@localhost:19093'));
    expect(result.stdout).toContain(`Formatting metadata directory ${folder}/data with`);
    const dump = await runCaptured(dumpLog, ['--deep-iteration', '--files', `${folder}/data/${CHECKPOINT}`]);
    expect(dump.stdout).toContain('SnapshotHeader');
    expect(dump.stdout).not.toContain('KRaft');
  });

  test('an older release brings its own levels', async () => {
    const result = await format(writeConfig(), '-N', '--release-version', '3.9', '--feature', 'group.version=1');
    expect(result.stdout).toContain(
      "records=[ApiMessageAndVersion(FeatureLevelRecord(name='metadata.version', featureLevel=21) at version 0), " +
        "ApiMessageAndVersion(FeatureLevelRecord(name='group.version', featureLevel=1) at version 0)], " +
        'metadataVersionLevel=21, source=format command)',
    );
  });

  test.each([
    [[], 'Because controller.quorum.voters is not set on this controller'],
    [
      ['-s', '--feature', 'foo=1'],
      'Unsupported feature: foo. Supported features are: eligible.leader.replicas.version',
    ],
    [['-s', '--feature', 'foo'], "Can't parse feature=level string foo: equals sign not found."],
    [['-s', '--release-version', '9.9'], "Unknown metadata.version '9.9'. Supported metadata.version are: 3.3-IV3"],
    [['-I', 'x'], 'java.lang.IllegalArgumentException: No @ found in dynamic voter string.'],
  ])('%j is refused', async (options, message) => {
    const result = await format(writeConfig(), ...options);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain(message);
  });
});

test('info tells what is formatted and what is wrong', async () => {
  const config = writeConfig();
  expect(await runCaptured(tool, ['info', '-c', config])).toEqual({
    stdout: `Found problem:\n  ${folder}/data does not exist\n\n`,
    stderr: '',
    exitCode: 1,
  });
  await format(config, '-s');
  const info = await runCaptured(tool, ['info', '-c', config]);
  expect(info.stdout).toMatch(
    /^Found log directory:\n {2}\S+\n\nFound metadata: \{cluster\.id=\S+, .*version=1\}\n\n$/,
  );
  expect(info.exitCode).toBe(0);
});

test('a SCRAM credential with a salted password has the keys that Kafka makes of it', () => {
  const argument = 'SCRAM-SHA-512=[name=bob,iterations=8192,salt="N3E=",saltedpassword="YCE="]';
  const credential = parseScramArgument(argument, seededRandom(1));
  expect(credential.storedKey.toString('base64')).toBe(
    'cXajSfkesuEdmelXMIE1FvL2RXPfwlrmGKyq6ai/1my6GnQBkALTiDfj8bysiAAVsysjd15xpW2sEiappLOxvQ==',
  );
  expect(credential.serverKey.toString('base64')).toBe(
    'TGF8Dt3uWsZYXy+/UBt86VtHDWvwHxtUnCY8GKG1QG6muF9I08fZ3MQ0cupwRZ2uY6KK9INaZHi4OxHCDwYMBw==',
  );
});
