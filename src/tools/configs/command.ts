import { type CommandLine, type CommandLineSpec, parseCommandLine } from '../shared/command-line.ts';
import { JavaException, javaMessageOf, javaToString } from '../shared/java-errors.ts';
import { clusterNames } from '../shared/names.ts';
import { type Tool, ToolExit } from '../shared/tool.ts';
import { checkLine } from './entities.ts';
import { CONFIGS_OPTIONS } from './options.ts';

/** A parsed command line of kafka-configs. */
export type ConfigsLine = CommandLine<typeof CONFIGS_OPTIONS>;

const SPEC: CommandLineSpec<typeof CONFIGS_OPTIONS> = {
  name: 'kafka-configs',
  options: CONFIGS_OPTIONS,
  helpSentence:
    'This tool helps to manipulate and describe entity config for a topic, client, user, broker, ip, client-metrics ' +
    'or group',
  parserErrors: 'message',
  examples: [
    {
      does: 'keep the records of a topic for an hour',
      line: '--bootstrap-server localhost:9092 --alter --topic orders --add-config retention.ms=3600000',
    },
    { does: 'see what was set for a topic', line: '--bootstrap-server localhost:9092 --describe --topic orders' },
    {
      does: 'see everything that holds for a broker',
      line: '--bootstrap-server localhost:9092 --describe --broker 1 --all',
    },
    {
      does: 'go back to the default',
      line: '--bootstrap-server localhost:9092 --alter --topic orders --delete-config retention.ms',
    },
  ],
};

/** Failures that Kafka's tool prints as their message alone. */
const PLAIN = [
  'java.lang.IllegalArgumentException',
  'org.apache.kafka.common.errors.InvalidConfigurationException',
  'org.apache.kafka.common.errors.UnsupportedVersionException',
];

function isPlain(error: unknown): boolean {
  return (
    error instanceof JavaException && (PLAIN.includes(error.className) || error.className.startsWith('joptsimple.'))
  );
}

/** kafka-configs */
export const tool: Tool = {
  name: 'kafka-configs',
  summary: 'describe and change the configs of topics, brokers, groups, users and clients',
  answersInJson: true,
  async run(argv, io) {
    const line = parseCommandLine(SPEC, argv, io);
    try {
      const entities = checkLine(
        line,
        clusterNames(io, line.valueOf('bootstrap-server'), line.valueOf('command-config')),
      );
      if (line.has('alter')) {
        const { alter } = await import('./alter.ts');
        await alter(line, entities, io);
      } else {
        const { describe } = await import('./describe.ts');
        await describe(line, entities, io);
      }
      return 0;
    } catch (error) {
      if (error instanceof ToolExit) throw error;
      if (isPlain(error)) throw new ToolExit(1, { stderr: `${javaMessageOf(error)}\n` });
      const args = argv.join(' ');
      throw new ToolExit(1, {
        stderr: `Error while executing config command with args '${args}'\n${javaToString(error)}\n`,
      });
    }
  },
};
