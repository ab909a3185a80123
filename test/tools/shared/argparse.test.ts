/** Goal: command lines, usage and help of the tools that use argparse4j come out as Kafka's. */
import { describe, expect, test } from 'vitest';
import { METADATA_QUORUM_PARSER } from '../../../src/tools/metadata-quorum/options.ts';
import { ArgumentError, argumentErrorText, parseArguments } from '../../../src/tools/shared/argparse.ts';
import { argparseHelp, argparseUsage, wrapJustified } from '../../../src/tools/shared/argparse-help.ts';
import { STORAGE_PARSER } from '../../../src/tools/storage/options.ts';

function refusal(parser: typeof STORAGE_PARSER, ...argv: string[]): string {
  try {
    parseArguments(parser, argv);
  } catch (error) {
    if (error instanceof ArgumentError) return argumentErrorText(parser, error);
    throw error;
  }
  return 'accepted';
}

describe('parsing', () => {
  test('short and long spellings, attached values, unique beginnings', () => {
    const line = parseArguments(STORAGE_PARSER, ['format', '-c', 'a', '--cluster-id=b', '--stand']);
    expect([line.subcommand, line.valueOf('config'), line.valueOf('cluster-id')]).toEqual(['format', 'a', 'b']);
    expect(line.has('standalone')).toBe(true);
  });

  test('options that may be repeated add up', () => {
    const line = parseArguments(STORAGE_PARSER, ['format', '-c', 'a', '-t', 'b', '-f', 'x=1', '-f', 'y=2']);
    expect(line.valuesOf('feature')).toEqual(['x=1', 'y=2']);
  });

  test('a missing option is told with the usage of the sub-command', () => {
    expect(refusal(STORAGE_PARSER, 'format', '--standalone', '-c', 'x')).toBe(
      [
        'usage: kafka-storage format [-h] --config CONFIG --cluster-id CLUSTER_ID',
        '                     [--add-scram ADD_SCRAM] [--ignore-formatted]',
        '                     [--release-version RELEASE_VERSION]',
        '                     [--feature FEATURE] [--standalone |',
        '                     --no-initial-controllers |',
        '                     --initial-controllers INITIAL_CONTROLLERS]',
        'kafka-storage: error: argument --cluster-id/-t is required',
        '',
      ].join('\n'),
    );
  });

  test('an unknown sub-command brings the closest ones', () => {
    expect(refusal(STORAGE_PARSER, 'what')).toContain(
      "kafka-storage:  error:  invalid   choice:   'what'   (choose  from  'info',\n" +
        "'format', 'version-mapping', 'feature-dependencies', 'random-uuid')\n\nDid you mean:\n\tformat\n",
    );
  });

  test('one of an exclusive group must be there', () => {
    expect(refusal(METADATA_QUORUM_PARSER, 'describe', '--status')).toContain(
      'kafka-metadata-quorum: error: one  of  the  arguments --bootstrap-server --\nbootstrap-controller is required\n',
    );
  });

  test('two of an exclusive group are refused', () => {
    expect(refusal(STORAGE_PARSER, 'format', '-c', 'x', '-t', 'y', '-s', '-N').replace(/\s+/g, ' ')).toContain(
      'kafka-storage: error: argument --no-initial-controllers/-N: not allowed with argument --standalone/-s',
    );
  });
});

test('full lines are justified to 75 columns, the last one is not', () => {
  const text = 'This tool is used to verify the producer performance, and this sentence is longer than one line.';
  const [first, second] = wrapJustified(text).split('\n');
  expect(first).toHaveLength(75);
  expect(second).toBe('longer than one line.');
});

test('the help of a sub-command has its own options only', () => {
  const info = STORAGE_PARSER.subcommands?.find(({ name }) => name === 'info');
  expect(argparseHelp(STORAGE_PARSER, info)).toBe(
    [
      'usage: kafka-storage info [-h] --config CONFIG',
      '',
      'optional arguments:',
      '  -h, --help             show this help message and exit',
      '  --config CONFIG, -c CONFIG',
      '                         The Kafka configuration file to use.',
      '',
    ].join('\n'),
  );
  expect(argparseUsage(STORAGE_PARSER)).toContain('{info,format,version-mapping,feature-dependencies,random-uuid}');
});
