import { HELP_AND_VERSION, type OptionDeclarations, text } from '../shared/option-types.ts';

/** The options of kafka-delete-records. */
export const DELETE_RECORDS_OPTIONS = {
  ...HELP_AND_VERSION,
  'bootstrap-server': text('server(s) to use for bootstrapping', 'REQUIRED: The server to connect to.'),
  'offset-json-file': text(
    'Offset json file path',
    'REQUIRED: The JSON file with offset per partition. The format to use is:\n{"partitions":\n  [{"topic": "foo", "partition": 1, "offset": 1}],\n "version":1\n}',
  ),
  'command-config': text(
    'command config property file path',
    'A property file containing configs to be passed to Admin Client.',
  ),
} satisfies OptionDeclarations;
