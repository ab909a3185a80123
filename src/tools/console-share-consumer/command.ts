import type { CommandLineSpec } from '../shared/command-line.ts';
import { notAvailable } from '../shared/not-available.ts';
import { CONSOLE_SHARE_CONSUMER_OPTIONS } from './options.ts';

const SPEC: CommandLineSpec<typeof CONSOLE_SHARE_CONSUMER_OPTIONS> = {
  name: 'kafka-console-share-consumer',
  options: CONSOLE_SHARE_CONSUMER_OPTIONS,
  helpSentence: 'This tool helps to read data from Kafka topics using share groups and outputs it to standard output.',
  parserErrors: 'message and usage',
  examples: [],
};

/** kafka-console-share-consumer: its command line. */
export const tool = notAvailable(SPEC, 'read records in a share group', (line) =>
  line.require('topic', 'bootstrap-server'),
);
