import type { CommandLineSpec } from '../shared/command-line.ts';
import { notAvailable } from '../shared/not-available.ts';
import { SHARE_CONSUMER_PERF_TEST_OPTIONS } from './options.ts';

const SPEC: CommandLineSpec<typeof SHARE_CONSUMER_PERF_TEST_OPTIONS> = {
  name: 'kafka-share-consumer-perf-test',
  options: SHARE_CONSUMER_PERF_TEST_OPTIONS,
  helpSentence: 'This tool is used to verify the share consumer performance.',
  parserErrors: 'message and usage',
  examples: [],
};

/** kafka-share-consumer-perf-test: its command line. */
export const tool = notAvailable(SPEC, 'measure a share consumer', (line) => line.require('topic', 'bootstrap-server'));
