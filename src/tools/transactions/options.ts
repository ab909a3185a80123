import { type ArgumentParser, HELP_ARGUMENT } from '../shared/argparse-types.ts';

/** The command line of kafka-transactions. */
export const TRANSACTIONS_PARSER: ArgumentParser = {
  prog: 'kafka-transactions.sh',
  description:
    'This tool is used to analyze the transactional state of producers in the cluster. It can be used to detect and recover from hanging transactions.',
  arguments: [
    HELP_ARGUMENT,
    { flags: ['-v', '--version'], help: 'show the version of this Kafka distribution and exit' },
    {
      flags: ['--command-config'],
      metavar: 'FILE',
      help: 'property file containing configs to be passed to admin client',
    },
    {
      flags: ['--bootstrap-server'],
      metavar: 'host:port',
      required: true,
      help: 'hostname and port for the broker to connect to, in the form `host:port`  (multiple comma-separated entries can be given)',
    },
    { flags: ['COMMAND'], required: true, help: '' },
  ],
  groups: [{ title: 'commands', members: ['COMMAND'] }],
};
