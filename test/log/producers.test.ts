import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { PartitionLog } from '../../src/log/partition-log.ts';
import { buildEndTransactionMarker } from '../../src/records/control-record.ts';
import { batchOf, setUp, T0 } from './helpers.ts';

const DAY_MS = 24 * 3_600_000;

function produce(
  log: PartitionLog,
  sequence: number,
  options: { id?: number; epoch?: number; count?: number; txn?: boolean } = {},
) {
  const values = Array.from({ length: options.count ?? 1 }, (_, i) => `v${sequence + i}`);
  const batch = batchOf(values, {
    producerId: options.id ?? 1,
    producerEpoch: options.epoch ?? 0,
    baseSequence: sequence,
    isTransactional: options.txn ?? false,
  });
  return log.appendAsLeader(batch, 0);
}

function end(
  log: PartitionLog,
  isCommit: boolean,
  options: { id?: number; epoch?: number; coordinatorEpoch?: number; version?: number } = {},
) {
  const marker = buildEndTransactionMarker(T0, {
    producerId: options.id ?? 1,
    producerEpoch: options.epoch ?? 0,
    isCommit,
    coordinatorEpoch: options.coordinatorEpoch ?? 0,
  });
  return log.appendAsLeader(marker, 0, { origin: 'coordinator', transactionVersion: options.version ?? 0 });
}

const refused = (errorName: string) => expect.objectContaining({ errorName });

describe('idempotent producers', () => {
  test('the last five batches are recognised and answered with their first offset', () => {
    const log = setUp().open();
    for (let i = 0; i < 7; i++) expect(produce(log, i * 2, { count: 2 }).baseOffset).toBe(i * 2);
    for (let i = 2; i < 7; i++) {
      expect(produce(log, i * 2, { count: 2 })).toMatchObject({
        isDuplicate: true,
        baseOffset: i * 2,
        lastOffset: i * 2 + 1,
      });
    }
    expect(() => produce(log, 2, { count: 2 })).toThrowError(refused('OUT_OF_ORDER_SEQUENCE_NUMBER'));
    expect(log.logEndOffset).toBe(14);
  });

  test('a gap is refused, a producer that is not known may start anywhere', () => {
    const log = setUp().open();
    produce(log, 17);
    expect(() => produce(log, 19)).toThrowError(refused('OUT_OF_ORDER_SEQUENCE_NUMBER'));
    expect(produce(log, 18).isDuplicate).toBe(false);
  });

  test('sequences start again at 0 after the largest int32', () => {
    const log = setUp().open();
    produce(log, 0x7ffffffe, { count: 2 });
    expect(produce(log, 0).baseOffset).toBe(2);
    const wrapping = setUp().open();
    produce(wrapping, 0x7fffffff, { count: 3 });
    expect(produce(wrapping, 2).baseOffset).toBe(3);
  });

  test('an old epoch is fenced, a new one starts at 0', () => {
    const log = setUp().open();
    produce(log, 0, { epoch: 3 });
    expect(() => produce(log, 1, { epoch: 2 })).toThrowError(refused('INVALID_PRODUCER_EPOCH'));
    expect(() => produce(log, 1, { epoch: 4 })).toThrowError(refused('OUT_OF_ORDER_SEQUENCE_NUMBER'));
    expect(produce(log, 0, { epoch: 4 }).baseOffset).toBe(1);
  });

  test('idle producers are forgotten after producer.id.expiration.ms', () => {
    const { open, clock } = setUp();
    const log = open();
    produce(log, 0);
    clock.advance(DAY_MS - 1);
    log.removeExpiredProducers();
    expect(log.activeProducers()).toEqual([
      {
        producerId: 1,
        producerEpoch: 0,
        lastSequence: 0,
        lastTimestamp: T0,
        coordinatorEpoch: -1,
        currentTransactionStartOffset: -1,
      },
    ]);
    clock.advance(1);
    log.removeExpiredProducers();
    expect(log.activeProducers()).toEqual([]);
  });

  test('a refused batch changes nothing', () => {
    const log = setUp().open();
    produce(log, 0);
    const before = log.activeProducers();
    expect(() => produce(log, 5)).toThrow();
    expect(log.activeProducers()).toEqual(before);
    expect(log.logEndOffset).toBe(1);
  });
});

describe('transactions', () => {
  const unverified = { verifyTransactions: false };

  test('the last stable offset waits for the end, and the marker for the high watermark', () => {
    const log = setUp().open({}, unverified);
    produce(log, 0);
    produce(log, 0, { id: 2, txn: true });
    produce(log, 0, { id: 3, txn: true });
    log.updateHighWatermark(3);
    expect(log.lastStableOffset).toBe(1);
    end(log, true, { id: 2 });
    log.updateHighWatermark(3);
    expect(log.lastStableOffset).toBe(1);
    log.updateHighWatermark(4);
    expect(log.lastStableOffset).toBe(2);
    end(log, false, { id: 3 });
    log.updateHighWatermark(5);
    expect(log.lastStableOffset).toBe(5);
  });

  test('aborted ones are found by range, after restarts of both kinds too', () => {
    const { open, directory } = setUp();
    let log = open({}, unverified);
    for (let i = 0; i < 4; i++) {
      produce(log, 0, { epoch: i, txn: true, count: 2 });
      end(log, i % 2 === 0, { epoch: i });
    }
    const check = (): void => {
      expect(log.abortedTransactions(0, 12)).toEqual([
        { producerId: 1, firstOffset: 3 },
        { producerId: 1, firstOffset: 9 },
      ]);
      expect(log.abortedTransactions(0, 3)).toEqual([]);
      expect(log.abortedTransactions(6, 12)).toEqual([{ producerId: 1, firstOffset: 9 }]);
      expect(log.abortedTransactions(5, 6)).toEqual([{ producerId: 1, firstOffset: 3 }]);
    };
    check();
    log.close();
    log = open({}, { ...unverified, hadCleanShutdown: true });
    check();
    log.close(false);
    log = open({}, unverified);
    check();
    expect(existsSync(join(directory, '00000000000000000000.txnindex'))).toBe(true);
    log.truncateTo(9);
    expect(log.abortedTransactions(0, 12)).toEqual([{ producerId: 1, firstOffset: 3 }]);
  });

  test('an open transaction survives a restart and a truncation takes it back', () => {
    const { open } = setUp();
    let log = open({}, unverified);
    produce(log, 0);
    produce(log, 0, { id: 2, txn: true });
    log.close();
    log = open({}, { ...unverified, hadCleanShutdown: true });
    log.updateHighWatermark(2);
    expect(log.lastStableOffset).toBe(1);
    expect(log.hasOngoingTransaction(2, 0)).toBe(true);
    log.truncateTo(1);
    expect(log.lastStableOffset).toBe(1);
    expect(log.hasOngoingTransaction(2, 0)).toBe(false);
    expect(log.activeProducers().map((producer) => producer.producerId)).toEqual([1]);
  });

  test('a stale coordinator and a stale epoch are refused', () => {
    const log = setUp().open({}, unverified);
    produce(log, 0, { txn: true, epoch: 2 });
    expect(() => end(log, true, { epoch: 1 })).toThrowError(refused('INVALID_PRODUCER_EPOCH'));
    end(log, true, { epoch: 2, coordinatorEpoch: 5 });
    expect(() => end(log, true, { epoch: 2, coordinatorEpoch: 4 })).toThrowError(
      refused('TRANSACTION_COORDINATOR_FENCED'),
    );
  });

  test('with transaction.version 2 a marker needs a higher epoch, unless it is sent again', () => {
    const log = setUp().open({}, unverified);
    produce(log, 0, { txn: true, epoch: 2 });
    expect(() => end(log, true, { epoch: 2, version: 2 })).toThrowError(refused('INVALID_PRODUCER_EPOCH'));
    end(log, true, { epoch: 3, version: 2 });
    expect(end(log, true, { epoch: 3, version: 2 }).isDuplicate).toBe(false);
    expect(produce(log, 0, { txn: true, epoch: 3 }).isDuplicate).toBe(false);
  });

  test('a plain batch within a transaction is INVALID_TXN_STATE', () => {
    const log = setUp().open({}, unverified);
    produce(log, 0, { txn: true });
    expect(() => produce(log, 1)).toThrowError(refused('INVALID_TXN_STATE'));
  });

  test('the first batch of a transaction needs the guard that was asked for (KIP-890)', () => {
    const log = setUp().open();
    expect(() => produce(log, 0, { txn: true })).toThrowError(refused('INVALID_TXN_STATE'));
    const verificationGuard = log.startTransactionVerification(1, 0, 0, true);
    expect(verificationGuard).toBeDefined();
    const options = { producerId: 1, producerEpoch: 0, isTransactional: true };
    const other = { producerId: 1 };
    expect(() =>
      log.appendAsLeader(batchOf(['a'], { ...options, baseSequence: 0 }), 0, { verificationGuard: other }),
    ).toThrowError(refused('INVALID_TXN_STATE'));
    log.appendAsLeader(batchOf(['a'], { ...options, baseSequence: 0 }), 0, { verificationGuard });
    expect(log.startTransactionVerification(1, 1, 0, true)).toBeUndefined();
    expect(log.appendAsLeader(batchOf(['b'], { ...options, baseSequence: 1 }), 0).baseOffset).toBe(1);
  });

  test('a verified producer without state must start at 0', () => {
    const log = setUp().open();
    const verificationGuard = log.startTransactionVerification(1, 4, 0, true);
    const batch = batchOf(['a'], { producerId: 1, producerEpoch: 0, baseSequence: 4, isTransactional: true });
    expect(() => log.appendAsLeader(batch, 0, { verificationGuard })).toThrowError(
      refused('OUT_OF_ORDER_SEQUENCE_NUMBER'),
    );
  });
});
