import { KafkaError } from '../../base/kafka-error.ts';
import { listOffsets } from '../../client/admin/offsets.ts';
import { describeTopics, listTopics } from '../../client/admin/topics.ts';
import { type KafkaClient, partitionName, type TopicPartition } from '../../client/index.ts';
import { asExecution, withAdmin } from '../shared/admin-session.ts';
import { bootstrapAddressProblem } from '../shared/bootstrap-address.ts';
import { type CommandLine, type CommandLineSpec, parseCommandLine } from '../shared/command-line.ts';
import { executionException, javaMessageOf, javaToString } from '../shared/java-errors.ts';
import { printJson } from '../shared/json-output.ts';
import { terminalTable } from '../shared/terminal.ts';
import { type Tool, ToolExit, type ToolIo } from '../shared/tool.ts';
import { parseTime, partitionFilterOf, TerseError } from './filters.ts';
import { GET_OFFSETS_OPTIONS } from './options.ts';

type GetOffsetsLine = CommandLine<typeof GET_OFFSETS_OPTIONS>;

const SPEC: CommandLineSpec<typeof GET_OFFSETS_OPTIONS> = {
  name: 'kafka-get-offsets',
  options: GET_OFFSETS_OPTIONS,
  helpSentence: 'An interactive shell for getting topic-partition offsets.',
  parserErrors: 'error occurred',
  examples: [
    { does: 'see the end of every partition', line: '--bootstrap-server localhost:9092 --topic orders' },
    { does: 'see where each starts', line: '--bootstrap-server localhost:9092 --topic orders --time earliest' },
    {
      does: 'find the offset of a point in time',
      line: '--bootstrap-server localhost:9092 --topic orders --time 1700000000000',
    },
  ],
};

async function matchingPartitions(admin: KafkaClient, line: GetOffsetsLine): Promise<TopicPartition[]> {
  const filter = partitionFilterOf(line.valueOf('topic-partitions'), line.valueOf('topic'), line.valueOf('partitions'));
  const excludeInternal = line.has('exclude-internal-topics');
  const listed = await asExecution(listTopics(admin, { listInternal: !excludeInternal }));
  const names = listed.map(({ name }) => name).filter((name) => filter.allowsTopic(name));
  const partitions: TopicPartition[] = [];
  if (names.length === 0) return partitions;
  for (const [topic, description] of await asExecution(describeTopics(admin, names))) {
    if (description instanceof KafkaError) throw executionException(description);
    for (const { partition } of description.partitions) {
      if (filter.allowsPartition(topic, partition)) partitions.push({ topic, partition });
    }
  }
  return partitions;
}

interface PartitionOffset extends TopicPartition {
  readonly offset: number;
}

async function fetchOffsets(line: GetOffsetsLine, io: ToolIo): Promise<PartitionOffset[]> {
  if (line.has('topic-partitions') && line.count('topic', 'partitions') > 0) {
    throw new TerseError('--topic-partitions cannot be used with --topic or --partitions');
  }
  const timestamp = parseTime(line.valueOf('time') ?? 'latest');
  // Its errors come before those of the connection.
  partitionFilterOf(line.valueOf('topic-partitions'), line.valueOf('topic'), line.valueOf('partitions'));
  const address = {
    bootstrapServer: line.valueOf('bootstrap-server'),
    commandConfig: line.valueOf('command-config'),
    properties: new Map([['client.id', 'GetOffsetShell']]),
  };
  return withAdmin(io, address, async (admin) => {
    const partitions = await matchingPartitions(admin, line);
    if (partitions.length === 0) {
      throw new TerseError('Could not match any topic-partitions with the specified filters');
    }
    const results = await asExecution(
      listOffsets(
        admin,
        partitions.map((one) => ({ ...one, timestamp })),
      ),
    );
    const sorted = partitions.sort((a, b) =>
      partitionName(a.topic, a.partition) < partitionName(b.topic, b.partition) ? -1 : 1,
    );
    const offsets: PartitionOffset[] = [];
    for (const partition of sorted) {
      const name = partitionName(partition.topic, partition.partition);
      const result = results.get(name);
      if (result instanceof KafkaError) {
        io.stderr.write(`Skip getting offsets for topic-partition ${name} due to error: ${javaToString(result)}\n`);
      } else if (result !== undefined && result.offset !== -1) offsets.push({ ...partition, offset: result.offset });
    }
    return offsets;
  });
}

async function print(offsets: readonly PartitionOffset[], line: GetOffsetsLine, io: ToolIo): Promise<void> {
  if (line.output === 'json') printJson(io, offsets);
  else if (io.terminal.stdout) {
    const rows = offsets.map(({ topic, partition, offset }) => [topic, String(partition), String(offset)]);
    io.stdout.write(await terminalTable(['Topic', 'Partition', 'Offset'], rows));
  } else {
    for (const { topic, partition, offset } of offsets) io.stdout.write(`${topic}:${partition}:${offset}\n`);
  }
}

/** kafka-get-offsets */
export const tool: Tool = {
  name: 'kafka-get-offsets',
  summary: 'print the offsets of partitions',
  answersInJson: true,
  async run(argv, io) {
    const line = parseCommandLine(SPEC, argv, io);
    line.require('bootstrap-server');
    const problem = bootstrapAddressProblem(line.valueOf('bootstrap-server') ?? '');
    if (problem !== undefined) line.refuse(problem);
    try {
      await print(await fetchOffsets(line, io), line, io);
      return 0;
    } catch (error) {
      if (error instanceof ToolExit) throw error;
      const trace = error instanceof TerseError ? '' : `${javaToString(error)}\n\n`;
      throw new ToolExit(1, { stderr: `Error occurred: ${javaMessageOf(error)}\n${trace}` });
    }
  },
};
