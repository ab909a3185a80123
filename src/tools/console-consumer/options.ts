import { HELP_AND_VERSION, type OptionDeclarations } from '../shared/option-types.ts';

/** The options of kafka-console-consumer, as Kafka 4.4 declares and describes them. */
export const CONSOLE_CONSUMER_OPTIONS = {
  ...HELP_AND_VERSION,
  topic: { takes: 'argument', type: 'String', argument: 'topic', description: 'The topic to consume from.' },
  include: {
    takes: 'argument',
    type: 'String',
    argument: 'Java regex (String)',
    description: 'Regular expression specifying list of topics to include for consumption.',
  },
  partition: {
    takes: 'argument',
    type: 'Integer',
    argument: 'partition',
    description:
      "The partition to consume from. Consumption starts from the end of the partition unless '--offset' is specified.",
  },
  offset: {
    takes: 'argument',
    type: 'String',
    argument: 'consume offset',
    description:
      "The offset to consume from (a non-negative number), or 'earliest' which means from beginning, or 'latest' which means from end",
    defaults: ['latest'],
  },
  'consumer-property': {
    takes: 'argument',
    type: 'String',
    argument: 'consumer_prop',
    description:
      '(DEPRECATED) Consumer config properties in the form key=value. This option will be removed in a future version. Use --command-property instead.',
  },
  'command-property': {
    takes: 'argument',
    type: 'String',
    argument: 'consumer_prop',
    description: 'Consumer config properties in the form key=value.',
  },
  'consumer.config': {
    takes: 'argument',
    type: 'String',
    argument: 'config file',
    description:
      '(DEPRECATED) Consumer config properties file. Note that [command-property] takes precedence over this config. This option will be removed in a future version. Use --command-config instead.',
  },
  'command-config': {
    takes: 'argument',
    type: 'String',
    argument: 'config file',
    description: 'Consumer config properties file. Note that [command-property] takes precedence over this config.',
  },
  formatter: {
    takes: 'argument',
    type: 'String',
    argument: 'class',
    description: 'The name of a class to use for formatting kafka messages for display.',
    defaults: ['org.apache.kafka.tools.consumer.DefaultMessageFormatter'],
  },
  property: {
    takes: 'argument',
    type: 'String',
    argument: 'prop',
    description:
      "(DEPRECATED) The properties to initialize the message formatter. Default properties include: \n print.timestamp=true|false\n print.key=true|false\n print.offset=true|false\n print.epoch=true|false\n print.partition=true|false\n print.headers=true|false\n print.value=true|false\n key.separator=<key.separator>\n line.separator=<line.separator>\n headers.separator=<headers.separator>\n null.literal=<null.literal>\n key.deserializer=<key.deserializer>\n value.deserializer=<value.deserializer>\n header.deserializer=<header.deserializer>\n\nUsers can also pass in customized properties for their formatter; more specifically, users can pass in properties keyed with 'key.deserializer.', 'value.deserializer.' and 'headers.deserializer.' prefixes to configure their deserializers. \nThis option will be removed in a future version. Use --formatter-property instead.",
  },
  'formatter-property': {
    takes: 'argument',
    type: 'String',
    argument: 'prop',
    description:
      "The properties to initialize the message formatter. Default properties include: \n print.timestamp=true|false\n print.key=true|false\n print.offset=true|false\n print.epoch=true|false\n print.partition=true|false\n print.headers=true|false\n print.value=true|false\n key.separator=<key.separator>\n line.separator=<line.separator>\n headers.separator=<headers.separator>\n null.literal=<null.literal>\n key.deserializer=<key.deserializer>\n value.deserializer=<value.deserializer>\n header.deserializer=<header.deserializer>\n\nUsers can also pass in customized properties for their formatter; more specifically, users can pass in properties keyed with 'key.deserializer.', 'value.deserializer.' and 'headers.deserializer.' prefixes to configure their deserializers.",
  },
  'formatter-config': {
    takes: 'argument',
    type: 'String',
    argument: 'config file',
    description:
      'Config properties file to initialize the message formatter. Note that [formatter-property] takes precedence over this config.',
  },
  'from-beginning': {
    takes: 'nothing',
    description:
      'If the consumer does not already have an established offset to consume from, start with the earliest message present in the log rather than the latest message.',
  },
  'max-messages': {
    takes: 'argument',
    type: 'Integer',
    argument: 'num_messages',
    description: 'The maximum number of messages to consume before exiting. If not set, consumption is continual.',
  },
  'timeout-ms': {
    takes: 'argument',
    type: 'Long',
    argument: 'timeout_ms',
    description: 'If specified, exit if no message is available for consumption for the specified interval.',
  },
  'skip-message-on-error': {
    takes: 'nothing',
    description: 'If there is an error when processing a message, skip it instead of halt.',
  },
  'bootstrap-server': {
    takes: 'argument',
    type: 'String',
    argument: 'server to connect to',
    description: 'REQUIRED: The server(s) to connect to.',
  },
  'key-deserializer': {
    takes: 'argument',
    type: 'String',
    argument: 'deserializer for keys',
    description: 'The name of the class to use for deserializing keys.',
  },
  'value-deserializer': {
    takes: 'argument',
    type: 'String',
    argument: 'deserializer for values',
    description: 'The name of the class to use for deserializing values.',
  },
  'enable-systest-events': {
    takes: 'nothing',
    description:
      'Log lifecycle events of the consumer in addition to logging consumed messages. (This is specific for system tests.)',
  },
  'isolation-level': {
    takes: 'argument',
    type: 'String',
    description:
      'Set to read_committed in order to filter out transactional messages which are not committed. Set to read_uncommitted to read all messages.',
    defaults: ['read_uncommitted'],
  },
  group: {
    takes: 'argument',
    type: 'String',
    argument: 'consumer group id',
    description: 'The consumer group id of the consumer.',
  },
} as const satisfies OptionDeclarations;
