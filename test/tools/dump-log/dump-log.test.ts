/** Goal: kafka-dump-log prints what is in data files line by line as Kafka's tool does (texts recorded from 4.4). */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BatchBuilder } from '../../../src/records/batch-builder.ts';
import { tool } from '../../../src/tools/dump-log/command.ts';
import { runCaptured } from '../captured-io.ts';

const T0 = 1_700_000_000_000;
let folder: string;
let segment: string;
let index: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ottla-dump-'));
  mkdirSync(join(folder, 'orders-0'));
  segment = join(folder, 'orders-0/00000000000000000000.log');
  index = join(folder, 'orders-0/00000000000000000000.index');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function twoBatches(): [Buffer, Buffer] {
  const builder = new BatchBuilder();
  builder.append(T0, Buffer.from('k1'), Buffer.from('first'));
  builder.append(T0 + 1, null, Buffer.from('second'), [{ key: 'h', value: Buffer.from('1') }]);
  const first = builder.finish({ partitionLeaderEpoch: 0, producerId: 7, producerEpoch: 0, baseSequence: 0 });
  builder.append(T0 + 2, Buffer.from('k3'), null);
  return [first, builder.finish({ baseOffset: 2, partitionLeaderEpoch: 0 })];
}

function indexEntry(relativeOffset: number, position: number): Buffer {
  const entry = Buffer.alloc(8);
  entry.writeInt32BE(relativeOffset, 0);
  entry.writeInt32BE(position, 4);
  return entry;
}

const BATCH_LINES = [
  'baseOffset: 0 lastOffset: 1 count: 2 baseSequence: 0 lastSequence: 1 producerId: 7 producerEpoch: 0 ' +
    'partitionLeaderEpoch: 0 isTransactional: false isControl: false deleteHorizonMs: OptionalLong.empty ' +
    'position: 0 CreateTime: 1700000000001 size: 92 magic: 2 compresscodec: none crc: 2063817647 isvalid: true',
  'baseOffset: 2 lastOffset: 2 count: 1 baseSequence: -1 lastSequence: -1 producerId: -1 producerEpoch: -1 ' +
    'partitionLeaderEpoch: 0 isTransactional: false isControl: false deleteHorizonMs: OptionalLong.empty ' +
    'position: 92 CreateTime: 1700000000002 size: 70 magic: 2 compresscodec: none crc: 2922509043 isvalid: true',
] as const;

describe('segments', () => {
  test('a line a batch and, when asked for, a line a record', async () => {
    writeFileSync(segment, Buffer.concat(twoBatches()));
    const brief = await runCaptured(tool, ['--files', segment]);
    expect(brief.stdout.split('\n')).toEqual([`Dumping ${segment}`, 'Log starting offset: 0', ...BATCH_LINES, '']);
    const full = await runCaptured(tool, ['--print-data-log', '--files', segment]);
    expect(full.stdout.split('\n')).toEqual([
      `Dumping ${segment}`,
      'Log starting offset: 0',
      BATCH_LINES[0],
      '| offset: 0 CreateTime: 1700000000000 keySize: 2 valueSize: 5 sequence: 0 headerKeys: [] key: k1 payload: first',
      '| offset: 1 CreateTime: 1700000000001 keySize: -1 valueSize: 6 sequence: 1 headerKeys: [h] payload: second',
      BATCH_LINES[1],
      '| offset: 2 CreateTime: 1700000000002 keySize: 2 valueSize: -1 sequence: -1 headerKeys: [] key: k3',
      '',
    ]);
    expect([full.stderr, full.exitCode]).toEqual(['', 0]);
  });

  test('a broken checksum and a torn end are told', async () => {
    const [first, second] = twoBatches();
    second.writeUInt8(second.readUInt8(second.length - 1) ^ 1, second.length - 1);
    writeFileSync(segment, Buffer.concat([first, second, Buffer.alloc(5)]));
    const { stdout } = await runCaptured(tool, ['--files', segment]);
    expect(stdout).toContain('crc: 2922509043 isvalid: false\n');
    expect(stdout).toContain('\nFound 5 invalid bytes at the end of 00000000000000000000.log\n');
  });
});

describe('indexes', () => {
  test('entries are printed, and those that do not match the log are told at the end', async () => {
    const [first, second] = twoBatches();
    writeFileSync(segment, Buffer.concat([first, second]));
    writeFileSync(index, indexEntry(2, first.length));
    expect((await runCaptured(tool, ['--files', index])).stdout).toBe(`Dumping ${index}\noffset: 2 position: 92\n`);
    writeFileSync(index, indexEntry(1, first.length));
    const wrong = await runCaptured(tool, ['--files', index]);
    expect(wrong.stdout).toBe(`Dumping ${index}\noffset: 1 position: 92\n`);
    expect(wrong.stderr).toBe(`Mismatches in :${index}\n  Index offset: 1, log offset: 2\n`);
  });
});

// Bytes and texts as Apache Kafka 4.4 printed them.
test.each([
  [
    '000148674bc700000001',
    'Snapshot failed schema validation: Tried to allocate a collection of size 1, but there are only 0 bytes remaining.',
  ],
  ['000148674bc700', 'Snapshot failed schema validation: null'],
  ['00', 'Snapshot failed schema validation: null'],
  ['6a756e6b6a756e6b', 'Snapshot failed schema validation: Snapshot contained an unknown file version 27253'],
  [
    '000148674bc7000000007878',
    'Snapshot is corrupt (CRC is no longer valid). Stored crc: 1214729159. Computed crc: 2384881527',
  ],
])('a broken producer snapshot %s is told', async (bytes, message) => {
  const path = join(folder, '00000000000000000001.snapshot');
  writeFileSync(path, Buffer.from(bytes, 'hex'));
  const { stdout, stderr } = await runCaptured(tool, ['--files', path]);
  expect([stdout, stderr]).toEqual([`Dumping ${path}\n`, `${message}\n`]);
});

test('values that are too short for their decoder, and those that are no metadata, are told as in Java', async () => {
  const builder = new BatchBuilder();
  builder.append(T0, null, Buffer.from('1'));
  writeFileSync(segment, builder.finish());
  const decoder = 'org.apache.kafka.tools.api.IntegerDecoder';
  const short = await runCaptured(tool, ['--files', segment, '--print-data-log', '--value-decoder-class', decoder]);
  expect(short.stderr).toBe('Exception in thread "main" java.nio.BufferUnderflowException\n');
  const metadata = await runCaptured(tool, ['--files', segment, '--cluster-metadata-decoder']);
  expect(metadata.stdout).toContain(
    'payload: Error at 0, skipping. Could not deserialize metadata record due to unknown frame version 49(only frame version 1 is supported)\n',
  );
});

test('a file of an unknown kind is passed over with a sentence', async () => {
  const path = join(folder, 'orders-0/notes.txt');
  writeFileSync(path, 'x');
  expect(await runCaptured(tool, ['--files', path])).toEqual({
    stdout: `Dumping ${path}\n`,
    stderr: `Ignoring unknown file ${path}\n`,
    exitCode: 0,
  });
});
