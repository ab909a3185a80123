import { flag, HELP_AND_VERSION, integer, type OptionDeclarations, text } from '../shared/option-types.ts';

/** The options of kafka-dump-log. */
export const DUMP_LOG_OPTIONS = {
  ...HELP_AND_VERSION,
  'print-data-log': flag(
    'If set, printing the messages content when dumping data logs. Automatically set if any decoder option is specified.',
  ),
  'verify-index-only': flag('If set, just verify the index log without printing its content.'),
  'index-sanity-check': flag(
    'If set, just checks the index sanity without printing its content. This is the same check that is executed on broker startup to determine if an index needs rebuilding or not.',
  ),
  files: text('file1, file2, ...', 'REQUIRED: The comma separated list of data and index log files to be dumped.'),
  'max-message-size': integer('size', 'Size of largest message.', { defaults: ['5242880'] }),
  'max-bytes': integer(
    'size',
    'Limit the amount of total batches read in bytes avoiding reading the whole .log file(s).',
    { defaults: ['2147483647'] },
  ),
  'deep-iteration': flag(
    'If set, uses deep instead of shallow iteration. Automatically set if print-data-log is enabled.',
  ),
  'value-decoder-class': {
    takes: 'optional argument',
    type: 'String',
    description:
      'If set, used to deserialize the messages. This class should implement org.apache.kafka.tools.api.Decoder trait. Custom jar should be available in kafka/libs directory.',
    defaults: ['org.apache.kafka.tools.api.StringDecoder'],
  },
  'key-decoder-class': {
    takes: 'optional argument',
    type: 'String',
    description:
      'If set, used to deserialize the keys. This class should implement org.apache.kafka.tools.api.Decoder trait. Custom jar should be available in kafka/libs directory.',
    defaults: ['org.apache.kafka.tools.api.StringDecoder'],
  },
  'offsets-decoder': flag('If set, log data will be parsed as offset data from the __consumer_offsets topic.'),
  'transaction-log-decoder': flag(
    'If set, log data will be parsed as transaction metadata from the __transaction_state topic.',
  ),
  'cluster-metadata-decoder': flag('If set, log data will be parsed as cluster metadata records.'),
  'remote-log-metadata-decoder': flag(
    'If set, log data will be parsed as TopicBasedRemoteLogMetadataManager (RLMM) metadata records. Instead, the value-decoder-class option can be used if a custom RLMM implementation is configured.',
  ),
  'share-group-state-decoder': flag(
    'If set, log data will be parsed as share group state data from the __share_group_state topic.',
  ),
  'skip-record-metadata': flag('Skip metadata when printing records. This flag also skips control records.'),
} satisfies OptionDeclarations;
