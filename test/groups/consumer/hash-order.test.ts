/** Goal: topic ids and partitions come in the order of Java's hash tables, as records of Apache Kafka 4.4 show them. */
import { expect, test } from 'vitest';
import {
  compareTopicIds,
  copyCapacity,
  partitionOrder,
  topicIdOrder,
} from '../../../src/groups/consumer/hash-order.ts';

const ORDERS = 's9KDOH0fRoCQy7PefOXx9A';
const PAYMENTS = 'GOKOYWEZQs6PxMzRP0bBGw';
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

test('partitions go by bucket: in a table of 16 those from 16 on come first', () => {
  expect(partitionOrder(range(8, 19))).toEqual([16, 17, 18, 19, ...range(8, 15)]);
  expect(partitionOrder(range(0, 19))).toEqual(range(0, 19));
  expect(partitionOrder([65_536, 0])).toEqual([0, 65_536]);
});

test('a copy keeps the capacity of what it was made of, though entries are removed', () => {
  expect(partitionOrder(range(8, 19), copyCapacity(20))).toEqual(range(8, 19));
  expect(partitionOrder([16, 17, 18, 19, 8, 9, 10, 11], copyCapacity(12))).toEqual([16, 17, 18, 19, 8, 9, 10, 11]);
});

test('a copy of few entries is small, and grows when it must', () => {
  expect(partitionOrder([8, 9, 18, 19, 17, 7], copyCapacity(4))).toEqual([8, 9, 17, 18, 19, 7]);
  expect([0, 1, 2, 12, 13, 24, 25].map(copyCapacity)).toEqual([16, 2, 4, 16, 32, 32, 64]);
});

test('topic ids go by their hash, differently in tables of different sizes', () => {
  expect(topicIdOrder([PAYMENTS, ORDERS])).toEqual([ORDERS, PAYMENTS]);
  expect(topicIdOrder([ORDERS, PAYMENTS], 1)).toEqual([PAYMENTS, ORDERS]);
});

test('topic ids compare as signed numbers', () => {
  // The first byte of one is 0xb3, negative in Java.
  expect(compareTopicIds(ORDERS, PAYMENTS)).toBe(-1);
  expect(compareTopicIds(PAYMENTS, ORDERS)).toBe(1);
  expect(compareTopicIds(ORDERS, ORDERS)).toBe(0);
});
