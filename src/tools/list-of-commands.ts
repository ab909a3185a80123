/**
 * Every command with its line in `ottla --help`, so that none has to be loaded for it. A test holds the lines to the
 * tools' own summaries.
 */
export const COMMAND_GROUPS: readonly {
  readonly title: string;
  readonly commands: Readonly<Record<string, string>>;
}[] = [
  {
    title: 'Run a broker',
    commands: {
      serve: 'run a broker',
      'kafka-server-start': 'run a broker from a server.properties',
    },
  },
  {
    title: 'Run a cluster',
    commands: {
      cluster: 'run a real cluster of several brokers on this machine',
      compose: 'run the Kafka services of a compose file without Docker',
    },
  },
  {
    title: 'Topics and records',
    commands: {
      'kafka-topics': 'create, list, describe, extend and delete topics',
      'kafka-console-producer': 'send each line of the input as a record',
      'kafka-console-consumer': 'print the records of topics',
      'kafka-console-share-consumer': 'read records in a share group (not available yet)',
      'kafka-get-offsets': 'print the offsets of partitions',
      'kafka-delete-records': 'delete the oldest records of partitions',
    },
  },
  {
    title: 'Groups',
    commands: {
      'kafka-groups': 'list groups of every type',
      'kafka-consumer-groups': 'list, describe and delete consumer groups, reset or delete their offsets',
      'kafka-share-groups': 'list and describe share groups (not available yet)',
      'kafka-streams-groups': 'list and describe streams groups (not available yet)',
      'kafka-streams-application-reset': 'reset a streams application (not available yet)',
    },
  },
  {
    title: 'Configuration and security',
    commands: {
      'kafka-configs': 'describe and change the configs of topics, brokers, groups, users and clients',
      'kafka-acls': 'say who may do what',
      'kafka-client-metrics': 'say which metrics clients should send',
      'kafka-delegation-tokens': 'create, renew and expire delegation tokens (not available yet)',
    },
  },
  {
    title: 'Brokers and controllers',
    commands: {
      'kafka-cluster': 'show the id and the nodes of a cluster, unregister nodes',
      'kafka-broker-api-versions': 'show which requests brokers understand',
      'kafka-features': 'show and change the feature levels of a cluster',
      'kafka-metadata-quorum': 'show and change the quorum of controllers',
      'kafka-leader-election': 'elect leaders of partitions',
      'kafka-reassign-partitions': 'move partitions between brokers',
      'kafka-replica-verification': 'compare the replicas of topics',
      'kafka-log-dirs': 'show how much disk each partition takes',
      'kafka-transactions': 'show transactions and end those that hang',
    },
  },
  {
    title: 'Data folders',
    commands: {
      'kafka-storage': "prepare and inspect a node's data folders",
      'kafka-dump-log': 'show the records and indexes in data files',
    },
  },
  {
    title: 'Measure and test',
    commands: {
      'kafka-producer-perf-test': 'measure how fast records can be produced',
      'kafka-consumer-perf-test': 'measure how fast records can be consumed',
      'kafka-share-consumer-perf-test': 'measure a share consumer (not available yet)',
      'kafka-e2e-latency': 'measure how long a record takes from producer to consumer',
      'kafka-verifiable-producer': 'send increasing numbers and report on each',
      'kafka-verifiable-consumer': 'consume and report on what happens',
      'kafka-verifiable-share-consumer': 'a share consumer for system tests (not available yet)',
    },
  },
];

const EXAMPLES = [
  { does: 'a broker on 127.0.0.1:9092', line: 'ottla serve' },
  { does: 'a cluster of three on 9092, 9093, 9094', line: 'ottla cluster start' },
  { does: 'send and read', line: 'ottla console-producer --bootstrap-server localhost:9092 --topic orders' },
];

/** Names that mean one of our own commands without `kafka-`. */
const TAKEN = new Set(['kafka-cluster']);

/** A tool's shorter name, which `ottla` takes as well. */
function shortName(name: string): string {
  return TAKEN.has(name) ? name : name.replace(/^kafka-/, '');
}

/** What `ottla --help` prints. */
export function listOfCommands(): string {
  const names = COMMAND_GROUPS.flatMap(({ commands }) => Object.keys(commands).map(shortName));
  const width = Math.max(...names.map(({ length }) => length));
  const groups = COMMAND_GROUPS.map(({ title, commands }) => {
    const lines = Object.entries(commands).map(([name, does]) => `  ${shortName(name).padEnd(width)}  ${does}\n`);
    return `${title}:\n${lines.join('')}`;
  });
  const examples = EXAMPLES.map(({ does, line }) => `  # ${does}\n  ${line}\n`).join('\n');
  return (
    `Examples:\n${examples}\nUsage: ottla <command> [options]\n\n${groups.join('\n')}\n` +
    "Kafka's tools are there under their own names too (kafka-topics, kafka-topics.sh, ...), with the same options.\n" +
    'ottla <command> --help explains one.\n'
  );
}
