import { flag, HELP_AND_VERSION, long, type OptionDeclarations, text } from '../shared/option-types.ts';

/** The options of kafka-streams-application-reset. */
export const STREAMS_APPLICATION_RESET_OPTIONS = {
  ...HELP_AND_VERSION,
  'application-id': text('id', 'REQUIRED: The Kafka Streams application ID (application.id).', { required: true }),
  'bootstrap-server': text(
    'server to connect to',
    'The server(s) to connect to. The broker list string in the form HOST1:PORT1,HOST2:PORT2. (default: localhost:9092)',
  ),
  'input-topics': text(
    'list',
    'Comma-separated list of user input topics. For these topics, the tool by default will reset the offset to the earliest available offset. Reset to other offset position by appending other reset offset option, ex: --input-topics foo --shift-by 5',
  ),
  'intermediate-topics': text(
    'list',
    '[deprecated] Comma-separated list of intermediate user topics (topics that are input and output topics). For these topics, the tool will skip to the end.',
  ),
  'internal-topics': text(
    'list',
    'Comma-separated list of internal topics to delete. Must be a subset of the internal topics marked for deletion by the default behaviour (do a dry-run without this option to view these topics).',
  ),
  'to-offset': long('', 'Reset offsets to a specific offset.'),
  'to-datetime': text('', "Reset offsets to offset from datetime. Format: 'YYYY-MM-DDThh:mm:ss.sss'"),
  'by-duration': text('', "Reset offsets to offset by duration from current timestamp. Format: 'PnDTnHnMnS'"),
  'to-earliest': flag('Reset offsets to earliest offset.'),
  'to-latest': flag('Reset offsets to latest offset.'),
  'from-file': text('', 'Reset offsets to values defined in CSV file.'),
  'shift-by': long(
    'number-of-offsets',
    "Reset offsets shifting current offset by 'n', where 'n' can be positive or negative",
  ),
  'config-file': text(
    'file name',
    '(DEPRECATED) Property file containing configs to be passed to admin clients and embedded consumer. This option will be removed in a future version. Use --command-config instead.',
  ),
  'command-config': text('file name', 'Config properties file to be passed to admin clients and embedded consumer.'),
  force: flag(
    'Force the removal of members of the consumer group (intended to remove stopped members if a long session timeout was used). Make sure to shut down all stream applications when this option is specified to avoid unexpected rebalances.',
  ),
  'dry-run': flag('Display the actions that would be performed without executing the reset commands.'),
} satisfies OptionDeclarations;
