import { flag, HELP_AND_VERSION, integer, type OptionDeclarations, text } from '../shared/option-types.ts';

/** The options of kafka-console-share-consumer. */
export const CONSOLE_SHARE_CONSUMER_OPTIONS = {
  ...HELP_AND_VERSION,
  topic: text('topic', 'The topic to consume from.'),
  'consumer-property': text(
    'consumer_prop',
    '(DEPRECATED) Consumer config properties in the form key=value. This option will be removed in a future version. Use --command-property instead.',
  ),
  'command-property': text('consumer_prop', 'Consumer config properties in the form key=value.'),
  'consumer-config': text(
    'config file',
    '(DEPRECATED) Consumer config properties file. Note that [command-property] takes precedence over this config. This option will be removed in a future version. Use --command-config instead.',
  ),
  'command-config': text(
    'config file',
    'Consumer config properties file. Note that [command-property] takes precedence over this config.',
  ),
  formatter: text('class', 'The name of a class to use for formatting Kafka messages for display.', {
    defaults: ['org.apache.kafka.tools.consumer.DefaultMessageFormatter'],
  }),
  property: text(
    'prop',
    "(DEPRECATED) The properties to initialize the message formatter. Default properties include: \n print.timestamp=true|false\n print.key=true|false\n print.offset=true|false\n print.delivery=true|false\n print.epoch=true|false\n print.partition=true|false\n print.headers=true|false\n print.value=true|false\n key.separator=<key.separator>\n line.separator=<line.separator>\n headers.separator=<headers.separator>\n null.literal=<null.literal>\n key.deserializer=<key.deserializer>\n value.deserializer=<value.deserializer>\n header.deserializer=<header.deserializer>\n\nUsers can also pass in customized properties for their formatter; more specifically, users can pass in properties keyed with 'key.deserializer.', 'value.deserializer.' and 'headers.deserializer.' prefixes to configure their deserializers. \nThis option will be removed in a future version. Use --formatter-property instead.",
  ),
  'formatter-property': text(
    'prop',
    "The properties to initialize the message formatter. Default properties include: \n print.timestamp=true|false\n print.key=true|false\n print.offset=true|false\n print.delivery=true|false\n print.epoch=true|false\n print.partition=true|false\n print.headers=true|false\n print.value=true|false\n key.separator=<key.separator>\n line.separator=<line.separator>\n headers.separator=<headers.separator>\n null.literal=<null.literal>\n key.deserializer=<key.deserializer>\n value.deserializer=<value.deserializer>\n header.deserializer=<header.deserializer>\n\nUsers can also pass in customized properties for their formatter; more specifically, users can pass in properties keyed with 'key.deserializer.', 'value.deserializer.' and 'headers.deserializer.' prefixes to configure their deserializers.",
  ),
  'formatter-config': text(
    'config file',
    'Config properties file to initialize the message formatter. Note that [formatter-property] takes precedence over this config.',
  ),
  'max-messages': integer(
    'num_messages',
    'The maximum number of messages to consume before exiting. If not set, consumption is continual.',
  ),
  'timeout-ms': integer(
    'timeout_ms',
    'If specified, exit if no message is available for consumption for the specified interval.',
  ),
  reject: flag('If specified, messages are rejected as they are consumed.'),
  release: flag('If specified, messages are released as they are consumed.'),
  'reject-message-on-error': flag('If there is an error when processing a message, reject it instead of halting.'),
  'bootstrap-server': text('server to connect to', 'REQUIRED: The server(s) to connect to.'),
  'key-deserializer': text('deserializer for keys', 'The name of the class to use for deserializing keys.'),
  'value-deserializer': text('deserializer for values', 'The name of the class to use for deserializing values.'),
  group: text('share group id', 'The share group id of the consumer.'),
  'enable-systest-events': flag(
    'Log lifecycle events of the share consumer in addition to logging consumed messages. (This is specific for system tests.)',
  ),
} satisfies OptionDeclarations;
