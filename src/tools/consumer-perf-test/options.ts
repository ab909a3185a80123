import { HELP_AND_VERSION, type OptionDeclarations } from '../shared/option-types.ts';

/** The options of kafka-consumer-perf-test, as Kafka 4.4 declares and describes them. */
export const CONSUMER_PERF_OPTIONS = {
  ...HELP_AND_VERSION,
  'bootstrap-server': {
    takes: 'argument',
    type: 'String',
    argument: 'server to connect to',
    description: 'REQUIRED: The server(s) to connect to.',
  },
  topic: { takes: 'argument', type: 'String', argument: 'topic', description: 'The topic to consume from.' },
  include: {
    takes: 'argument',
    type: 'String',
    argument: 'Java regex (String)',
    description: 'Regular expression specifying list of topics to include for consumption.',
  },
  group: {
    takes: 'argument',
    type: 'String',
    argument: 'gid',
    description: 'The group id to consume on.',
  },
  'fetch-size': {
    takes: 'argument',
    type: 'Integer',
    argument: 'size',
    description: 'The maximum amount of data to fetch from a single partition per request.',
    defaults: ['1048576'],
  },
  'command-property': {
    takes: 'argument',
    type: 'String',
    argument: 'prop1=val1',
    description:
      'Kafka consumer related configuration properties like client.id. These configs take precedence over those passed via --command-config or --consumer.config.',
  },
  'from-latest': {
    takes: 'nothing',
    description:
      'If the consumer does not already have an established offset to consume from, start with the latest record present in the log rather than the earliest record.',
  },
  'socket-buffer-size': {
    takes: 'argument',
    type: 'Integer',
    argument: 'size',
    description: 'The size of the tcp RECV size.',
    defaults: ['2097152'],
  },
  'consumer.config': {
    takes: 'argument',
    type: 'String',
    argument: 'config file',
    description:
      '(DEPRECATED) Consumer config properties file. This option will be removed in a future version. Use --command-config instead.',
  },
  'command-config': {
    takes: 'argument',
    type: 'String',
    argument: 'config file',
    description: 'Config properties file.',
  },
  'print-metrics': { takes: 'nothing', description: 'Print out the metrics.' },
  'show-detailed-stats': {
    takes: 'nothing',
    description: 'If set, stats are reported for each reporting interval as configured by reporting-interval.',
  },
  timeout: {
    takes: 'optional argument',
    type: 'Long',
    argument: 'milliseconds',
    description: 'The maximum allowed time in milliseconds between returned records.',
    defaults: ['10000'],
  },
  messages: {
    takes: 'argument',
    type: 'Long',
    argument: 'count',
    description:
      '(DEPRECATED) The number of records to consume. This option will be removed in a future version. Use --num-records instead.',
  },
  'num-records': {
    takes: 'argument',
    type: 'Long',
    argument: 'count',
    description: 'REQUIRED: The number of records to consume.',
  },
  'reporting-interval': {
    takes: 'argument',
    type: 'Long',
    argument: 'interval_ms',
    description: 'Interval in milliseconds at which to print progress info.',
    defaults: ['5000'],
  },
  'date-format': {
    takes: 'argument',
    type: 'String',
    argument: 'date format',
    description: 'The date format to use for formatting the time field. See java.text.SimpleDateFormat for options.',
    defaults: ['yyyy-MM-dd HH:mm:ss:SSS'],
  },
  'hide-header': { takes: 'nothing', description: 'If set, skips printing the header for the stats.' },
} as const satisfies OptionDeclarations;
