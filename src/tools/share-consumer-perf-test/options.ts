import { flag, HELP_AND_VERSION, integer, long, type OptionDeclarations, text } from '../shared/option-types.ts';

/** The options of kafka-share-consumer-perf-test. */
export const SHARE_CONSUMER_PERF_TEST_OPTIONS = {
  ...HELP_AND_VERSION,
  'bootstrap-server': text('server to connect to', 'REQUIRED. The server(s) to connect to.'),
  topic: text('topic', 'REQUIRED: The topic to consume from.'),
  group: text('gid', 'The group id to consume on.', { defaults: ['perf-share-consumer'] }),
  'fetch-size': integer('size', 'The amount of data to fetch in a single request.', { defaults: ['1048576'] }),
  'command-property': text(
    'prop1=val1',
    'Kafka share consumer related configuration properties like client.id. These configs take precedence over those passed via --command-config or --consumer.config.',
  ),
  'socket-buffer-size': integer('size', 'The size of the tcp RECV size.', { defaults: ['2097152'] }),
  'consumer.config': text(
    'config file',
    '(DEPRECATED) Share consumer config properties file. This option will be removed in a future version. Use --command-config instead.',
  ),
  'command-config': text('config file', 'Config properties file.'),
  'print-metrics': flag('Print out the metrics.'),
  'show-detailed-stats': flag(
    'If set, stats are reported for each reporting interval as configured by reporting-interval.',
  ),
  timeout: {
    takes: 'optional argument',
    type: 'Long',
    argument: 'milliseconds',
    description: 'The maximum allowed time in milliseconds between returned records.',
    defaults: ['10000'],
  },
  messages: long(
    'count',
    '(DEPRECATED) The number of records to consume. This option will be removed in a future version. Use --num-records instead.',
  ),
  'num-records': long('count', 'REQUIRED: The number of records to consume.'),
  'reporting-interval': long('interval_ms', 'Interval in milliseconds at which to print progress info.', {
    defaults: ['5000'],
  }),
  'date-format': text(
    'date format',
    'The date format to use for formatting the time field. See java.text.SimpleDateFormat for options.',
    { defaults: ['yyyy-MM-dd HH:mm:ss:SSS'] },
  ),
  'hide-header': flag('If set, skips printing the header for the stats.'),
  threads: integer('count', 'The number of share consumers to use for sharing the load.', { defaults: ['1'] }),
  'show-consumer-stats': flag('If set, stats are reported for each share consumer depending on the no. of threads.'),
} satisfies OptionDeclarations;
