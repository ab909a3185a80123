/** Goal: kafka-topics refuses what Kafka's refuses, with its texts, streams and exit codes, before it asks a broker. */
import { describe, expect, test } from 'vitest';
import { checkTopicConfigs } from '../../../src/tools/shared/topic-config-check.ts';
import { TopicFilter } from '../../../src/tools/shared/topic-filter.ts';
import { tool } from '../../../src/tools/topics/command.ts';
import { parseReplicaAssignment, parseTopicConfigs } from '../../../src/tools/topics/values.ts';
import { runCaptured } from '../captured-io.ts';

const AT = ['--bootstrap-server', 'localhost:1'];

describe('the command line', () => {
  test.each([
    [['--create'], 'Missing required argument "[topic]"'],
    [
      ['--list', '--describe'],
      'Command must include exactly one action: --list, --describe, --create, --alter or --delete',
    ],
    [['--list', '--config', 'a=b'], 'Option "[config]" can\'t be used with option "[list]"'],
    [
      ['--create', '--topic', 'x', '--replica-assignment', '1', '--partitions', '1'],
      'Option "[replica-assignment]" can\'t be used with option "[partitions]"',
    ],
  ])('%j: message and usage on stderr, exit code 1', async (argv, message) => {
    const result = await runCaptured(tool, [...AT, ...argv]);
    expect(result.stderr.split('\n')[0]).toBe(message);
    expect(result.stderr).toContain('\nOption                                   Description');
    expect([result.stdout, result.exitCode]).toEqual(['', 1]);
  });

  test('an option that the parser does not know ends with the first line of a trace', async () => {
    expect(await runCaptured(tool, [...AT, '--list', '--top', 'x'])).toEqual({
      stdout: '',
      stderr:
        'top is not a recognized option\n' +
        'joptsimple.UnrecognizedOptionException: top is not a recognized option\n\n',
      exitCode: 1,
    });
  });

  test('help goes to stderr with exit code 1 for a pipe, and shows examples on a terminal', async () => {
    const piped = await runCaptured(tool, ['--help']);
    expect([piped.stdout, piped.exitCode]).toEqual(['', 1]);
    expect(piped.stderr).toMatch(/^This tool helps to create, delete, describe, or change a topic\.\nOption /);
    const shown = await runCaptured(tool, ['--help'], { terminal: true });
    expect([shown.stderr, shown.exitCode]).toEqual(['', 0]);
    expect(shown.stdout).toContain('Examples:\n  # make a topic\n  kafka-topics ');
    expect(shown.stdout).toContain('--output');
  });

  test('--version prints the release of Kafka that it follows', async () => {
    expect(await runCaptured(tool, ['--version'])).toEqual({ stdout: '4.4.0\n', stderr: '', exitCode: 0 });
  });
});

describe('values', () => {
  test('replica assignments', () => {
    expect([...parseReplicaAssignment('1:2, 2 :1')]).toEqual([
      [0, [1, 2]],
      [1, [2, 1]],
    ]);
    expect(() => parseReplicaAssignment('5:5')).toThrow('Partition replica lists may not contain duplicate entries: 5');
    expect(() => parseReplicaAssignment('1,2:1')).toThrow('Partition 1 has different replication factor: [2, 1]');
    expect(() => parseReplicaAssignment('one')).toThrow('For input string: "one"');
  });

  test.each(['retention.ms', 'retention.ms=', 'retention.ms=1=2'])('--config %s has the wrong form', (text) => {
    expect(() => parseTopicConfigs([text])).toThrow('all configs to be added must be in the format "key=val"');
  });

  test.each([
    ['no.such', '1', 'Unknown topic config name: no.such'],
    ['retention.ms', 'soon', 'Invalid value soon for configuration retention.ms: Not a number of type LONG'],
    ['segment.ms', '0', 'Invalid value 0 for configuration segment.ms: Value must be at least 1'],
    [
      'cleanup.policy',
      'burn',
      'Invalid value burn for configuration cleanup.policy: String must be one of: compact, delete',
    ],
    [
      'preallocate',
      'maybe',
      'Invalid value maybe for configuration preallocate: Expected value to be either true or false',
    ],
  ])('%s=%s is refused before a broker is asked', (name, value, message) => {
    expect(() => checkTopicConfigs(new Map([[name, value]]))).toThrow(message);
  });

  test('a pattern matches whole names, and a comma means or', () => {
    const filter = new TopicFilter('"a.*, b"');
    expect(['a1', 'b', 'b1', 'xa'].filter((topic) => filter.allows(topic, false))).toEqual(['a1', 'b']);
    expect(new TopicFilter('.*').allows('__consumer_offsets', true)).toBe(false);
    expect(() => new TopicFilter('[')).toThrow('[ is an invalid regex.');
  });
});
