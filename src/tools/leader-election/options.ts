import { flag, HELP_AND_VERSION, integer, type OptionDeclarations, text } from '../shared/option-types.ts';

/** The options of kafka-leader-election. */
export const LEADER_ELECTION_OPTIONS = {
  ...HELP_AND_VERSION,
  'bootstrap-server': text(
    'host:port',
    'A hostname and port for the broker to connect to, in the form host:port. Multiple comma separated URLs can be given. REQUIRED.',
  ),
  'admin.config': text(
    'config file',
    '(DEPRECATED) Configuration properties files to pass to the admin client. This option will be removed in a future version. Use --command-config instead.',
  ),
  'command-config': text('Config file', 'Config properties file to pass to the admin client.'),
  'path-to-json-file': text(
    'Path to JSON file',
    'The JSON file with the list  of partition for which leader elections should be performed. This is an example format. \n{"partitions":\n\t[{"topic": "foo", "partition": 1},\n\t {"topic": "foobar", "partition": 2}]\n}\nNot allowed if --all-topic-partitions or --topic flags are specified.',
  ),
  topic: text(
    'topic name',
    'Name of topic for which to perform an election. Not allowed if --path-to-json-file or --all-topic-partitions is specified.',
  ),
  partition: integer(
    'partition id',
    'Partition id for which to perform an election. REQUIRED if --topic is specified.',
  ),
  'all-topic-partitions': flag(
    'Perform election on all of the eligible topic partitions based on the type of election (see the --election-type flag). Not allowed if --topic or --path-to-json-file is specified.',
  ),
  'election-type': {
    takes: 'argument',
    type: '[PREFERRED,UNCLEAN]',
    argument: 'election type',
    description:
      'Type of election to attempt. Possible values are "preferred" for preferred leader election or "unclean" for unclean leader election. If preferred election is selection, the election is only performed if the current leader is not the preferred leader for the topic partition. If unclean election is selected, the election is only performed if there are no leader for the topic partition. REQUIRED.',
  },
} satisfies OptionDeclarations;
