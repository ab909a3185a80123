/** Goal: records are printed byte for byte as Kafka's DefaultMessageFormatter and deserializers print them. */
import { describe, expect, test } from 'vitest';
import { findDeserializer } from '../../../src/tools/console-consumer/deserializers.ts';
import {
  DefaultMessageFormatter,
  type RecordOrigin,
  type RecordView,
} from '../../../src/tools/console-consumer/formatter.ts';
import { JsonMessageFormatter } from '../../../src/tools/console-consumer/json-formatter.ts';
import { OutputBuffer } from '../../../src/tools/console-consumer/output-buffer.ts';
import { javaDouble, javaFloat } from '../../../src/tools/shared/java-numbers.ts';

const ORIGIN: RecordOrigin = { topic: 't', partition: 0, timestampType: 'CreateTime' };

function record(key: string | null, value: string | null, headers: [string, string | null][] = []): RecordView {
  const buffer = Buffer.from(value ?? '');
  return {
    buffer,
    offset: 123,
    timestamp: 1729820000000,
    valueStart: 0,
    valueLength: value === null ? -1 : buffer.length,
    key: () => (key === null ? null : Buffer.from(key)),
    value: () => (value === null ? null : buffer),
    headers: () => headers.map(([name, text]) => ({ key: name, value: text === null ? null : Buffer.from(text) })),
  };
}

function format(properties: Record<string, string>, view: RecordView, origin = ORIGIN): string {
  const chunks: Buffer[] = [];
  const output = new OutputBuffer((chunk) => chunks.push(chunk));
  new DefaultMessageFormatter(new Map(Object.entries(properties)), () => {}).writeTo(view, origin, output);
  output.flush();
  return Buffer.concat(chunks).toString();
}

const ALL = Object.fromEntries(
  ['timestamp', 'partition', 'offset', 'delivery', 'epoch', 'headers', 'key'].map((name) => [`print.${name}`, 'true']),
);

describe('--output json', () => {
  const lineOf = (view: RecordView, properties: Record<string, string> = {}) => {
    const chunks: Buffer[] = [];
    const output = new OutputBuffer((chunk) => chunks.push(chunk));
    new JsonMessageFormatter(new Map(Object.entries(properties)), () => {}).writeTo(view, ORIGIN, output);
    output.flush();
    return Buffer.concat(chunks).toString();
  };

  test('a record is one line with all that is known of it', () => {
    const line = lineOf(record('k', 'a\n"b"', [['h', null]]));
    expect(line.indexOf('\n')).toBe(line.length - 1);
    expect(JSON.parse(line)).toEqual({
      topic: 't',
      partition: 0,
      offset: 123,
      timestamp: 1729820000000,
      timestampType: 'CreateTime',
      headers: [{ key: 'h', value: null }],
      key: 'k',
      value: 'a\n"b"',
    });
  });

  test('nulls are nulls, and deserializers count', () => {
    const properties = { 'value.deserializer': 'org.apache.kafka.common.serialization.ShortDeserializer' };
    expect(JSON.parse(lineOf(record(null, '\u0001\u0002'), properties))).toMatchObject({ key: null, value: '258' });
    expect(JSON.parse(lineOf(record(null, null), properties))).toMatchObject({ key: null, value: null });
  });
});

describe('fields', () => {
  test.each([
    ['the value alone', {}, record('k', 'v'), 'v\n'],
    ['a null value', {}, record('k', null), 'null\n'],
    [
      'all of them in their order',
      ALL,
      record('key', 'value', [
        ['h1', 'v1'],
        ['h2', 'v2'],
      ]),
      'CreateTime:1729820000000\tPartition:0\tOffset:123\tDelivery:NOT_PRESENT\tEpoch:NOT_PRESENT\th1:v1,h2:v2\tkey\tvalue\n',
    ],
    ['no headers', { 'print.headers': 'true' }, record(null, 'v'), 'NO_HEADERS\tv\n'],
    ['a header without value', { 'print.headers': 'true' }, record(null, 'v', [['h', null]]), 'h:null\tv\n'],
    ['separators', { 'print.key': 'true', 'key.separator': ' = ', 'line.separator': ';' }, record('k', 'v'), 'k = v;'],
    ['without the value', { 'print.key': 'true', 'print.value': 'false' }, record('k', 'v'), 'k\n'],
    [
      'a single field ends the line',
      { 'print.offset': 'true', 'print.value': 'false' },
      record('k', 'v'),
      'Offset:123\n',
    ],
    ['nothing at all', { 'print.value': 'false' }, record('k', 'v'), ''],
    ['the null literal', { 'print.key': 'true', 'null.literal': '~' }, record(null, null), '~\t~\n'],
    ['true in any case', { 'print.key': ' TRUE' }, record('k', 'v'), 'k\tv\n'],
    ['anything else is false', { 'print.key': 'yes' }, record('k', 'v'), 'v\n'],
  ] as const)('%s', (_, properties, view, text) => {
    expect(format(properties, view)).toBe(text);
  });

  test('the time that the log gave', () => {
    const origin: RecordOrigin = { ...ORIGIN, timestampType: 'LogAppendTime' };
    expect(format({ 'print.timestamp': 'true' }, record(null, 'v'), origin)).toBe('LogAppendTime:1729820000000\tv\n');
  });

  test('values of every length come through whole, also across chunks', () => {
    const formatter = new DefaultMessageFormatter(new Map(), () => {});
    const chunks: Buffer[] = [];
    const output = new OutputBuffer((chunk) => chunks.push(chunk), 1000);
    const values = Array.from({ length: 700 }, (_, i) => String.fromCharCode(97 + (i % 26)).repeat(i));
    for (const value of values) formatter.writeTo(record(null, value), ORIGIN, output);
    output.flush();
    expect(Buffer.concat(chunks).toString()).toBe(values.map((value) => `${value}\n`).join(''));
  });

  test('a null goes through the deserializer as its literal, which then refuses it', () => {
    const className = 'org.apache.kafka.common.serialization.LongDeserializer';
    const properties = { 'value.deserializer': className };
    expect(() => format(properties, record(null, null))).toThrow('Size of data received by LongDeserializer is not 8');
  });

  test('a deserializer that does not exist is reported, and the bytes are printed', () => {
    const reports: string[] = [];
    const properties = new Map([['value.deserializer', 'no.such.Class']]);
    const formatter = new DefaultMessageFormatter(properties, (...texts) => reports.push(texts.join('|')));
    const chunks: Buffer[] = [];
    const output = new OutputBuffer((chunk) => chunks.push(chunk));
    formatter.writeTo(record(null, 'v'), ORIGIN, output);
    output.flush();
    expect(Buffer.concat(chunks).toString()).toBe('v\n');
    expect(reports).toEqual([
      'Unable to instantiate a deserializer from no.such.Class|' +
        'org.apache.kafka.tools.consumer.DefaultMessageFormatter|java.lang.ClassNotFoundException: no.such.Class',
    ]);
  });
});

describe('deserializers', () => {
  function read(name: string, bytes: Buffer) {
    return findDeserializer(`org.apache.kafka.common.serialization.${name}`)?.(bytes);
  }

  test.each([
    ['StringDeserializer', Buffer.from('é'), 'é'],
    ['LongDeserializer', Buffer.from('AAAABBBB'), '4702111234491826754'],
    ['LongDeserializer', Buffer.from('ffffffffffffffff', 'hex'), '-1'],
    ['IntegerDeserializer', Buffer.from('1234'), '825373492'],
    ['ShortDeserializer', Buffer.from('ff85', 'hex'), '-123'],
    ['DoubleDeserializer', Buffer.from('AAAABBBB'), '2261634.5176470587'],
    ['BooleanDeserializer', Buffer.from([1]), 'true'],
    ['UUIDDeserializer', Buffer.from('A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'), 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
  ])('%s', (name, bytes, text) => {
    expect(read(name, bytes)).toBe(text);
  });

  test.each([
    [0, '0.0'],
    [-0, '-0.0'],
    [1, '1.0'],
    [100, '100.0'],
    [0.001, '0.001'],
    [0.0001, '1.0E-4'],
    [1234567.5, '1234567.5'],
    [9999999, '9999999.0'],
    [10000000, '1.0E7'],
    [-1.5e300, '-1.5E300'],
    [4.9e-324, '4.9E-324'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [Number.NaN, 'NaN'],
  ])('the double %d as Java writes it', (value, text) => {
    expect(javaDouble(value)).toBe(text);
  });

  test.each([
    [0.1, '0.1'],
    [3.4028235e38, '3.4028235E38'],
    [16777216, '1.6777216E7'],
  ])('the float %d as Java writes it', (value, text) => {
    expect(javaFloat(Math.fround(value))).toBe(text);
  });
});
