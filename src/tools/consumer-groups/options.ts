import { HELP_AND_VERSION, type OptionDeclarations } from '../shared/option-types.ts';

/** The options of kafka-consumer-groups, as Kafka 4.4 declares and describes them. */
export const CONSUMER_GROUPS_OPTIONS = {
  ...HELP_AND_VERSION,
  'bootstrap-server': {
    takes: 'argument',
    type: 'String',
    argument: 'server to connect to',
    description: 'The server(s) to connect to. REQUIRED for all options except for --validate-regex.',
  },
  group: {
    takes: 'argument',
    type: 'String',
    argument: 'group id',
    description: 'The consumer group id.',
  },
  topic: {
    takes: 'argument',
    type: 'String',
    argument: 'topic',
    description:
      'The topic whose offset information should be deleted or reset. In `reset-offsets` case, partitions can be specified using this format: `topic:0,1,2`, where 0,1,2 are the partitions to be included. Reset-offsets also supports multiple topics.',
  },
  'all-topics': {
    takes: 'nothing',
    description: 'Apply to all topics.',
  },
  list: { takes: 'nothing', description: 'List all consumer groups.' },
  describe: {
    takes: 'nothing',
    description:
      'Describe consumer group and list offset lag (number of messages not yet processed) related to given group.',
  },
  'all-groups': { takes: 'nothing', description: 'Apply to all consumer groups.' },
  delete: {
    takes: 'nothing',
    description: 'Delete topic partition offsets and ownership information for one or more consumer groups.',
  },
  timeout: {
    takes: 'argument',
    type: 'Long',
    argument: 'timeout (ms)',
    description:
      'The timeout that can be set for some use cases. For example, it can be used when describing the group to specify the maximum amount of time in milliseconds to wait before the group stabilizes (when the group is just created, or is going through some changes).',
    defaults: ['30000'],
  },
  'command-config': {
    takes: 'argument',
    type: 'String',
    argument: 'command config property file',
    description: 'Property file containing configs to be passed to Admin Client and Consumer.',
  },
  'reset-offsets': {
    takes: 'nothing',
    description:
      'Reset offsets of consumer group. Supports one consumer group at a time, and instances should be inactive\nHas 2 execution options: --dry-run (the default) to plan which offsets to reset, and --execute to update the offsets.\nAdditionally, the --export option can be used to generate the offsets in CSV format for export to a file.\nYou must choose one of the following reset specifications: --to-datetime, --by-duration, --to-earliest, --to-latest, --shift-by, --from-file, --to-current, --to-offset.\nTo define the scope, use --all-topics or --topic. The scope must be specified unless you use --from-file.',
  },
  'delete-offsets': {
    takes: 'nothing',
    description: 'Delete offsets of consumer group. Supports one consumer group at a time, and multiple topics.',
  },
  'dry-run': {
    takes: 'nothing',
    description: 'Output offset reset information without executing the operation. Supported operation: reset-offsets.',
  },
  execute: { takes: 'nothing', description: 'Execute the offset reset operation. Supported operation: reset-offsets.' },
  export: {
    takes: 'nothing',
    description:
      'Generate offset reset information in CSV format for export to a file. Supported operation: reset-offsets.',
  },
  'to-offset': {
    takes: 'argument',
    type: 'Long',
    argument: 'offset',
    description: 'Reset offsets to a specific offset.',
  },
  'from-file': {
    takes: 'argument',
    type: 'String',
    argument: 'path to CSV file',
    description: 'Reset offsets to values defined in CSV file.',
  },
  'to-datetime': {
    takes: 'argument',
    type: 'String',
    argument: 'datetime',
    description: "Reset offsets to offset from datetime. Format: 'YYYY-MM-DDThh:mm:ss.sss'",
  },
  'by-duration': {
    takes: 'argument',
    type: 'String',
    argument: 'duration',
    description: "Reset offsets by duration from current timestamp. Format: 'PnDTnHnMnS'",
  },
  'to-earliest': { takes: 'nothing', description: 'Reset offsets to earliest offset.' },
  'to-latest': { takes: 'nothing', description: 'Reset offsets to latest offset.' },
  'to-current': { takes: 'nothing', description: 'Reset offsets to current offset.' },
  'shift-by': {
    takes: 'argument',
    type: 'Long',
    argument: 'number-of-offsets',
    description: "Reset offsets shifting current offset by 'n', where 'n' can be positive or negative.",
  },
  members: {
    takes: 'nothing',
    description:
      'Describe members of the group. This option may be used with the --describe option only.\nExample: --bootstrap-server localhost:9092 --describe --group group1 --members',
    onlyWith: ['describe'],
  },
  verbose: {
    takes: 'nothing',
    description:
      'Provide additional information, if any, when describing the group. This option may be used with the --describe option only.',
    onlyWith: ['describe'],
  },
  offsets: {
    takes: 'nothing',
    description:
      'Describe the group and list all topic partitions in the group along with their offset lag. This is the default sub-action of and may be used with the --describe option only.\nExample: --bootstrap-server localhost:9092 --describe --group group1 --offsets',
    onlyWith: ['describe'],
  },
  state: {
    takes: 'optional argument',
    type: 'String',
    description:
      'When specified with --describe, it displays the state of the group.\nExample: --bootstrap-server localhost:9092 --describe --group group1 --state\nWhen specified with --list, it displays the states of the groups. It can also be used to list groups with specific states.\nExample: --bootstrap-server localhost:9092 --list --state stable,empty\nThis option may be used with --describe and --list options only.',
    onlyWith: ['describe', 'list'],
  },
  type: {
    takes: 'optional argument',
    type: 'String',
    description:
      'When specified with --list, it displays the types of the groups. It can also be used to list groups with specific types.\nExample: --bootstrap-server localhost:9092 --list --type classic,consumer\nThis option may be used with the --list option only.',
    onlyWith: ['list'],
  },
  'validate-regex': {
    takes: 'argument',
    type: 'String',
    argument: 'regex',
    description: 'Validate the syntax of the regular expression according to the RE2 format.',
  },
} as const satisfies OptionDeclarations;
