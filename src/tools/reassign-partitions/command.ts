import { openAdmin } from '../shared/admin-session.ts';
import { type CommandLine, type CommandLineSpec, parseCommandLine } from '../shared/command-line.ts';
import { javaMessageOf, javaToString } from '../shared/java-errors.ts';
import { type Tool, ToolExit } from '../shared/tool.ts';
import { REASSIGN_PARTITIONS_OPTIONS } from './options.ts';

/** A parsed command line of kafka-reassign-partitions. */
export type ReassignLine = CommandLine<typeof REASSIGN_PARTITIONS_OPTIONS>;
type Name = keyof typeof REASSIGN_PARTITIONS_OPTIONS & string;

const SPEC: CommandLineSpec<typeof REASSIGN_PARTITIONS_OPTIONS> = {
  name: 'kafka-reassign-partitions',
  options: REASSIGN_PARTITIONS_OPTIONS,
  helpSentence: 'This tool helps to move topic partitions between replicas.',
  parserErrors: 'uncaught',
  examples: [
    {
      does: 'get a proposal',
      line: '--bootstrap-server localhost:9092 --generate --topics-to-move-json-file topics.json --broker-list 1,2,3',
    },
    { does: 'carry it out', line: '--bootstrap-server localhost:9092 --execute --reassignment-json-file plan.json' },
    {
      does: 'see whether it is done',
      line: '--bootstrap-server localhost:9092 --verify --reassignment-json-file plan.json',
    },
  ],
};

const ACTIONS = ['generate', 'execute', 'verify', 'cancel', 'list'] as const;
type Action = (typeof ACTIONS)[number];

const REQUIRED: Readonly<Record<Action, readonly Name[]>> = {
  generate: ['topics-to-move-json-file', 'broker-list'],
  execute: ['reassignment-json-file'],
  verify: ['reassignment-json-file'],
  cancel: ['reassignment-json-file'],
  list: [],
};

const PERMITTED: Readonly<Record<Action, readonly Name[]>> = {
  generate: ['bootstrap-server', 'broker-list', 'command-config', 'disable-rack-aware'],
  execute: [
    'additional',
    'bootstrap-server',
    'command-config',
    'throttle',
    'replica-alter-log-dirs-throttle',
    'timeout',
    'disallow-replication-factor-change',
  ],
  verify: ['bootstrap-server', 'command-config', 'preserve-throttles'],
  cancel: ['bootstrap-server', 'bootstrap-controller', 'command-config', 'preserve-throttles', 'timeout'],
  list: ['bootstrap-server', 'bootstrap-controller', 'command-config'],
};

function check(line: ReassignLine): Action {
  const [action, ...more] = ACTIONS.filter((name) => line.has(name));
  if (action === undefined || more.length > 0) {
    const message = 'Command must include exactly one action: --generate, --execute, --verify, --cancel, --list';
    if (action !== undefined) line.refuse(message);
    line.refuseOrAsk(message, ACTIONS);
  }
  if (line.count('bootstrap-server', 'bootstrap-controller') > 1) {
    line.refuse("Please don't specify both --bootstrap-server and --bootstrap-controller");
  }
  if (line.count('bootstrap-server', 'bootstrap-controller') === 0) {
    line.refuseOrAsk('Please specify either --bootstrap-server or --bootstrap-controller', ['bootstrap-server']);
  }
  line.require(...REQUIRED[action]);
  const allowed: readonly string[] = [action, ...REQUIRED[action], ...PERMITTED[action]];
  for (const option of line.occurrences) {
    if (option === 'output' || option === 'zookeeper' || allowed.includes(option)) continue;
    line.refuse(`Option "[${option}]" can't be used with action "[${action}]"`);
  }
  return action;
}

/** kafka-reassign-partitions */
export const tool: Tool = {
  name: 'kafka-reassign-partitions',
  summary: 'move partitions between brokers',
  answersInJson: true,
  async run(argv, io) {
    const line = parseCommandLine(SPEC, argv, io);
    const action = check(line);
    try {
      const admin = await openAdmin(io, {
        bootstrapServer: line.valueOf('bootstrap-server'),
        bootstrapController: line.valueOf('bootstrap-controller'),
        commandConfig: line.valueOf('command-config'),
      });
      try {
        const { ACTION_RUNS } = await import('./actions.ts');
        await ACTION_RUNS[action]({ admin, line, io });
        return 0;
      } finally {
        admin.close();
      }
    } catch (error) {
      if (error instanceof ToolExit) throw error;
      throw new ToolExit(1, { stdout: `Error: ${javaMessageOf(error)}\n${javaToString(error)}\n\n` });
    }
  },
};
