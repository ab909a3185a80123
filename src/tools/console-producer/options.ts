import { HELP_AND_VERSION, type OptionDeclarations } from '../shared/option-types.ts';

/** The options of kafka-console-producer, as Kafka 4.4 declares and describes them. */
export const CONSOLE_PRODUCER_OPTIONS = {
  ...HELP_AND_VERSION,
  topic: {
    takes: 'argument',
    type: 'String',
    argument: 'topic',
    description: 'REQUIRED: The topic name to produce messages to.',
  },
  'bootstrap-server': {
    takes: 'argument',
    type: 'String',
    argument: 'server to connect to',
    description: 'REQUIRED: The server(s) to connect to. The broker list string in the form HOST1:PORT1,HOST2:PORT2.',
  },
  sync: {
    takes: 'nothing',
    description: 'If set message send requests to the brokers are synchronously, one at a time as they arrive.',
  },
  'compression-codec': {
    takes: 'optional argument',
    type: 'String',
    argument: 'compression-codec',
    description:
      "The compression codec: either 'none', 'gzip', 'snappy', 'lz4', or 'zstd'.If specified without value, then it defaults to 'gzip'",
  },
  'batch-size': {
    takes: 'argument',
    type: 'Integer',
    argument: 'size',
    description:
      'The buffer size in bytes allocated for a partition. When records are received which are smaller than this size the producer will attempt to optimistically group them together until this size is reached. This is the option to control batch.size in producer configs. Please note that this option will be replaced if max-partition-memory-bytes is also set.',
    defaults: ['16384'],
  },
  'message-send-max-retries': {
    takes: 'argument',
    type: 'Integer',
    description:
      'Brokers can fail receiving the message for multiple reasons, and being unavailable transiently is just one of them. This property specifies the number of retries before the producer give up and drop this message. This is the option to control `retries` in producer configs.',
    defaults: ['3'],
  },
  'retry-backoff-ms': {
    takes: 'argument',
    type: 'Long',
    description:
      'Before each retry, the producer refreshes the metadata of relevant topics. Since leader election takes a bit of time, this property specifies the amount of time that the producer waits before refreshing the metadata. This is the option to control `retry.backoff.ms` in producer configs.',
    defaults: ['100'],
  },
  timeout: {
    takes: 'argument',
    type: 'Long',
    argument: 'timeout_ms',
    description:
      'If set and the producer is running in asynchronous mode, this gives the maximum amount of time a message will queue awaiting sufficient batch size. The value is given in ms. This is the option to control `linger.ms` in producer configs.',
    defaults: ['1000'],
  },
  'request-required-acks': {
    takes: 'argument',
    type: 'String',
    argument: 'request required acks',
    description: 'The required `acks` of the producer requests',
    defaults: ['-1'],
  },
  'request-timeout-ms': {
    takes: 'argument',
    type: 'Integer',
    argument: 'request timeout ms',
    description: 'The ack timeout of the producer requests. Value must be non-negative and non-zero.',
    defaults: ['1500'],
  },
  'metadata-expiry-ms': {
    takes: 'argument',
    type: 'Long',
    argument: 'metadata expiration interval',
    description:
      "The period of time in milliseconds after which we force a refresh of metadata even if we haven't seen any leadership changes. This is the option to control `metadata.max.age.ms` in producer configs.",
    defaults: ['300000'],
  },
  'max-block-ms': {
    takes: 'argument',
    type: 'Long',
    argument: 'max block on send',
    description: 'The max time that the producer will block for during a send request.',
    defaults: ['60000'],
  },
  'max-memory-bytes': {
    takes: 'argument',
    type: 'Long',
    argument: 'total memory in bytes',
    description:
      'The total memory used by the producer to buffer records waiting to be sent to the server. This is the option to control `buffer.memory` in producer configs.',
    defaults: ['33554432'],
  },
  'max-partition-memory-bytes': {
    takes: 'argument',
    type: 'Integer',
    argument: 'memory in bytes per partition',
    description:
      '(Deprecated) The buffer size in bytes allocated for a partition. When records are received which are smaller than this size the producer will attempt to optimistically group them together until this size is reached. This is the option to control batch.size in producer configs. This option will be removed in Apache Kafka 5.0. Use --batch-size instead.',
    defaults: ['16384'],
  },
  'line-reader': {
    takes: 'argument',
    type: 'String',
    argument: 'reader_class',
    description:
      'The class name of the class to use for reading lines from standard in. By default each line is read as a separate message.',
    defaults: ['org.apache.kafka.tools.LineMessageReader'],
  },
  'socket-buffer-size': {
    takes: 'argument',
    type: 'Integer',
    argument: 'size',
    description:
      'The size of the tcp RECV size. This is the option to control `send.buffer.bytes` in producer configs.',
    defaults: ['102400'],
  },
  property: {
    takes: 'argument',
    type: 'String',
    argument: 'prop',
    description:
      '(DEPRECATED) A mechanism to pass user-defined properties in the form key=value to the message reader. This allows custom configuration for a user-defined message reader.\nDefault properties include:\n parse.key=false\n parse.headers=false\n ignore.error=false\n key.separator=\\t\n headers.delimiter=\\t\n headers.separator=,\n headers.key.separator=:\n null.marker=   When set, any fields (key, value and headers) equal to this will be replaced by null\nDefault parsing pattern when:\n parse.headers=true and parse.key=true:\n  "h1:v1,h2:v2...\\tkey\\tvalue"\n parse.key=true:\n  "key\\tvalue"\n parse.headers=true:\n  "h1:v1,h2:v2...\\tvalue"\n This option will be removed in a future version. Use --reader-property instead.',
  },
  'reader-property': {
    takes: 'argument',
    type: 'String',
    argument: 'prop',
    description:
      'A mechanism to pass user-defined properties in the form key=value to the message reader. This allows custom configuration for a user-defined message reader.\nDefault properties include:\n parse.key=false\n parse.headers=false\n ignore.error=false\n key.separator=\\t\n headers.delimiter=\\t\n headers.separator=,\n headers.key.separator=:\n null.marker=   When set, any fields (key, value and headers) equal to this will be replaced by null\nDefault parsing pattern when:\n parse.headers=true and parse.key=true:\n  "h1:v1,h2:v2...\\tkey\\tvalue"\n parse.key=true:\n  "key\\tvalue"\n parse.headers=true:\n  "h1:v1,h2:v2...\\tvalue"',
  },
  'reader-config': {
    takes: 'argument',
    type: 'String',
    argument: 'config file',
    description:
      'Config properties file for the message reader. Note that [reader-property] takes precedence over this config.',
  },
  'producer-property': {
    takes: 'argument',
    type: 'String',
    argument: 'producer_prop',
    description:
      '(DEPRECATED) Producer config properties in the form key=value. This option will be removed in a future version. Use --command-property instead.',
  },
  'command-property': {
    takes: 'argument',
    type: 'String',
    argument: 'producer_prop',
    description: 'Producer config properties in the form key=value.',
  },
  'producer.config': {
    takes: 'argument',
    type: 'String',
    argument: 'config file',
    description:
      '(DEPRECATED) Producer config properties file. Note that [command-property] takes precedence over this config. This option will be removed in a future version. Use --command-config instead.',
  },
  'command-config': {
    takes: 'argument',
    type: 'String',
    argument: 'config file',
    description: 'Producer config properties file. Note that [command-property] takes precedence over this config.',
  },
} as const satisfies OptionDeclarations;
