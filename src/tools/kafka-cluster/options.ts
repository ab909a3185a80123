import { type ArgumentParser, HELP_ARGUMENT } from '../shared/argparse-types.ts';

/** The command line of kafka-cluster. */
export const CLUSTER_PARSER: ArgumentParser = {
  prog: 'kafka-cluster',
  description: 'The Kafka cluster tool.',
  arguments: [HELP_ARGUMENT],
  subcommands: [
    {
      name: 'cluster-id',
      help: 'Get information about the ID of a cluster.',
      arguments: [
        HELP_ARGUMENT,
        {
          flags: ['--bootstrap-server', '-b'],
          metavar: 'BOOTSTRAP_SERVER',
          help: 'A list of host/port pairs to use for establishing the connection to the Kafka cluster.',
        },
        {
          flags: ['--bootstrap-controller', '-C'],
          metavar: 'BOOTSTRAP_CONTROLLER',
          help: 'A list of host/port pairs to use for establishing the connection to the KRaft controllers.',
        },
        {
          flags: ['--config'],
          metavar: 'CONFIG',
          help: '(DEPRECATED) A property file containing configurations for the Admin client. This option will be removed in a future version. Use --command-config instead.',
        },
        {
          flags: ['--command-config', '-c'],
          metavar: 'COMMAND_CONFIG',
          help: 'Config properties file for the Admin client.',
        },
      ],
      groups: [{ exclusive: true, required: true, members: ['--bootstrap-server', '--bootstrap-controller'] }],
    },
    {
      name: 'unregister',
      help: 'Unregister a broker.',
      arguments: [
        HELP_ARGUMENT,
        {
          flags: ['--bootstrap-server', '-b'],
          metavar: 'BOOTSTRAP_SERVER',
          help: 'A list of host/port pairs to use for establishing the connection to the Kafka cluster.',
        },
        {
          flags: ['--bootstrap-controller', '-C'],
          metavar: 'BOOTSTRAP_CONTROLLER',
          help: 'A list of host/port pairs to use for establishing the connection to the KRaft controllers.',
        },
        {
          flags: ['--config'],
          metavar: 'CONFIG',
          help: '(DEPRECATED) A property file containing configurations for the Admin client. This option will be removed in a future version. Use --command-config instead.',
        },
        {
          flags: ['--command-config', '-c'],
          metavar: 'COMMAND_CONFIG',
          help: 'Config properties file for the Admin client.',
        },
        {
          flags: ['--id', '-i'],
          metavar: 'ID',
          type: 'Integer',
          required: true,
          help: 'The ID of the broker to unregister.',
        },
      ],
      groups: [{ exclusive: true, required: true, members: ['--bootstrap-server', '--bootstrap-controller'] }],
    },
    {
      name: 'unregister-controller',
      help: 'Unregister a controller.',
      arguments: [
        HELP_ARGUMENT,
        {
          flags: ['--bootstrap-server', '-b'],
          metavar: 'BOOTSTRAP_SERVER',
          help: 'A list of host/port pairs to use for establishing the connection to the Kafka cluster.',
        },
        {
          flags: ['--bootstrap-controller', '-C'],
          metavar: 'BOOTSTRAP_CONTROLLER',
          help: 'A list of host/port pairs to use for establishing the connection to the KRaft controllers.',
        },
        {
          flags: ['--config'],
          metavar: 'CONFIG',
          help: '(DEPRECATED) A property file containing configurations for the Admin client. This option will be removed in a future version. Use --command-config instead.',
        },
        {
          flags: ['--command-config', '-c'],
          metavar: 'COMMAND_CONFIG',
          help: 'Config properties file for the Admin client.',
        },
        {
          flags: ['--id', '-i'],
          metavar: 'ID',
          type: 'Integer',
          required: true,
          help: 'The ID of the controller to unregister.',
        },
      ],
      groups: [{ exclusive: true, required: true, members: ['--bootstrap-server', '--bootstrap-controller'] }],
    },
    {
      name: 'list-endpoints',
      help: 'List endpoints',
      arguments: [
        HELP_ARGUMENT,
        {
          flags: ['--bootstrap-server', '-b'],
          metavar: 'BOOTSTRAP_SERVER',
          help: 'A list of host/port pairs to use for establishing the connection to the Kafka cluster.',
        },
        {
          flags: ['--bootstrap-controller', '-C'],
          metavar: 'BOOTSTRAP_CONTROLLER',
          help: 'A list of host/port pairs to use for establishing the connection to the KRaft controllers.',
        },
        {
          flags: ['--config'],
          metavar: 'CONFIG',
          help: '(DEPRECATED) A property file containing configurations for the Admin client. This option will be removed in a future version. Use --command-config instead.',
        },
        {
          flags: ['--command-config', '-c'],
          metavar: 'COMMAND_CONFIG',
          help: 'Config properties file for the Admin client.',
        },
        {
          flags: ['--include-fenced-brokers'],
          help: 'Whether to include fenced brokers when listing broker endpoints',
        },
      ],
      groups: [{ exclusive: true, required: true, members: ['--bootstrap-server', '--bootstrap-controller'] }],
    },
    {
      name: 'api-versions',
      help: 'Get information about the api versions of the brokers or controllers.',
      arguments: [
        HELP_ARGUMENT,
        {
          flags: ['--bootstrap-server', '-b'],
          metavar: 'BOOTSTRAP_SERVER',
          help: 'A list of host/port pairs to use for establishing the connection to the Kafka cluster.',
        },
        {
          flags: ['--bootstrap-controller', '-C'],
          metavar: 'BOOTSTRAP_CONTROLLER',
          help: 'A list of host/port pairs to use for establishing the connection to the KRaft controllers.',
        },
        {
          flags: ['--config'],
          metavar: 'CONFIG',
          help: '(DEPRECATED) A property file containing configurations for the Admin client. This option will be removed in a future version. Use --command-config instead.',
        },
        {
          flags: ['--command-config', '-c'],
          metavar: 'COMMAND_CONFIG',
          help: 'Config properties file for the Admin client.',
        },
      ],
      groups: [{ exclusive: true, required: true, members: ['--bootstrap-server', '--bootstrap-controller'] }],
    },
  ],
};
