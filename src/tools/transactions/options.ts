import { type ArgumentParser, HELP_ARGUMENT } from '../shared/argparse-types.ts';

/** The command line of kafka-transactions. */
export const TRANSACTIONS_PARSER: ArgumentParser = {
  prog: 'kafka-transactions.sh',
  description:
    'This tool is used to analyze the transactional state of producers in the cluster. It can be used to detect and recover from hanging transactions.',
  arguments: [
    HELP_ARGUMENT,
    { flags: ['-v', '--version'], help: 'show the version of this Kafka distribution and exit' },
    {
      flags: ['--command-config'],
      metavar: 'FILE',
      help: 'property file containing configs to be passed to admin client',
    },
    {
      flags: ['--bootstrap-server'],
      metavar: 'host:port',
      required: true,
      help: 'hostname and port for the broker to connect to, in the form `host:port`  (multiple comma-separated entries can be given)',
    },
  ],
  subcommandsTitle: 'commands',
  subcommandsMetavar: 'COMMAND',
  subcommands: [
    {
      name: 'list',
      help: 'list transactions',
      arguments: [
        HELP_ARGUMENT,
        {
          flags: ['--duration-filter'],
          type: 'Long',
          metavar: 'DURATION_FILTER',
          help: 'Duration (in millis) to filter by: if < 0, all transactions will be returned; otherwise, only transactions running longer than this duration will be returned',
        },
        {
          flags: ['--transactional-id-pattern'],
          metavar: 'TRANSACTIONAL_ID_PATTERN',
          help: 'Transactional id regular expression pattern to filter by',
        },
      ],
    },
    {
      name: 'describe',
      help: 'describe the state of an active transactional-id',
      description: 'Describe the state of an active transactional-id.',
      arguments: [
        HELP_ARGUMENT,
        { flags: ['--transactional-id'], metavar: 'TRANSACTIONAL_ID', required: true, help: 'transactional id' },
      ],
    },
    {
      name: 'describe-producers',
      help: 'describe the states of active producers for a topic partition',
      arguments: [
        HELP_ARGUMENT,
        {
          flags: ['--broker-id'],
          type: 'Integer',
          metavar: 'BROKER_ID',
          help: 'optional broker id to describe the producer state on a specific replica',
        },
        { flags: ['--topic'], metavar: 'TOPIC', required: true, help: 'topic name' },
        { flags: ['--partition'], type: 'Integer', metavar: 'PARTITION', required: true, help: 'partition number' },
      ],
    },
    {
      name: 'abort',
      help: 'abort a hanging transaction (requires administrative privileges)',
      arguments: [
        HELP_ARGUMENT,
        { flags: ['--topic'], metavar: 'TOPIC', required: true, help: 'topic name' },
        { flags: ['--partition'], type: 'Integer', metavar: 'PARTITION', required: true, help: 'partition number' },
        {
          flags: ['--start-offset'],
          type: 'Long',
          metavar: 'START_OFFSET',
          help: 'start offset of the transaction to abort',
        },
        { flags: ['--producer-id'], type: 'Long', metavar: 'PRODUCER_ID', help: 'producer id' },
        { flags: ['--producer-epoch'], type: 'Integer', metavar: 'PRODUCER_EPOCH', help: 'producer epoch' },
        { flags: ['--coordinator-epoch'], type: 'Integer', metavar: 'COORDINATOR_EPOCH', help: 'coordinator epoch' },
      ],
      groups: [
        {
          title: 'Brokers on versions 3.0 and above',
          description: 'For newer brokers, only the start offset of the transaction to be aborted is required',
          members: ['--start-offset'],
        },
        {
          title: 'Brokers on versions older than 3.0',
          description: 'For older brokers, you must provide all of these arguments',
          members: ['--producer-id', '--producer-epoch', '--coordinator-epoch'],
        },
      ],
    },
    {
      name: 'find-hanging',
      help: 'find hanging transactions',
      arguments: [
        HELP_ARGUMENT,
        {
          flags: ['--broker-id'],
          type: 'Integer',
          metavar: 'BROKER_ID',
          help: 'broker id to search for hanging transactions',
        },
        {
          flags: ['--max-transaction-timeout'],
          type: 'Integer',
          defaultValue: '15',
          metavar: 'MAX_TRANSACTION_TIMEOUT',
          help: 'maximum transaction timeout in minutes to limit the scope of the search (15 minutes by default)',
        },
        {
          flags: ['--topic'],
          metavar: 'TOPIC',
          help: 'topic name to limit search to (required if --partition is specified)',
        },
        { flags: ['--partition'], type: 'Integer', metavar: 'PARTITION', help: 'partition number' },
      ],
    },
    {
      name: 'forceTerminateTransaction',
      help: 'Force abort an ongoing transaction on transactionalId (requires administrative privileges)',
      description: 'Force abort an ongoing transaction on transactionalId',
      arguments: [
        HELP_ARGUMENT,
        { flags: ['--transactionalId'], metavar: 'TRANSACTIONALID', required: true, help: 'transactional id' },
      ],
    },
  ],
};
