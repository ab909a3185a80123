import { type ArgumentParser, HELP_ARGUMENT } from '../shared/argparse-types.ts';

/** The command line of kafka-features. */
export const FEATURES_PARSER: ArgumentParser = {
  prog: 'kafka-features',
  description: 'This tool manages feature flags in Kafka.',
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
      help: 'A comma-separated list of host:port pairs to use for establishing the connection to the KRaft quorum.',
    },
    {
      flags: ['--command-config'],
      metavar: 'COMMAND_CONFIG',
      help: 'Property file containing configs to be passed to Admin Client.',
    },
  ],
  groups: [{ exclusive: true, members: ['--bootstrap-server', '--bootstrap-controller'] }],
  subcommands: [
    {
      name: 'describe',
      help: 'Describes the current active feature flags.',
      arguments: [
        HELP_ARGUMENT,
        {
          flags: ['--node-id'],
          metavar: 'NODE_ID',
          type: 'Integer',
          help: 'The node id to which the requests should be sent. If not specified, the requests will be sent to an arbitrary controller/broker.',
        },
      ],
    },
    {
      name: 'upgrade',
      help: 'Upgrade one or more feature flags.',
      arguments: [
        HELP_ARGUMENT,
        {
          flags: ['--metadata'],
          metavar: 'METADATA',
          help: 'DEPRECATED -- The level to which we should upgrade the metadata. For example, 3.3-IV3.',
        },
        {
          flags: ['--release-version'],
          metavar: 'RELEASE_VERSION',
          help: 'The release version to update all features to. For example, 3.9-IV0 will set metadata.version=21 and kraft.version=1. Use the version-mapping command to learn which features will be set for any given version.',
        },
        {
          flags: ['--feature'],
          metavar: 'FEATURE',
          repeatable: true,
          help: 'A feature upgrade we should perform, in feature=level format. For example: `metadata.version=5`.',
        },
        { flags: ['--dry-run'], help: 'Validate this upgrade, but do not perform it.' },
      ],
    },
    {
      name: 'downgrade',
      help: 'Downgrade one or more feature flags.',
      arguments: [
        HELP_ARGUMENT,
        {
          flags: ['--metadata'],
          metavar: 'METADATA',
          help: 'DEPRECATED -- The level to which we should downgrade the metadata. For example, 3.3-IV0.',
        },
        {
          flags: ['--release-version'],
          metavar: 'RELEASE_VERSION',
          help: 'The release version to downgrade all features to. For example, 3.9-IV0 will set metadata.version=21 and kraft.version=1. Use the version-mapping command to learn which features will be set for any given version.',
        },
        {
          flags: ['--feature'],
          metavar: 'FEATURE',
          repeatable: true,
          help: 'A feature downgrade we should perform, in feature=level format. For example: `metadata.version=5`.',
        },
        { flags: ['--unsafe'], help: 'Perform this downgrade even if it may irreversibly destroy metadata.' },
        { flags: ['--dry-run'], help: 'Validate this downgrade, but do not perform it.' },
      ],
    },
    {
      name: 'disable',
      help: 'Disable one or more feature flags. This is the same as downgrading the version to zero.',
      arguments: [
        HELP_ARGUMENT,
        { flags: ['--feature'], metavar: 'FEATURE', repeatable: true, help: 'A feature flag to disable.' },
        { flags: ['--unsafe'], help: 'Disable this feature flag even if it may irreversibly destroy metadata.' },
        { flags: ['--dry-run'], help: 'Perform a dry-run of this disable operation.' },
      ],
    },
    {
      name: 'version-mapping',
      help: 'Look up the corresponding features for a given metadata version. Using the command with no --release-version  argument will return the mapping for the latest stable metadata version',
      arguments: [
        HELP_ARGUMENT,
        {
          flags: ['--release-version'],
          metavar: 'RELEASE_VERSION',
          help: 'The release version to use for the corresponding feature mapping. The minimum is 3.3-IV3; the default is 4.4-IV2',
        },
      ],
    },
    {
      name: 'feature-dependencies',
      help: 'Look up dependencies for a given feature version. If the feature is not known or the version not yet defined, an error is thrown. Multiple features can be specified.',
      arguments: [
        HELP_ARGUMENT,
        {
          flags: ['--feature'],
          metavar: 'FEATURE',
          repeatable: true,
          required: true,
          help: 'The feature and version to look up dependencies for, in feature=version format. For example: `metadata.version=5`.',
        },
      ],
    },
  ],
};
