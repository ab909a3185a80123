import { type ArgumentParser, HELP_ARGUMENT } from '../shared/argparse-types.ts';

/** The command line of kafka-metadata-quorum. */
export const METADATA_QUORUM_PARSER: ArgumentParser = {
  prog: 'kafka-metadata-quorum',
  description: 'This tool describes kraft metadata quorum status.',
  arguments: [
    HELP_ARGUMENT,
    {
      flags: ['--bootstrap-server'],
      metavar: 'BOOTSTRAP_SERVER',
      help: 'A comma-separated list of host:port pairs to use for establishing the connection to the Kafka cluster.',
    },
    {
      flags: ['--bootstrap-controller'],
      metavar: 'BOOTSTRAP_CONTROLLER',
      help: 'A comma-separated list of host:port pairs to use for establishing the connection to the Kafka controllers.',
    },
    {
      flags: ['--command-config'],
      metavar: 'COMMAND_CONFIG',
      help: 'Property file containing configs to be passed to Admin Client. For add-controller, the file is used to specify the controller properties as well.',
    },
  ],
  groups: [{ exclusive: true, required: true, members: ['--bootstrap-server', '--bootstrap-controller'] }],
  subcommands: [
    {
      name: 'describe',
      help: 'Describe the metadata quorum info',
      arguments: [
        HELP_ARGUMENT,
        {
          flags: ['--status'],
          help: 'A short summary of the quorum status and the other provides detailed information about the status of replication.',
        },
        { flags: ['--replication'], help: 'Detailed information about the status of replication' },
        { flags: ['--human-readable'], help: 'Human-readable output' },
      ],
      groups: [
        { title: 'Status', members: ['--status'] },
        { title: 'Replication', members: ['--replication', '--human-readable'] },
      ],
    },
    {
      name: 'add-controller',
      help: 'Add a controller to the KRaft controller cluster',
      arguments: [
        HELP_ARGUMENT,
        { flags: ['--dry-run'], help: 'True if we should print what would be done, but not do it.' },
      ],
    },
    {
      name: 'remove-controller',
      help: 'Remove a controller from the KRaft controller cluster',
      arguments: [
        HELP_ARGUMENT,
        {
          flags: ['--controller-id', '-i'],
          metavar: 'CONTROLLER_ID',
          type: 'Integer',
          required: true,
          help: 'The id of the controller to remove.',
        },
        {
          flags: ['--controller-directory-id', '-d'],
          metavar: 'CONTROLLER_DIRECTORY_ID',
          required: true,
          help: 'The directory ID of the controller to remove.',
        },
        { flags: ['--dry-run'], help: 'True if we should print what would be done, but not do it.' },
        {
          flags: ['--unregister'],
          help: 'If set, also unregister the controller after successfully removing it from the voter set.',
        },
      ],
    },
  ],
};
