import { type ArgumentParser, HELP_ARGUMENT } from '../shared/argparse-types.ts';

/** The command line of kafka-verifiable-consumer. */
export const VERIFIABLE_CONSUMER_PARSER: ArgumentParser = {
  prog: 'verifiable-consumer',
  description:
    'This tool consumes messages from a specific topic and emits consumer events (e.g. group rebalances, received messages, and offsets committed) as JSON objects to STDOUT.',
  showsDefaults: true,
  arguments: [
    HELP_ARGUMENT,
    { flags: ['--topic'], metavar: 'TOPIC', required: true, help: 'Consumes messages from this topic.' },
    {
      flags: ['--group-protocol'],
      metavar: 'GROUP-PROTOCOL',
      defaultValue: 'classic',
      help: 'Group protocol (must be one of CLASSIC, CONSUMER)',
    },
    {
      flags: ['--group-remote-assignor'],
      metavar: 'GROUP-REMOTE-ASSIGNOR',
      help: 'Group remote assignor; only used if the group protocol is CONSUMER',
    },
    { flags: ['--group-id'], metavar: 'GROUP-ID', required: true, help: 'The group id of the consumer group' },
    {
      flags: ['--group-instance-id'],
      metavar: 'GROUP-INSTANCE-ID',
      help: 'A unique identifier of the consumer instance',
    },
    {
      flags: ['--max-messages'],
      metavar: 'MAX-MESSAGES',
      defaultValue: '-1',
      help: 'Consume this many messages. If -1 (the default), the consumer will consume until the process is killed externally',
    },
    {
      flags: ['--session-timeout'],
      metavar: 'TIMEOUT-MS',
      help: "Set the consumer's session timeout, note that this configuration is not supported when group protocol is consumer",
    },
    { flags: ['--verbose'], help: 'Enable to log individual consumed records' },
    { flags: ['--enable-autocommit'], help: 'Enable offset auto-commit on consumer' },
    {
      flags: ['--close-timeout'],
      metavar: 'CLOSE-TIMEOUT-MS',
      defaultValue: '30000',
      help: 'Timeout in milliseconds for closing the consumer (default: 30000)',
    },
    {
      flags: ['--reset-policy'],
      metavar: 'RESET-POLICY',
      defaultValue: 'earliest',
      help: "Set reset policy (must be either 'earliest', 'latest', or 'none')",
    },
    {
      flags: ['--assignment-strategy'],
      metavar: 'ASSIGNMENT-STRATEGY',
      defaultValue: 'org.apache.kafka.clients.consumer.RangeAssignor',
      help: 'Set assignment strategy (e.g. org.apache.kafka.clients.consumer.RoundRobinAssignor); only used if the group protocol is CLASSIC',
    },
    {
      flags: ['--consumer.config'],
      metavar: 'CONFIG-FILE',
      help: '(DEPRECATED) Consumer config properties file. This option will be removed in a future version. Use --command-config instead',
    },
    {
      flags: ['--command-config'],
      metavar: 'CONFIG-FILE',
      help: 'Config properties file (config options shared with command line parameters will be overridden).',
    },
    {
      flags: ['--bootstrap-server'],
      metavar: 'HOST1:PORT1[,HOST2:PORT2[...]]',
      required: true,
      help: 'The server(s) to connect to. Comma-separated list of Kafka brokers in the form HOST1:PORT1,HOST2:PORT2,...',
    },
  ],
  groups: [
    {
      title: 'Connection Group',
      description: 'Group of arguments for connection to brokers',
      members: ['--bootstrap-server'],
    },
  ],
};
