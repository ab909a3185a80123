import { HELP_AND_VERSION, integer, long, type OptionDeclarations, text } from '../shared/option-types.ts';

/** The options of kafka-replica-verification. */
export const REPLICA_VERIFICATION_OPTIONS = {
  ...HELP_AND_VERSION,
  'broker-list': text(
    'hostname:port,...,hostname:port',
    'REQUIRED: The list of hostname and port of the server to connect to.',
  ),
  'fetch-size': integer('bytes', 'The fetch size of each request.', { defaults: ['1048576'] }),
  'max-wait-ms': integer('ms', 'The max amount of time each fetch request waits.', { defaults: ['1000'] }),
  'topics-include': text('Java regex (String)', 'List of topics to verify replica consistency.', { defaults: ['.*'] }),
  time: long('timestamp/-1(latest)/-2(earliest)', 'Timestamp for getting the initial offsets.', { defaults: ['-1'] }),
  'report-interval-ms': long('ms', 'The reporting interval.', { defaults: ['30000'] }),
} satisfies OptionDeclarations;
