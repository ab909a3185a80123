/** Goal: command lines are taken apart as jopt-simple 5 does in Kafka's tools, with its messages. */
import { describe, expect, test } from 'vitest';
import { JoptError } from '../../../src/tools/shared/jopt-error.ts';
import { joptUsage } from '../../../src/tools/shared/jopt-usage.ts';
import { flag, integer, type OptionDeclarations, text } from '../../../src/tools/shared/option-types.ts';
import { parseOptions } from '../../../src/tools/shared/options.ts';

const OPTIONS = {
  topic: text('topic', 'The topic.'),
  list: flag('List.'),
  partitions: integer('# of partitions', 'How many.'),
  group: text('group id', 'A group.', { defaults: ['g'] }),
  keys: text('k1,k2', 'Keys.', { separator: ',' }),
  codec: { takes: 'optional argument', type: 'String', argument: 'codec', description: 'A codec.' },
  members: flag('Members.', { onlyWith: ['describe'] }),
  describe: flag('Describe.'),
} satisfies OptionDeclarations;

const parse = (...argv: string[]) => parseOptions(OPTIONS, argv);

function failure(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof JoptError) return `${error.className}: ${error.message}`;
    throw error;
  }
  return 'no failure';
}

describe('accepted lines', () => {
  test.each([[['--topic', 'a']], [['--topic=a']], [['-topic', 'a']], [['-topic=a']]])('%j gives the topic', (argv) => {
    expect(parse(...argv).valueOf('topic')).toBe('a');
  });

  test('a required argument swallows the option behind it', () => {
    const line = parse('--topic', '--list');
    expect(line.valueOf('topic')).toBe('--list');
    expect(line.has('list')).toBe(false);
  });

  test('an optional argument takes the next word only when that is no option', () => {
    expect(parse('--codec', 'gzip').valueOf('codec')).toBe('gzip');
    expect(parse('--codec', '--list').hasArgument('codec')).toBe(false);
    expect(parse('--codec', '--list').has('list')).toBe(true);
  });

  test('an empty value counts, a value of a flag does not', () => {
    expect(parse('--topic=').valueOf('topic')).toBe('');
    expect(parse('--list=foo').has('list')).toBe(true);
  });

  test('words, a lone dash and everything behind -- are collected and ignored', () => {
    expect(parse('a', '-', '--list', '--', '--topic', 'x').words).toEqual(['a', '-', '--topic', 'x']);
  });

  test('one argument with commas is several values where the option is declared so', () => {
    expect(parse('--keys', 'a,b', '--keys', 'c').valuesOf('keys')).toEqual(['a', 'b', 'c']);
    expect(parse('--keys', '').valuesOf('keys')).toEqual(['']);
  });

  test('an absent option has its default', () => {
    expect(parse().valueOf('group')).toBe('g');
    expect(parse().has('group')).toBe(false);
  });
});

describe('refused lines', () => {
  test.each([
    [['--top', 'x'], 'joptsimple.UnrecognizedOptionException: top is not a recognized option'],
    [['-zookeeper', 'x'], 'joptsimple.UnrecognizedOptionException: z is not a recognized option'],
    [['--topic'], 'joptsimple.OptionMissingRequiredArgumentException: Option topic requires an argument'],
    [
      ['--members'],
      'joptsimple.UnavailableOptionException: ' +
        'Option(s) [members] are unavailable given other options on the command line',
    ],
  ])('%j', (argv, message) => {
    expect(failure(() => parse(...argv))).toBe(message);
  });

  test('a value is checked only when it is read', () => {
    const line = parse('--topic', 'a', '--topic', 'b', '--partitions', 'many');
    expect(failure(() => line.valueOf('topic'))).toBe(
      'joptsimple.MultipleArgumentsForOptionException: ' +
        'Found multiple arguments for option topic, but you asked for only one',
    );
    expect(failure(() => line.integerOf('partitions'))).toBe(
      "joptsimple.OptionArgumentConversionException: Cannot parse argument 'many' of option partitions",
    );
  });

  test.each(['1.5', '', '2147483648', 'x1'])('%j is no Integer', (value) => {
    expect(failure(() => parse(`--partitions=${value}`).integerOf('partitions'))).toContain('Cannot parse argument');
  });
});

test('the usage table is padded, wrapped and sorted as jopt-simple does it', () => {
  const usage = joptUsage({
    topic: text('topic', 'The topic to read, whose records are shown one by one, in order.'),
    'batch-size': integer('size', 'Number of messages in a batch.', { defaults: ['16'] }),
  });
  expect(usage.split('\n')).toEqual([
    'Option                        Description                                      ',
    '------                        -----------                                      ',
    '--batch-size <Integer: size>  Number of messages in a batch. (default: 16)     ',
    '--topic <String: topic>       The topic to read, whose records are shown one by',
    '                                one, in order.                                 ',
    '',
  ]);
});
