import type { CommandLineSpec } from '../shared/command-line.ts';
import { notAvailable } from '../shared/not-available.ts';
import { STREAMS_GROUPS_OPTIONS } from './options.ts';

const SPEC: CommandLineSpec<typeof STREAMS_GROUPS_OPTIONS> = {
  name: 'kafka-streams-groups',
  options: STREAMS_GROUPS_OPTIONS,
  helpSentence: 'This tool helps to list, describe, delete and manage the offsets of streams groups.',
  parserErrors: 'message',
  examples: [],
};

/** kafka-streams-groups: its command line. */
export const tool = notAvailable(SPEC, 'list and describe streams groups', (line) => line.require('bootstrap-server'));
