import { type ArgumentParser, HELP_ARGUMENT } from '../shared/argparse-types.ts';

/** The command line of kafka-storage. */
export const STORAGE_PARSER: ArgumentParser = {
  prog: 'kafka-storage',
  description: 'The Kafka storage tool.',
  arguments: [HELP_ARGUMENT],
  subcommands: [
    {
      name: 'info',
      help: 'Get information about the Kafka log directories on this node.',
      arguments: [
        HELP_ARGUMENT,
        { flags: ['--config', '-c'], metavar: 'CONFIG', required: true, help: 'The Kafka configuration file to use.' },
      ],
    },
    {
      name: 'format',
      help: 'Format the Kafka log directories on this node.',
      arguments: [
        HELP_ARGUMENT,
        { flags: ['--config', '-c'], metavar: 'CONFIG', required: true, help: 'The Kafka configuration file to use.' },
        { flags: ['--cluster-id', '-t'], metavar: 'CLUSTER_ID', required: true, help: 'The cluster ID to use.' },
        {
          flags: ['--add-scram', '-S'],
          metavar: 'ADD_SCRAM',
          repeatable: true,
          help: 'A SCRAM_CREDENTIAL to add to the __cluster_metadata log e.g.\n\'SCRAM-SHA-256=[name=alice,password=alice-secret]\'\n\'SCRAM-SHA-512=[name=alice,iterations=8192,salt="N3E=",saltedpassword="YCE="]\'',
        },
        {
          flags: ['--ignore-formatted', '-g'],
          help: 'When this option is passed, the format command will skip over already formatted directories rather than failing.',
        },
        {
          flags: ['--release-version', '-r'],
          metavar: 'RELEASE_VERSION',
          help: 'The release version to use for the initial feature settings. The minimum is 3.3-IV3; the default is 4.4-IV2. Note: formatted directories are not forward-compatible — the broker version must be greater than or equal to the kafka-storage tool that formatted the directory, regardless of this setting.',
        },
        {
          flags: ['--feature', '-f'],
          metavar: 'FEATURE',
          repeatable: true,
          help: 'The setting to use for a specific feature, in feature=level format. For example: `kraft.version=1`.',
        },
        {
          flags: ['--standalone', '-s'],
          help: 'Used to initialize a controller as a single-node dynamic quorum. When setting this flag, the controller.quorum.voters config must not be set, and controller.quorum.bootstrap.servers is set instead.',
        },
        {
          flags: ['--no-initial-controllers', '-N'],
          help: 'Used to initialize a server without specifying a dynamic quorum. When setting this flag, the controller.quorum.voters config should not be set, and controller.quorum.bootstrap.servers is set instead.',
        },
        {
          flags: ['--initial-controllers', '-I'],
          metavar: 'INITIAL_CONTROLLERS',
          help: 'Used to initialize a server with the specified dynamic quorum. The argument is a comma-separated list of id@hostname:port:directory. The same values must be used to format all nodes. For example:\n0@example.com:8082:JEXY6aqzQY-32P5TStzaFg,1@example.com:8083:MvDxzVmcRsaTz33bUuRU6A,2@example.com:8084:07R5amHmR32VDA6jHkGbTA\n. When setting this flag, the controller.quorum.voters config must not be set, and controller.quorum.bootstrap.servers is set instead.',
        },
      ],
      groups: [{ exclusive: true, members: ['--standalone', '--no-initial-controllers', '--initial-controllers'] }],
    },
    {
      name: 'version-mapping',
      help: 'Look up the corresponding features for a given metadata version. Using the command with no --release-version  argument will return the mapping for the latest stable metadata version',
      arguments: [
        HELP_ARGUMENT,
        {
          flags: ['--release-version', '-r'],
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
          flags: ['--feature', '-f'],
          metavar: 'FEATURE',
          repeatable: true,
          required: true,
          help: 'The features and their versions to look up dependencies for, in feature=version format. For example: `metadata.version=5`.',
        },
      ],
    },
    {
      name: 'random-uuid',
      help: 'Print a random UUID.',
      arguments: [HELP_ARGUMENT],
    },
  ],
};
