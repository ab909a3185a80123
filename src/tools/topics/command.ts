import { type CommandLineSpec, parseCommandLine } from '../shared/command-line.ts';
import type { Tool } from '../shared/tool.ts';
import { TOPICS_OPTIONS } from './options.ts';

const SPEC: CommandLineSpec<typeof TOPICS_OPTIONS> = {
  name: 'kafka-topics',
  options: TOPICS_OPTIONS,
  helpSentence: 'This tool helps to create, delete, describe, or change a topic.',
  noArgumentsSentence: 'Create, delete, describe, or change a topic.',
  parserErrors: 'message and trace',
  examples: [],
};

/** kafka-topics */
export const tool: Tool = {
  name: 'kafka-topics',
  summary: 'create, list, describe, extend and delete topics',
  async run(argv, io) {
    parseCommandLine(SPEC, argv, io);
    return 0;
  },
};
