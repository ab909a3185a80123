import { inHashMapOrder, topicPartitionHash } from '../../base/java-hash.ts';
import { KafkaError } from '../../base/kafka-error.ts';
import { describeCluster, describeLogDirs, type LogDirDescription } from '../../client/admin/cluster.ts';
import { partitionName } from '../../client/index.ts';
import { messageAndTrace, withAdmin } from '../shared/admin-session.ts';
import { type CommandLine, type CommandLineSpec, parseCommandLine } from '../shared/command-line.ts';
import { numberFormat } from '../shared/java-errors.ts';
import { printJson } from '../shared/json-output.ts';
import { terminalTable } from '../shared/terminal.ts';
import { type Tool, ToolExit, type ToolIo } from '../shared/tool.ts';
import { LOG_DIRS_OPTIONS } from './options.ts';

type LogDirsLine = CommandLine<typeof LOG_DIRS_OPTIONS>;

const SPEC: CommandLineSpec<typeof LOG_DIRS_OPTIONS> = {
  name: 'kafka-log-dirs',
  options: LOG_DIRS_OPTIONS,
  helpSentence: 'This tool helps to query log directory usage on the specified brokers.',
  parserErrors: 'message and trace',
  examples: [
    { does: 'see what the partitions take on disk', line: '--bootstrap-server localhost:9092 --describe' },
    { does: 'of one topic', line: '--bootstrap-server localhost:9092 --describe --topic-list orders' },
  ],
};

function list(text: string | undefined): string[] {
  return (text ?? '').split(',').filter((part) => part !== '');
}

function brokerIds(line: LogDirsLine): Set<number> {
  return new Set(
    list(line.valueOf('broker-list')).map((text) => {
      if (!/^[+-]?\d+$/.test(text)) throw numberFormat(text);
      return Number(text);
    }),
  );
}

interface PrintedReplica {
  readonly topic: string;
  readonly number: number;
  readonly partition: string;
  readonly size: number;
  readonly offsetLag: number;
  readonly isFuture: boolean;
}

function replicasOf(dir: LogDirDescription, topics: ReadonlySet<string>): PrintedReplica[] {
  const replicas = [...dir.replicas].flatMap(([topic, partitions]) =>
    [...partitions].map(([number, { sizeBytes, offsetLag, isFuture }]) => ({
      topic,
      number,
      partition: partitionName(topic, number),
      size: sizeBytes,
      offsetLag,
      isFuture,
    })),
  );
  const shown = replicas.filter(({ topic }) => topics.size === 0 || topics.has(topic));
  const byName = new Map(
    shown.map((replica) => [replica.partition, topicPartitionHash(replica.topic, replica.number)]),
  );
  return inHashMapOrder(
    shown,
    ({ partition }) => partition,
    (name) => byName.get(name) ?? 0,
  );
}

function document(brokers: ReadonlyMap<number, readonly LogDirDescription[]>, topics: ReadonlySet<string>): unknown {
  return {
    brokers: [...brokers].map(([broker, dirs]) => ({
      broker,
      logDirs: dirs.map((dir) => ({
        partitions: replicasOf(dir, topics).map(({ partition, size, offsetLag, isFuture }) => ({
          partition,
          size,
          offsetLag,
          isFuture,
        })),
        error: dir.error ?? null,
        logDir: dir.logDir,
      })),
    })),
    version: 1,
  };
}

async function print(
  brokers: ReadonlyMap<number, readonly LogDirDescription[]>,
  line: LogDirsLine,
  io: ToolIo,
): Promise<void> {
  const topics = new Set(list(line.valueOf('topic-list')));
  if (line.output === 'json') printJson(io, document(brokers, topics));
  else if (io.terminal.stdout) {
    const rows = [...brokers].flatMap(([broker, dirs]) =>
      dirs.flatMap((dir) =>
        replicasOf(dir, topics).map(({ partition, size, offsetLag }) => [
          String(broker),
          dir.logDir,
          partition,
          String(size),
          String(offsetLag),
        ]),
      ),
    );
    io.stdout.write(await terminalTable(['Broker', 'Directory', 'Partition', 'Bytes', 'Lag'], rows));
  } else io.stdout.write(`${JSON.stringify(document(brokers, topics))}\n`);
}

async function describe(line: LogDirsLine, io: ToolIo): Promise<number> {
  const address = {
    bootstrapServer: line.valueOf('bootstrap-server'),
    commandConfig: line.valueOf('command-config'),
  };
  return withAdmin(io, address, async (admin) => {
    const { nodes } = await describeCluster(admin);
    const existing = nodes.map(({ id }) => id).sort((a, b) => a - b);
    const wanted = brokerIds(line);
    const unknown = [...wanted].filter((id) => !existing.includes(id));
    if (unknown.length > 0) {
      throw new ToolExit(1, {
        stderr:
          `ERROR: The given brokers do not exist from --broker-list: ${unknown.join(',')}. ` +
          `Current existent brokers: ${existing.join(',')}\n`,
      });
    }
    const asked = wanted.size === 0 ? existing : existing.filter((id) => wanted.has(id));
    const isPlain = line.output === 'text' && !io.terminal.stdout;
    if (isPlain) io.stdout.write('Querying brokers for log directories information\n');
    const brokers = new Map<number, readonly LogDirDescription[]>();
    for (const [id, dirs] of await describeLogDirs(admin, asked)) {
      if (dirs instanceof KafkaError) throw dirs;
      brokers.set(id, dirs);
    }
    if (isPlain) io.stdout.write(`Received log directory information from brokers ${asked.join(',')}\n`);
    await print(brokers, line, io);
    return 0;
  });
}

/** kafka-log-dirs */
export const tool: Tool = {
  name: 'kafka-log-dirs',
  summary: 'show how much disk each partition takes',
  answersInJson: true,
  async run(argv, io) {
    const line = parseCommandLine(SPEC, argv, io);
    line.require('bootstrap-server', 'describe');
    try {
      return await describe(line, io);
    } catch (error) {
      throw messageAndTrace(error);
    }
  },
};
