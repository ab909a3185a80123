import { KafkaError } from '../../base/kafka-error.ts';
import { ElectionType, electLeaders } from '../../client/admin/partitions.ts';
import { partitionName, type TopicPartition } from '../../client/index.ts';
import { messageAndTrace, withAdmin } from '../shared/admin-session.ts';
import { type CommandLine, type CommandLineSpec, parseCommandLine } from '../shared/command-line.ts';
import { executionException, JavaException, javaToString } from '../shared/java-errors.ts';
import { JoptError } from '../shared/jopt-error.ts';
import { arrayIn, integerIn, objectOf, parseJson, readJsonFile, stringIn } from '../shared/json-file.ts';
import { printJson } from '../shared/json-output.ts';
import { clusterNames } from '../shared/names.ts';
import { withProgress } from '../shared/progress.ts';
import { readPropertiesFile } from '../shared/properties.ts';
import { type Tool, ToolExit, type ToolIo } from '../shared/tool.ts';
import { LEADER_ELECTION_OPTIONS } from './options.ts';

type ElectionLine = CommandLine<typeof LEADER_ELECTION_OPTIONS>;

const SPEC: CommandLineSpec<typeof LEADER_ELECTION_OPTIONS> = {
  name: 'kafka-leader-election',
  options: LEADER_ELECTION_OPTIONS,
  helpSentence:
    'This tool attempts to elect a new leader for a set of topic partitions. The type of elections supported are ' +
    'preferred replicas and unclean replicas.',
  parserErrors: 'message and trace',
  examples: [
    {
      does: 'give every partition back to its preferred leader',
      line: '--bootstrap-server localhost:9092 --election-type preferred --all-topic-partitions',
    },
    {
      does: 'bring a partition back whose in-sync replicas are lost, at the cost of records',
      line: '--bootstrap-server localhost:9092 --election-type unclean --topic orders --partition 0',
    },
  ],
};

const TIMEOUT_MS = 30_000;

function failed(message: string): JavaException {
  return new JavaException('org.apache.kafka.tools.AdminCommandFailedException', message);
}

function asking(line: ElectionLine, io: ToolIo) {
  const choices = {
    ...clusterNames(io, line.valueOf('bootstrap-server'), line.valueOf('command-config')),
    'election-type': async () => ['preferred', 'unclean'],
  };
  const required = (...names: (keyof typeof LEADER_ELECTION_OPTIONS)[]) => {
    const missing = names.filter((name) => !line.has(name));
    const end = messageAndTrace(failed(`Missing required option(s): ${missing.join(', ')}`));
    if (missing.length > 0) throw line.orAsk(end, missing.slice(0, 1), choices);
  };
  return { required, choices };
}

function checkLine(line: ElectionLine, io: ToolIo): void {
  const { required, choices } = asking(line, io);
  required('bootstrap-server', 'election-type');
  line.forbidWith('admin.config', 'command-config');
  const targets = ['topic', 'all-topic-partitions', 'path-to-json-file'] as const;
  if (line.count(...targets) !== 1) {
    const end = failed(`One and only one of the following options is required: ${targets.join(', ')}`);
    throw line.count(...targets) === 0 ? line.orAsk(messageAndTrace(end), targets, choices) : end;
  }
  if (line.has('topic')) required('partition');
  if (!line.has('topic') && line.has('partition')) throw failed('Option partition is only allowed if topic is used');
}

function electionTypeOf(line: ElectionLine): 'PREFERRED' | 'UNCLEAN' {
  const text = line.valueOf('election-type') ?? '';
  const name = text.toUpperCase();
  if (name === 'PREFERRED' || name === 'UNCLEAN') return name;
  throw new JoptError('OptionArgumentConversionException', `Cannot parse argument '${text}' of option election-type`);
}

function operationFailed(message: string): JavaException {
  return new JavaException('org.apache.kafka.tools.AdminOperationException', message);
}

function partitionsInFile(path: string, cwd: string): TopicPartition[] {
  const value = parseJson(readJsonFile(path, cwd));
  if (value === undefined) throw operationFailed('Replica election data is empty');
  const document = objectOf(value);
  if (!('partitions' in document)) throw operationFailed('Replica election data is missing "partitions" field');
  const partitions = arrayIn(document, 'partitions').map((item) => {
    const entry = objectOf(item);
    return { topic: stringIn(entry, 'topic'), partition: integerIn(entry, 'partition') };
  });
  const names = partitions.map(({ topic, partition }) => partitionName(topic, partition));
  const repeated = [...new Set(names.filter((name, i) => names.indexOf(name) !== i))];
  if (repeated.length > 0) {
    throw operationFailed(`Replica election data contains duplicate partitions: [${repeated.join(', ')}]`);
  }
  return partitions;
}

/** Which partitions are meant; undefined = all. */
function partitionsOf(line: ElectionLine, cwd: string): TopicPartition[] | undefined {
  const file = line.valueOf('path-to-json-file');
  if (file !== undefined) return partitionsInFile(file, cwd);
  const topic = line.valueOf('topic');
  return topic === undefined ? undefined : [{ topic, partition: line.integerOf('partition') ?? 0 }];
}

function report(type: string, results: ReadonlyMap<string, KafkaError | undefined>, io: ToolIo): void {
  const elected = [...results].filter(([, result]) => result === undefined).map(([name]) => name);
  const isNoop = (result: KafkaError | undefined) => result?.errorName === 'ELECTION_NOT_NEEDED';
  const right = [...results].filter(([, result]) => isNoop(result)).map(([name]) => name);
  const broken = [...results].filter(([, result]) => result !== undefined && !isNoop(result));
  if (elected.length > 0) {
    io.stdout.write(`Successfully completed leader election (${type}) for partitions ${elected.join(', ')}\n`);
  }
  if (right.length > 0) io.stdout.write(`Valid replica already elected for partitions ${right.join(', ')}\n`);
  for (const [name, error] of broken) {
    io.stdout.write(`Error completing leader election (${type}) for partition: ${name}: ${javaToString(error)}\n`);
  }
  if (broken.length > 0) throw failed(`${broken.length} replica(s) could not be elected`);
}

/** Says on stdout what went wrong with the request as a whole, where Kafka's tool has words for it. */
function wholeFailure(error: unknown, io: ToolIo): unknown {
  if (!(error instanceof KafkaError)) return error;
  const known: Readonly<Record<string, string>> = {
    REQUEST_TIMED_OUT: 'Timeout waiting for election results',
    CLUSTER_AUTHORIZATION_FAILED: 'Not authorized to perform leader election',
  };
  const message = known[error.errorName];
  if (message === undefined) {
    return new JavaException('java.lang.RuntimeException', javaToString(executionException(error)), { cause: error });
  }
  io.stdout.write(`${message}\n`);
  return failed(message);
}

async function elect(line: ElectionLine, io: ToolIo): Promise<void> {
  checkLine(line, io);
  const type = electionTypeOf(line);
  const partitions = partitionsOf(line, io.cwd);
  if (line.has('admin.config')) {
    io.stdout.write(
      'Option --admin.config has been deprecated and will be removed in a future version. Use --command-config instead.\n',
    );
  }
  const file = line.valueOf('admin.config') ?? line.valueOf('command-config');
  const properties = new Map([
    ['default.api.timeout.ms', String(TIMEOUT_MS)],
    ['request.timeout.ms', String(TIMEOUT_MS / 2)],
    ...(file === undefined ? [] : readPropertiesFile(file, io.cwd)),
  ]);
  await withAdmin(io, { bootstrapServer: line.valueOf('bootstrap-server'), properties }, async (admin) => {
    const results = await withProgress(io, { what: 'Electing leaders' }, () =>
      electLeaders(admin, ElectionType[type], partitions),
    ).catch((error: unknown) => {
      throw wholeFailure(error, io);
    });
    if (line.output === 'text') report(type, results, io);
    else {
      const entries = [...results].map(([partition, error]) => ({ partition, error: error?.errorName ?? null }));
      printJson(io, entries);
      if (entries.some(({ error }) => error !== null && error !== 'ELECTION_NOT_NEEDED')) throw new ToolExit(1);
    }
  });
}

/** kafka-leader-election */
export const tool: Tool = {
  name: 'kafka-leader-election',
  summary: 'elect leaders of partitions',
  answersInJson: true,
  async run(argv, io) {
    const line = parseCommandLine(SPEC, argv, io);
    try {
      await elect(line, io);
      return 0;
    } catch (error) {
      throw messageAndTrace(error);
    }
  },
};
