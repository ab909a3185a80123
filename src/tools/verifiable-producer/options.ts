import { type ArgumentParser, HELP_ARGUMENT } from '../shared/argparse-types.ts';

/** The command line of kafka-verifiable-producer. */
export const VERIFIABLE_PRODUCER_PARSER: ArgumentParser = {
  prog: 'verifiable-producer',
  description:
    'This tool produces increasing integers to the specified topic and prints JSON metadata to stdout on each "send" request, making externally visible which messages have been acked and which have not.',
  showsDefaults: true,
  arguments: [
    HELP_ARGUMENT,
    { flags: ['--topic'], metavar: 'TOPIC', required: true, help: 'Produce messages to this topic.' },
    {
      flags: ['--max-messages'],
      metavar: 'MAX-MESSAGES',
      defaultValue: '-1',
      help: 'Produce this many messages. If -1, produce messages until the process is killed externally.',
    },
    {
      flags: ['--throughput'],
      metavar: 'THROUGHPUT',
      defaultValue: '-1',
      help: 'If set >= 0, throttle maximum message throughput to *approximately* THROUGHPUT messages/sec.',
    },
    {
      flags: ['--acks'],
      metavar: 'ACKS',
      defaultValue: '-1',
      help: 'Acks required on each produced message. See Kafka docs on acks for details.',
    },
    {
      flags: ['--producer.config'],
      metavar: 'CONFIG-FILE',
      help: '(DEPRECATED) Producer config properties file. This option will be removed in a future version. Use --command-config instead.',
    },
    {
      flags: ['--message-create-time'],
      metavar: 'CREATE-TIME',
      defaultValue: '-1',
      help: 'Send messages with creation time starting at the arguments value, in milliseconds since epoch',
    },
    {
      flags: ['--value-prefix'],
      metavar: 'VALUE-PREFIX',
      help: 'If specified, each produced value will have this prefix with a dot separator',
    },
    {
      flags: ['--repeating-keys'],
      metavar: 'REPEATING-KEYS',
      help: 'If specified, each produced record will have a key starting at 0 increment by 1 up to the number specified (exclusive), then the key is set to 0 again',
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
      help: 'REQUIRED: The server(s) to connect to. Comma-separated list of Kafka brokers in the form HOST1:PORT1,HOST2:PORT2,...',
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
