import { flag, HELP_AND_VERSION, long, type OptionDeclarations, text } from '../shared/option-types.ts';

/** The options of kafka-reassign-partitions. */
export const REASSIGN_PARTITIONS_OPTIONS = {
  ...HELP_AND_VERSION,
  verify: flag(
    'Verify if the reassignment completed as specified by the --reassignment-json-file option. If there is a throttle engaged for the replicas specified, and the rebalance has completed, the throttle will be removed',
  ),
  generate: flag(
    'Generate a candidate partition reassignment configuration. Note that this only generates a candidate assignment, it does not execute it.',
  ),
  execute: flag('Kick off the reassignment as specified by the --reassignment-json-file option.'),
  cancel: flag('Cancel an active reassignment.'),
  list: flag('List all active partition reassignments.'),
  'bootstrap-server': {
    takes: 'optional argument',
    type: 'String',
    argument: 'Server(s) to use for bootstrapping',
    description: 'the server(s) to use for bootstrapping.',
  },
  'command-config': text(
    'Admin client property file',
    'Property file containing configs to be passed to Admin Client.',
  ),
  'reassignment-json-file': text(
    'manual assignment json file path',
    'The JSON file with the partition reassignment configurationThe format to use is - \n{"partitions":\n\t[{"topic": "foo",\n\t  "partition": 1,\n\t  "replicas": [1,2,3],\n\t  "log_dirs": ["dir1","dir2","dir3"] }],\n"version":1\n}\nNote that "log_dirs" is optional. When it is specified, its length must equal the length of the replicas list. The value in this list can be either "any" or the absolution path of the log directory on the broker. If absolute log directory path is specified, the replica will be moved to the specified log directory on the broker.',
  ),
  'topics-to-move-json-file': text(
    'topics to reassign json file path',
    'Generate a reassignment configuration to move the partitions of the specified topics to the list of brokers specified by the --broker-list option. The format to use is - \n{"topics":\n\t[{"topic": "foo"},{"topic": "foo1"}],\n"version":1\n}',
  ),
  'broker-list': text(
    'brokerlist',
    'The list of brokers to which the partitions need to be reassigned in the form "0,1,2". This is required if --topics-to-move-json-file is used to generate reassignment configuration',
  ),
  'bootstrap-controller': {
    takes: 'optional argument',
    type: 'String',
    argument: 'bootstrap controller to connect to',
    description:
      'The controller to use for reassignment. By default, the tool will get the quorum controller. This option supports the actions --cancel and --list.',
  },
  'disable-rack-aware': flag('Disable rack aware replica assignment'),
  throttle: long(
    'throttle',
    'The movement of partitions between brokers will be throttled to this value (bytes/sec). This option can be included with --execute when a reassignment is started, and it can be altered by resubmitting the current reassignment along with the --additional flag. The throttle rate should be at least 1 KB/s.',
    { defaults: ['-1'] },
  ),
  'replica-alter-log-dirs-throttle': long(
    'replicaAlterLogDirsThrottle',
    'The movement of replicas between log directories on the same broker will be throttled to this value (bytes/sec). This option can be included with --execute when a reassignment is started, and it can be altered by resubmitting the current reassignment along with the --additional flag. The throttle rate should be at least 1 KB/s.',
    { defaults: ['-1'] },
  ),
  timeout: long('timeout', 'The maximum time in ms to wait for log directory replica assignment to begin.', {
    defaults: ['10000'],
  }),
  additional: flag(
    'Execute this reassignment in addition to any other ongoing ones. This option can also be used to change the throttle of an ongoing reassignment.',
  ),
  'preserve-throttles': flag('Do not modify broker or topic throttles.'),
  'disallow-replication-factor-change': flag(
    "Denies the ability to change a partition's replication factor as part of this reassignment through adding validation against it.",
  ),
} satisfies OptionDeclarations;
