import { messageAndTrace } from '../shared/admin-session.ts';
import { type CommandLine, type CommandLineSpec, parseCommandLine } from '../shared/command-line.ts';
import { illegalArgument } from '../shared/java-errors.ts';
import { canAsk } from '../shared/terminal.ts';
import type { Tool, ToolIo } from '../shared/tool.ts';
import { TOPICS_OPTIONS } from './options.ts';

/** A checked command line of kafka-topics. */
export type TopicsLine = CommandLine<typeof TOPICS_OPTIONS>;

const ACTIONS = ['create', 'list', 'alter', 'describe', 'delete'] as const;
const REPORTS = [
  'under-replicated-partitions',
  'under-min-isr-partitions',
  'at-min-isr-partitions',
  'unavailable-partitions',
] as const;

/** What a valid command line asks for. */
export type TopicsAction = (typeof ACTIONS)[number];

const SPEC: CommandLineSpec<typeof TOPICS_OPTIONS> = {
  name: 'kafka-topics',
  options: TOPICS_OPTIONS,
  helpSentence: 'This tool helps to create, delete, describe, or change a topic.',
  noArgumentsSentence: 'Create, delete, describe, or change a topic.',
  parserErrors: 'message and trace',
  examples: [
    { does: 'make a topic', line: '--bootstrap-server localhost:9092 --create --topic orders --partitions 3' },
    { does: 'see all topics', line: '--bootstrap-server localhost:9092 --list' },
    { does: 'see how a topic is set up', line: '--bootstrap-server localhost:9092 --describe --topic orders' },
    {
      does: 'give a topic more partitions',
      line: '--bootstrap-server localhost:9092 --alter --topic orders --partitions 6',
    },
    { does: 'delete a topic', line: '--bootstrap-server localhost:9092 --delete --topic orders' },
  ],
};

const SHOULD_EXIST_REPORTS = [...REPORTS, 'topics-with-overrides'] as const;

/** Options that an action refuses, in the order in which Kafka complains about them. */
function checkForbidden(line: TopicsLine): void {
  const allExcept = (...allowed: TopicsAction[]) => ACTIONS.filter((action) => !allowed.includes(action));
  const refuse = (option: keyof typeof TOPICS_OPTIONS & string, actions: readonly TopicsAction[]) => {
    line.forbidWith(option, ...actions);
  };
  if (line.has('create')) line.forbidWith('replica-assignment', 'partitions', 'replication-factor');
  if (line.has('alter')) {
    const hint = ' (To alter topic configurations, the kafka-configs tool can be used.)';
    line.forbidCombination(['bootstrap-server', 'config'], ['alter'], hint);
    line.require('partitions');
  }
  refuse('config', allExcept('create', 'alter'));
  refuse('partitions', allExcept('create', 'alter'));
  refuse('replication-factor', allExcept('create'));
  refuse('replica-assignment', allExcept('create', 'alter'));
  for (const report of REPORTS) line.forbidWith(report, 'topics-with-overrides');
  for (const report of SHOULD_EXIST_REPORTS) refuse(report, allExcept('describe'));
  refuse('if-exists', allExcept('alter', 'delete', 'describe'));
  refuse('if-not-exists', allExcept('create'));
  refuse('exclude-internal', allExcept('list', 'describe'));
}

function checkLine(line: TopicsLine, io: ToolIo): TopicsAction {
  const actions = line.count(...ACTIONS);
  const exactlyOne = 'Command must include exactly one action: --list, --describe, --create, --alter or --delete';
  if (actions === 0) line.refuseOrAsk(exactlyOne, ACTIONS);
  if (actions > 1) line.refuse(exactlyOne);
  if (line.has('delete-config')) {
    io.stderr.write(
      'delete-config option is no longer supported and deprecated since version 4.0. ' +
        'The config will be fully removed in future releases.\n',
    );
  }
  if (!line.has('bootstrap-server')) throw messageAndTrace(illegalArgument('--bootstrap-server must be specified'));
  if (line.has('describe') && line.has('if-exists')) {
    if (!line.has('topic') && !line.has('topic-id')) {
      line.refuse('--topic or --topic-id is required to describe a topic');
    }
    if (line.has('topic') && line.has('topic-id')) {
      io.stdout.write(
        'Only topic id will be used when both --topic and --topic-id are specified and topicId is not Uuid.ZERO_UUID\n',
      );
    }
  }
  if (!line.has('list') && !line.has('describe')) line.require('topic');
  checkForbidden(line);
  return ACTIONS.find((action) => line.has(action)) ?? 'list';
}

/** kafka-topics */
export const tool: Tool = {
  name: 'kafka-topics',
  summary: 'create, list, describe, extend and delete topics',
  answersInJson: true,
  async run(argv, io) {
    let line = parseCommandLine(SPEC, argv, io);
    if (canAsk(io) && line.count(...ACTIONS) === 1) {
      const { completeArguments } = await import('./questions.ts');
      const completed = await completeArguments(line, argv);
      if (completed !== argv) line = parseCommandLine(SPEC, completed, io);
    }
    const action = checkLine(line, io);
    const { runAction } = await import('./actions.ts');
    return runAction(action, line, io);
  },
};
