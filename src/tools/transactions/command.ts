import type { KafkaClient } from '../../client/index.ts';
import { messageAndTrace, withAdmin } from '../shared/admin-session.ts';
import type { ParsedArguments } from '../shared/argparse.ts';
import { type ArgparseSpec, parseArgparse } from '../shared/argparse-command.ts';
import { KAFKA_COMMIT, KAFKA_VERSION } from '../shared/kafka-version.ts';
import { type Tool, ToolExit, type ToolIo } from '../shared/tool.ts';
import { TRANSACTIONS_PARSER } from './options.ts';

const SPEC: ArgparseSpec = {
  parser: TRANSACTIONS_PARSER,
  helpExitCode: 1,
  examples: [
    { does: 'see all transactional ids', line: '--bootstrap-server localhost:9092 list' },
    { does: 'look at one', line: '--bootstrap-server localhost:9092 describe --transactional-id payments' },
    {
      does: 'find transactions that nobody will end',
      line: '--bootstrap-server localhost:9092 find-hanging --broker-id 1',
    },
  ],
};

/** What every sub-command of kafka-transactions gets. */
export interface TransactionsRun {
  readonly admin: KafkaClient;
  readonly parsed: ParsedArguments & { readonly output: 'text' | 'json' };
  readonly io: ToolIo;
}

/** kafka-transactions */
export const tool: Tool = {
  name: 'kafka-transactions',
  summary: 'show transactions and end those that hang',
  answersInJson: true,
  async run(argv, io) {
    const [first] = argv;
    if (first === '-v' || first === '--version') {
      throw new ToolExit(0, { stdout: `${KAFKA_VERSION} (Commit:${KAFKA_COMMIT})\n` });
    }
    const parsed = parseArgparse(SPEC, argv, io);
    const address = {
      bootstrapServer: parsed.valueOf('bootstrap-server'),
      commandConfig: parsed.valueOf('command-config'),
    };
    const { SUBCOMMANDS } = await import('./subcommands.ts');
    try {
      await withAdmin(io, address, async (admin) => {
        await SUBCOMMANDS[parsed.subcommand ?? '']?.({ admin, parsed, io });
      });
      return 0;
    } catch (error) {
      throw messageAndTrace(error);
    }
  },
};
