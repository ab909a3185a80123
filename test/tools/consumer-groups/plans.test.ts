/** Goal: plans and times of --reset-offsets are read and written as Kafka's tool does it. */
import { describe, expect, test } from 'vitest';
import { CsvError, csvLine, parsePlan } from '../../../src/tools/consumer-groups/csv.ts';
import { parseStates, parseTypes } from '../../../src/tools/consumer-groups/list.ts';
import { assignmentText } from '../../../src/tools/consumer-groups/members.ts';
import { parseTopicPartitions } from '../../../src/tools/consumer-groups/reset.ts';
import { parseDateTime, parseDurationMs, TimeFormatError } from '../../../src/tools/consumer-groups/times.ts';

describe('CSV', () => {
  const planned = { group: 'g', topic: 't', partition: 1, offset: 20 };

  test('short names stand bare, long ones and those with characters below "-" in quotes', () => {
    expect(csvLine(planned, false)).toBe('t,1,20\n');
    expect(csvLine(planned, true)).toBe('g,t,1,20\n');
    expect(csvLine({ ...planned, topic: 'a-topic-whose-name-is-long' }, false)).toBe(
      '"a-topic-whose-name-is-long",1,20\n',
    );
    expect(csvLine({ ...planned, group: 'a "b", c' }, true)).toBe('"a ""b"", c",t,1,20\n');
  });

  test('what was written is read back', () => {
    const plans = [planned, { ...planned, group: 'a "b", c', topic: 'x'.repeat(30), partition: 0 }];
    const text = plans.map((one) => csvLine(one, true)).join('');
    expect(parsePlan(text, ['g', 'a "b", c'])).toEqual(plans);
    expect(parsePlan(csvLine(planned, false), ['g'])).toEqual([planned]);
  });

  test.each([
    [
      'three columns for one group',
      't,0,5\n"t",1,6\n',
      ['g'],
      [
        ['g', 't', 0, 5],
        ['g', 't', 1, 6],
      ],
    ],
    ['four columns for one group', 'other,t,1,5\n', ['g'], [['other', 't', 1, 5]]],
    ['what is missing at the end is 0', 'this is no plan\n', ['g'], [['g', 'this is no plan', 0, 0]]],
    ['blanks round a number', 't, 1 , 2\n', ['g'], [['g', 't', 1, 2]]],
    [
      'Windows line ends',
      't,1,2\r\nt,2,3\r\n',
      ['g'],
      [
        ['g', 't', 1, 2],
        ['g', 't', 2, 3],
      ],
    ],
  ] as const)('%s', (_, text, groups, rows) => {
    expect(parsePlan(text, groups).map((one) => [one.group, one.topic, one.partition, one.offset])).toEqual(rows);
  });

  test.each([
    ['t,0,x\n', 'Cannot deserialize value of type `int` from String "x": not a valid `int` value'],
    ['t,0,0,0,0\n', 'Too many entries: expected at most 4 (value #4 (1 chars) "0")'],
    ['t,0,0\n\nt,1,0\n', 'No content to map due to end-of-input'],
    ['"t,1,0\n', 'Missing closing quote for value'],
    ['', 'No content to map due to end-of-input'],
  ])('%j is no plan', (text, message) => {
    expect(() => parsePlan(text, ['g'])).toThrow(CsvError);
    expect(() => parsePlan(text, ['g'])).toThrow(message);
  });
});

describe('times', () => {
  test.each([
    ['2020-01-01T00:00:00.000', Date.UTC(2020, 0, 1)],
    ['2020-02-29T23:59:59.999Z', Date.UTC(2020, 1, 29, 23, 59, 59, 999)],
    ['2020-01-01T00:00:00.000+05:30', Date.UTC(2019, 11, 31, 18, 30)],
    ['2020-01-01T00:00:00.000-0530', Date.UTC(2020, 0, 1, 5, 30)],
    ['2020-01-01T00:00:00.000+05', Date.UTC(2019, 11, 31, 19)],
  ])('%s', (text, timeMs) => {
    expect(parseDateTime(text)).toBe(timeMs);
  });

  test.each([
    ['2020-01-01', "Error parsing timestamp. It does not contain a 'T' according to ISO8601 format"],
    ['2020-01-01T00:00:00', 'Unparseable date: "2020-01-01T00:00:00Z"'],
    ['2021-02-29T00:00:00.000', 'Unparseable date: "2021-02-29T00:00:00.000Z"'],
    ['2021-01-01T24:00:00.000', 'Unparseable date: "2021-01-01T24:00:00.000Z"'],
  ])('%s is no date', (text, message) => {
    expect(() => parseDateTime(text)).toThrow(new TimeFormatError('java.text.ParseException', message));
  });

  test.each([
    ['PT0S', 0],
    ['P1D', 86_400_000],
    ['P1DT2H3M4.5S', 93_784_500],
    ['PT-1.5S', -1500],
    ['-PT1H', -3_600_000],
    ['pt1h', 3_600_000],
  ])('the duration %s', (text, durationMs) => {
    expect(parseDurationMs(text)).toBe(durationMs);
  });

  test.each(['yesterday', 'P', 'PT', 'P1DT', '1H', 'P1H', 'PT1D'])('%s is no duration', (text) => {
    expect(() => parseDurationMs(text)).toThrow('Text cannot be parsed to a Duration');
  });
});

describe('names', () => {
  test('topic arguments with partitions', () => {
    expect(parseTopicPartitions('t:0,2')).toEqual([
      { topic: 't', partition: 0 },
      { topic: 't', partition: 2 },
    ]);
    expect(() => parseTopicPartitions('t:0:1')).toThrow(
      "Invalid topic arg 't:0:1', expected topic name and partitions",
    );
    expect(() => parseTopicPartitions('t:x')).toThrow("Invalid partition 'x' specified in topic arg 't:x''");
  });

  test('filters of --list in any case', () => {
    expect(parseStates('stable, EMPTY,')).toEqual(['Stable', 'Empty']);
    expect(parseTypes('classic,Consumer')).toEqual(['Classic', 'Consumer']);
    expect(() => parseStates('nonsense')).toThrow("Invalid state list 'nonsense'. Valid states are: Empty, ");
    expect(() => parseTypes('Nonsense')).toThrow("Invalid types list 'nonsense'. Valid types are: Consumer, Classic");
  });

  test('assignments', () => {
    const partitions = [
      { topic: 'plain', partition: 1 },
      { topic: 'other', partition: 2 },
      { topic: 'plain', partition: 0 },
    ];
    expect(assignmentText(partitions)).toBe('other:2;plain:0,1');
    expect(assignmentText([])).toBe('-');
  });
});
