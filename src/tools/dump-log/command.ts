import { type CommandLine, type CommandLineSpec, parseCommandLine } from '../shared/command-line.ts';
import { javaToString } from '../shared/java-errors.ts';
import { type Tool, ToolExit } from '../shared/tool.ts';
import { DUMP_LOG_OPTIONS } from './options.ts';

/** A parsed command line of kafka-dump-log. */
export type DumpLine = CommandLine<typeof DUMP_LOG_OPTIONS>;

const SPEC: CommandLineSpec<typeof DUMP_LOG_OPTIONS> = {
  name: 'kafka-dump-log',
  options: DUMP_LOG_OPTIONS,
  helpSentence:
    'This tool helps to parse a log file and dump its contents to the console, useful for debugging a seemingly ' +
    'corrupt log segment.',
  parserErrors: 'uncaught',
  examples: [
    { does: 'see the batches of a segment', line: '--files orders-0/00000000000000000000.log' },
    { does: 'see its records too', line: '--print-data-log --files orders-0/00000000000000000000.log' },
    {
      does: 'read committed offsets',
      line: '--offsets-decoder --files __consumer_offsets-0/00000000000000000000.log',
    },
    {
      does: 'read the metadata log',
      line: '--cluster-metadata-decoder --files __cluster_metadata-0/00000000000000000000.log',
    },
  ],
};

/** kafka-dump-log: shows what is in the files of a data folder, without a broker. */
export const tool: Tool = {
  name: 'kafka-dump-log',
  summary: 'show the records and indexes in data files',
  async run(argv, io) {
    const line = parseCommandLine(SPEC, argv, io);
    line.require('files');
    try {
      const { dumpFiles } = await import('./dump.ts');
      return await dumpFiles(line, io);
    } catch (error) {
      if (error instanceof ToolExit) throw error;
      throw new ToolExit(1, { stderr: `Exception in thread "main" ${javaToString(error)}\n` });
    }
  },
};
