import { HELP_AND_VERSION, type OptionDeclarations } from '../shared/option-types.ts';

/** The options of kafka-e2e-latency, as Kafka 4.4 declares and describes them. */
export const E2E_LATENCY_OPTIONS = {
  ...HELP_AND_VERSION,
  'bootstrap-server': {
    takes: 'argument',
    type: 'String',
    argument: 'bootstrap-server',
    description: 'REQUIRED: The Kafka broker list string in the form HOST1:PORT1,HOST2:PORT2.',
  },
  topic: {
    takes: 'argument',
    type: 'String',
    argument: 'topic-name',
    description: 'REQUIRED: The topic to use for the test.',
  },
  'num-records': {
    takes: 'argument',
    type: 'Integer',
    argument: 'count',
    description: 'REQUIRED: The number of messages to send.',
  },
  'producer-acks': {
    takes: 'argument',
    type: 'String',
    argument: 'producer-acks',
    description: "REQUIRED: Producer acknowledgements. Must be '1' or 'all'.",
  },
  'record-size': {
    takes: 'argument',
    type: 'Integer',
    argument: 'bytes',
    description: 'REQUIRED: The size of each message payload in bytes.',
  },
  'record-key-size': {
    takes: 'optional argument',
    type: 'Integer',
    argument: 'bytes',
    description: 'Optional: The size of the message key in bytes. If not set, messages are sent without a key.',
    defaults: ['0'],
  },
  'record-header-key-size': {
    takes: 'optional argument',
    type: 'Integer',
    argument: 'bytes',
    description: 'Optional: The size of the message header key in bytes. Used together with record-header-size.',
    defaults: ['0'],
  },
  'record-header-size': {
    takes: 'optional argument',
    type: 'Integer',
    argument: 'bytes',
    description: 'Optional: The size of message header value in bytes. Use -1 for null header value.',
    defaults: ['0'],
  },
  'num-headers': {
    takes: 'optional argument',
    type: 'Integer',
    argument: 'count',
    description: 'Optional: The number of headers to include in each message.',
    defaults: ['0'],
  },
  'command-config': {
    takes: 'optional argument',
    type: 'String',
    argument: 'config-file',
    description: 'Optional: A property file for Kafka producer/consumer/admin client configuration.',
  },
} as const satisfies OptionDeclarations;
