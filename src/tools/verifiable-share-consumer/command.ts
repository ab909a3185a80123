import { type ArgparseSpec, parseArgparse } from '../shared/argparse-command.ts';
import { NOT_AVAILABLE_REMARK } from '../shared/not-available.ts';
import { type Tool, ToolExit } from '../shared/tool.ts';
import { VERIFIABLE_SHARE_CONSUMER_PARSER } from './options.ts';

const SPEC: ArgparseSpec = {
  parser: VERIFIABLE_SHARE_CONSUMER_PARSER,
  helpExitCode: 1,
  helpWithoutArguments: true,
  examples: [],
  remark: NOT_AVAILABLE_REMARK,
};

/** kafka-verifiable-share-consumer: its command line. */
export const tool: Tool = {
  name: 'kafka-verifiable-share-consumer',
  summary: 'a share consumer for system tests (not available yet)',
  async run(argv, io) {
    parseArgparse(SPEC, argv, io);
    const stderr = "kafka-verifiable-share-consumer: this tool is not available in ottla yet; use Apache Kafka's.\n";
    throw new ToolExit(1, { stderr });
  },
};
