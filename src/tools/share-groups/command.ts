import type { CommandLineSpec } from '../shared/command-line.ts';
import { notAvailable } from '../shared/not-available.ts';
import { SHARE_GROUPS_OPTIONS } from './options.ts';

const SPEC: CommandLineSpec<typeof SHARE_GROUPS_OPTIONS> = {
  name: 'kafka-share-groups',
  options: SHARE_GROUPS_OPTIONS,
  helpSentence: 'This tool helps to list, describe, delete and manage the offsets of share groups.',
  parserErrors: 'uncaught',
  examples: [],
};

/** kafka-share-groups: its command line. */
export const tool = notAvailable(SPEC, 'list and describe share groups', (line) => line.require('bootstrap-server'));
