import { type ArgumentParser, HELP_ARGUMENT } from '../shared/argparse-types.ts';

/** The command line of kafka-verifiable-share-consumer. */
export const VERIFIABLE_SHARE_CONSUMER_PARSER: ArgumentParser = {
  prog: 'verifiable-share-consumer',
  description:
    'This tool creates a share group and consumes messages from a specific topic and emits share consumer events (e.g. share consumer startup, received messages, and offsets acknowledged) as JSON objects to STDOUT.',
  showsDefaults: true,
  arguments: [
    HELP_ARGUMENT,
    { flags: ['--topic'], metavar: 'TOPIC', required: true, help: 'Consumes messages from this topic.' },
    { flags: ['--group-id'], metavar: 'GROUP-ID', required: true, help: 'The group id of the share group' },
    {
      flags: ['--max-messages'],
      metavar: 'MAX-MESSAGES',
      defaultValue: '-1',
      help: 'Consume this many messages. If -1 (the default), the share consumers will consume until the process is killed externally',
    },
    { flags: ['--verbose'], help: 'Enable to log individual consumed records' },
    {
      flags: ['--acknowledgement-mode'],
      metavar: 'ACKNOWLEDGEMENT-MODE',
      defaultValue: 'auto',
      help: "Acknowledgement mode for the share consumers (must be either 'auto', 'sync' or 'async')",
    },
    {
      flags: ['--ack-pattern'],
      metavar: 'ACK-PATTERN',
      defaultValue: '',
      help: "Comma-separated cycle of accept|release|reject|renew applied to each consumed record via AcknowledgeType, selected by (record offset % pattern length). RENEW re-delivers the same record, so its next delivery advances to the following pattern entry instead of renewing again (a pattern of only 'renew' is rejected, since it could never resolve). When set, the share consumer uses explicit acknowledgement and requires --acknowledgement-mode to be 'sync' or 'async'.",
    },
    {
      flags: ['--offset-reset-strategy'],
      metavar: 'OFFSET-RESET-STRATEGY',
      defaultValue: '',
      help: "Share group offset reset strategy (must be either 'earliest' or 'latest')",
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
