import { type ArgumentParser, HELP_ARGUMENT } from '../shared/argparse-types.ts';

/** The command line of kafka-producer-perf-test. */
export const PRODUCER_PERF_TEST_PARSER: ArgumentParser = {
  prog: 'kafka-producer-perf-test',
  description:
    'This tool is used to verify the producer performance. To enable transactions, you can specify a transactional id or set a transaction duration using --transaction-duration-ms. There are three ways to specify the transactional id: set transactional.id=<id> via --command-property, set transactional.id=<id> in the config file via --command-config, or use --transactional-id <id>.',
  showsDefaults: true,
  arguments: [
    HELP_ARGUMENT,
    {
      flags: ['--bootstrap-server'],
      metavar: 'BOOTSTRAP-SERVER',
      help: 'The server(s) to connect to. This config takes precedence over bootstrap.servers specified via --command-property or --command-config.',
    },
    { flags: ['--topic'], metavar: 'TOPIC', required: true, help: 'Produce records to this topic.' },
    { flags: ['--num-records'], metavar: 'NUM-RECORDS', required: true, help: 'Number of records to produce.' },
    {
      flags: ['--payload-delimiter'],
      metavar: 'PAYLOAD-DELIMITER',
      defaultValue: '\\n',
      help: 'Provides the delimiter to be used when --payload-file is provided. Defaults to new line. Note that this parameter will be ignored if --payload-file is not provided.',
    },
    {
      flags: ['--throughput'],
      metavar: 'THROUGHPUT',
      required: true,
      help: 'Throttle maximum record throughput to *approximately* THROUGHPUT records/sec. Set this to -1 to disable throttling.',
    },
    {
      flags: ['--producer-props'],
      metavar: 'PROP-NAME=PROP-VALUE',
      many: true,
      help: '(DEPRECATED) Kafka producer related configuration properties like client.id. These configs take precedence over those passed via --command-config or --producer.config. This option will be removed in a future version. Use --command-property instead. Example: --command-property linger.ms=10 batch.size=32768',
    },
    {
      flags: ['--command-property'],
      metavar: 'PROP-NAME=PROP-VALUE',
      many: true,
      help: 'Kafka producer related configuration properties like client.id. These configs take precedence over those passed via --command-config or --producer.config. Example: --command-property linger.ms=10 batch.size=32768',
    },
    {
      flags: ['--producer.config'],
      metavar: 'CONFIG-FILE',
      help: '(DEPRECATED) Producer config properties file. This option will be removed in a future version. Use --command-config instead.',
    },
    { flags: ['--command-config'], metavar: 'CONFIG-FILE', help: 'Producer config properties file.' },
    { flags: ['--print-metrics'], help: 'Print out metrics at the end of the test.' },
    {
      flags: ['--transactional-id'],
      metavar: 'TRANSACTIONAL-ID',
      help: 'The transactional id to use. This config takes precedence over the transactional.id specified via --command-property or --command-config. Note that if the transactional id is not specified while --transaction-duration-ms is provided, the default value for the transactional id will be performance-producer- followed by a random uuid.',
    },
    {
      flags: ['--transaction-duration-ms'],
      metavar: 'TRANSACTION-DURATION',
      help: 'The maximum duration of each transaction. The commitTransaction will be called after this time has elapsed. The value should be greater than 0. If the transactional id is specified via --command-property, --command-config or --transactional-id but --transaction-duration-ms is not specified, the default value will be 3000.',
    },
    {
      flags: ['--warmup-records'],
      metavar: 'WARMUP-RECORDS',
      defaultValue: '0',
      help: 'The number of records to treat as warmup. These initial records will not be included in steady-state statistics. An additional summary line will be printed describing the steady-state statistics.',
    },
    {
      flags: ['--reporting-interval'],
      metavar: 'INTERVAL-MS',
      defaultValue: '5000',
      help: 'Interval in milliseconds at which to print progress info.',
    },
    {
      flags: ['--record-key-range'],
      metavar: 'KEY-RANGE',
      help: "The range of keys to use when --key-distribution is 'range' or 'random'. Keys will be integers in [0, KEY-RANGE). Required for range and random distributions.",
    },
    {
      flags: ['--key-distribution'],
      metavar: 'KEY-DISTRIBUTION',
      defaultValue: 'none',
      help: "The key distribution to use: 'none' for null keys, 'range' for round-robin keys in [0, KEY-RANGE), or 'random' for random keys in [0, KEY-RANGE). Requires --record-key-range when set to 'range' or 'random'.",
    },
    {
      flags: ['--random-seed'],
      metavar: 'RANDOM-SEED',
      defaultValue: '0',
      help: 'Seed for the pseudo-random number generator used by --key-distribution random and random payload generation. The default value of 0 ensures deterministic, reproducible benchmark runs. Set to a different value when non-repeating sequences are required.',
    },
    {
      flags: ['--record-size'],
      metavar: 'RECORD-SIZE',
      help: 'Record size in bytes. Note that you must provide exactly one of --record-size, --payload-file or --payload-monotonic.',
    },
    {
      flags: ['--payload-file'],
      metavar: 'PAYLOAD-FILE',
      help: 'File to read the record payloads from. This works only for UTF-8 encoded text files. Payloads will be read from this file and a payload will be randomly selected when sending records. Note that you must provide exactly one of --record-size, --payload-file or --payload-monotonic.',
    },
    {
      flags: ['--payload-monotonic'],
      help: 'Payload is a monotonically increasing integer. Note that you must provide exactly one of --record-size, --payload-file or --payload-monotonic.',
    },
  ],
  groups: [
    {
      description: 'Note that you must provide exactly one of --record-size, --payload-file or --payload-monotonic.',
      exclusive: true,
      required: true,
      members: ['--record-size', '--payload-file', '--payload-monotonic'],
    },
  ],
};
