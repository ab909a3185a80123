import { flag, HELP_AND_VERSION, long, type OptionDeclarations, text } from '../shared/option-types.ts';

/** The options of kafka-streams-groups. */
export const STREAMS_GROUPS_OPTIONS = {
  ...HELP_AND_VERSION,
  'bootstrap-server': text('server to connect to', 'REQUIRED: The server(s) to connect to.'),
  group: text('group id', 'The streams group id.'),
  'input-topic': text(
    'topic',
    'The input topic whose committed offset should be deleted or reset. In --reset-offsets case, partitions can be specified using this format: `topic:0,1,2`, where 0,1,2 are the partitions to be included. Multiple input topics can be specified. Supported operations: delete-offsets, reset-offsets.',
  ),
  'all-input-topics': flag(
    'Consider all input topics used in the topology of the group. Supported operations: delete-offsets, reset-offsets.',
  ),
  list: flag('List all streams groups.'),
  describe: flag('Describe streams group and list offset lag related to given group.'),
  'all-groups': flag('Apply to all streams groups.'),
  delete: flag('Delete topic partition offsets and ownership information for one or more streams groups.'),
  'delete-offsets': flag('Delete offsets of streams group. Supports one streams group at a time, and multiple topics.'),
  timeout: long(
    'timeout (ms)',
    'The timeout that can be set for some use cases. For example, it can be used when describing the group to specify the maximum amount of time in milliseconds to wait before the group stabilizes.',
    { defaults: ['30000'] },
  ),
  'command-config': text(
    'command config property file',
    'Property file containing configs to be passed to Admin Client.',
  ),
  state: {
    takes: 'optional argument',
    type: 'String',
    description:
      'When specified with --list, it displays the state of all groups. It can also be used to list groups with specific states. Valid values are Empty, NotReady, Stable, Assigning, Reconciling, and Dead.',
  },
  members: flag('Describe members of the group. This option may be used with the --describe option only.'),
  offsets: flag(
    'Describe the group and list all topic partitions in the group along with their offset information.This is the default sub-action and may be used with the --describe option only.',
  ),
  topology: flag(
    "Describe the topology of the streams group, as recorded by the broker's topology description plugin. This option may be used with the '--describe' option only.",
  ),
  'reset-offsets': flag(
    'Reset offsets of streams group. The instances should be inactive.\nHas 2 execution options: --dry-run to plan which offsets to reset, and --execute to update the offsets.\nIf you use --execute, all internal topics linked to the group will also be deleted.\nAdditionally, the --export option can be used to generate the offsets in CSV format for export to a file.\nYou must choose one of the following reset specifications: --to-datetime, --by-duration, --to-earliest, --to-latest, --shift-by, --from-file, --to-current, --to-offset.\nTo define the scope, use --all-input-topics or --input-topic. The scope must be specified unless you use --from-file.\nFails if neither --dry-run nor --execute is specified.',
  ),
  'to-offset': long('offset', 'Reset offsets to a specific offset.'),
  'from-file': text('path to CSV file', 'Reset offsets to values defined in CSV file.'),
  'to-datetime': text('datetime', "Reset offsets to offset from datetime. Format: 'YYYY-MM-DDThh:mm:ss.sss'"),
  'by-duration': text('duration', "Reset offsets by duration from current timestamp. Format: 'PnDTnHnMnS'"),
  'to-earliest': flag('Reset offsets to earliest offset.'),
  'to-latest': flag('Reset offsets to latest offset.'),
  'to-current': flag('Reset offsets to current offset.'),
  'shift-by': long(
    'number-of-offsets',
    "Reset offsets shifting current offset by 'n', where 'n' can be positive or negative.",
  ),
  'delete-internal-topic': text(
    '',
    'Delete specified internal topic of the streams group. Supported operation: reset-offsets.This option is applicable only when --execute is used.',
  ),
  'delete-all-internal-topics': flag(
    'Delete all internal topics linked to the streams group. Supported operations: reset-offsets, delete.With reset-offsets, this option is applicable only when --execute is used.',
  ),
  verbose: flag(
    'Use with --describe --state to show group epoch and target assignment epoch.\nUse with --describe --members to show for each member the member epoch, target assignment epoch, current assignment, target assignment, and whether member is still using the classic rebalance protocol.\nUse with --describe --offsets and --describe to show leader epochs for each partition.',
  ),
  'dry-run': flag('Only show results without executing changes on streams group. Supported operation: reset-offsets.'),
  execute: flag('Execute the offset reset operation. Supported operation: reset-offsets.'),
  export: flag(
    'Generate offset reset information in CSV format for export to a file. Supported operation: reset-offsets.',
  ),
} satisfies OptionDeclarations;
