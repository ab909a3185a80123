import { flag, HELP_AND_VERSION, long, type OptionDeclarations, text } from '../shared/option-types.ts';

/** The options of kafka-share-groups. */
export const SHARE_GROUPS_OPTIONS = {
  ...HELP_AND_VERSION,
  'bootstrap-server': text('server to connect to', 'REQUIRED: The server(s) to connect to.'),
  group: text('group id', 'The share group id.'),
  topic: text(
    'topic',
    'The topic whose offset information should be deleted or reset. When resetting offsets, partitions can be specified using this format: `topic:0,1,2`, where 0,1,2 are the partitions to be included.',
  ),
  'all-topics': flag('Apply to all topics. Supported operation: reset-offsets.'),
  list: flag('List all share groups.'),
  describe: flag('Describe share group, members and offset information.'),
  'all-groups': flag('Apply to all share groups.'),
  delete: flag('Delete share group.'),
  timeout: long(
    'timeout (ms)',
    'The timeout that can be set for some use cases. For example, it can be used when describing the group to specify the maximum amount of time in milliseconds to wait before the group stabilizes.',
    { defaults: ['30000'] },
  ),
  'command-config': text(
    'command config property file',
    'Property file containing configs to be passed to Admin Client.',
  ),
  'reset-offsets': flag(
    'Reset offsets of share group. Supports one share group at a time, and instances must be inactive.\nHas 2 execution options: --dry-run to plan which offsets to reset, and --execute to reset the offsets. \nAdditionally, the --export option can be used to generate the offsets in CSV format for export to a file.\nYou must choose one of the following reset specifications: --to-datetime, --to-earliest, --to-latest, --from-file, --to-current, --to-offset.\nTo define the scope, use --all-topics or --topic. The scope must be specified unless you use --from-file.\nFails if neither --dry-run nor --execute is specified.',
  ),
  'delete-offsets': flag('Delete offsets of share group. Supports one share group at a time, and multiple topics.'),
  'dry-run': flag(
    'Output offset reset information without executing the operation. Supported operation: reset-offsets.',
  ),
  execute: flag('Execute the offset reset operation. Supported operation: reset-offsets.'),
  export: flag(
    'Generate offset reset information in CSV format for export to a file. Supported operation: reset-offsets.',
  ),
  'to-offset': long('offset', 'Reset offsets to a specific offset.'),
  'from-file': text('path to CSV file', 'Reset offsets to values defined in CSV file.'),
  'to-datetime': text('datetime', "Reset offsets to offset from datetime. Format: 'YYYY-MM-DDThh:mm:ss.sss'"),
  'to-earliest': flag('Reset offsets to earliest offset.'),
  'to-latest': flag('Reset offsets to latest offset.'),
  'to-current': flag('Reset offsets to current offset.'),
  members: flag('Describe members of the group. This option may be used with the --describe option only.'),
  offsets: flag(
    'Describe the group and list all topic partitions in the group along with their offset information. This is the default sub-action and may be used with the --describe option only.',
  ),
  state: {
    takes: 'optional argument',
    type: 'String',
    description:
      'When specified with --describe, it displays the state of the group.\nWhen specified with --list, it displays the state of all groups. It can also be used to list groups with specific states. Valid values are Empty, Stable and Dead.',
  },
  verbose: flag(
    'Provide additional information, if any, when describing the group. This option may be used with the --describe option only.',
  ),
} satisfies OptionDeclarations;
