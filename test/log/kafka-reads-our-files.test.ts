import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { buildEndTransactionMarker } from '../../src/records/control-record.ts';
import { batchOf, setUp, T0, values } from './helpers.ts';

const KAFKA = resolve(import.meta.dirname, '../../../shared/kafka/kafka');
const run = promisify(execFile);

// Runs where a released Apache Kafka lies beside the repository.
describe.runIf(existsSync(KAFKA))('Apache Kafka’s kafka-dump-log', () => {
  test('finds nothing wrong with segments, indexes, snapshots and transactions', { timeout: 60_000 }, async () => {
    const { open, directory } = setUp();
    const log = open({ segmentBytes: 20_000, indexIntervalBytes: 500 }, { verifyTransactions: false });
    let sequence = 0;
    for (let round = 0; round < 10; round++) {
      for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const) {
        const options = { codec, producerId: 5, producerEpoch: 0, baseSequence: sequence };
        log.appendAsLeader(batchOf(values(20, 60), { ...options, timestamp: T0 + sequence }), 3);
        sequence += 20;
      }
    }
    for (const isCommit of [true, false]) {
      const producer = { producerId: 9, producerEpoch: isCommit ? 0 : 1 };
      log.appendAsLeader(batchOf(['t'], { ...producer, baseSequence: 0, isTransactional: true }), 3);
      const marker = buildEndTransactionMarker(T0, { ...producer, isCommit, coordinatorEpoch: 4 });
      log.appendAsLeader(marker, 3, { origin: 'coordinator' });
    }
    const endOffset = log.logEndOffset;
    log.close();
    const files = readdirSync(directory).filter((name) => /\.(log|index|timeindex|txnindex|snapshot)$/.test(name));
    const options = { maxBuffer: 1 << 26, cwd: directory };
    const { stdout } = await run(KAFKA, ['kafka-dump-log', '--deep-iteration', '--files', files.join(',')], options);
    expect(stdout.match(/^\| offset: /gm)).toHaveLength(endOffset);
    expect(stdout.match(/isvalid: true/g)).toHaveLength(50 + 4);
    expect(stdout).not.toMatch(/isvalid: false|mismatch|corrupt|exception|sanity/i);
    expect(stdout).toMatch(/endTxnMarker: ABORT coordinatorEpoch: 4/);
    expect(stdout).toMatch(/producerId: 9 firstOffset: 1002 lastOffset: 1003 lastStableOffset: 1004/);
    expect(stdout).toMatch(/producerId: 5 producerEpoch: 0 .* lastSequence: 999 /);
    expect(join(directory, files[0] ?? '')).toMatch(/00000000000000000000\.index$/);
  });
});
