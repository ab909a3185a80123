import { inHashMapOrder, topicPartitionHash } from '../../base/java-hash.ts';
import { KafkaError } from '../../base/kafka-error.ts';
import { deleteRecords } from '../../client/admin/offsets.ts';
import { partitionName } from '../../client/index.ts';
import { messageAndTrace, withAdmin } from '../shared/admin-session.ts';
import { type CommandLine, type CommandLineSpec, parseCommandLine } from '../shared/command-line.ts';
import { JavaException, javaToString } from '../shared/java-errors.ts';
import { logLine } from '../shared/java-log.ts';
import { readJsonFile } from '../shared/json-file.ts';
import { printJson } from '../shared/json-output.ts';
import { withProgress } from '../shared/progress.ts';
import { askYesNo, canAsk } from '../shared/terminal.ts';
import type { Tool, ToolIo } from '../shared/tool.ts';
import { type Deletion, parseDeletions } from './deletions.ts';
import { DELETE_RECORDS_OPTIONS } from './options.ts';

type DeleteRecordsLine = CommandLine<typeof DELETE_RECORDS_OPTIONS>;

const SPEC: CommandLineSpec<typeof DELETE_RECORDS_OPTIONS> = {
  name: 'kafka-delete-records',
  options: DELETE_RECORDS_OPTIONS,
  helpSentence: 'This tool helps to delete records of the given partitions down to the specified offset.',
  parserErrors: 'message and trace',
  examples: [
    {
      does: 'delete what stands before the offsets in a file',
      line: '--bootstrap-server localhost:9092 --offset-json-file offsets.json',
    },
  ],
};

const HANDLER_LOGGER = 'org.apache.kafka.clients.admin.internals.DeleteRecordsHandler';

function readDeletions(line: DeleteRecordsLine, io: ToolIo): Deletion[] {
  const deletions = parseDeletions(readJsonFile(line.valueOf('offset-json-file') ?? '', io.cwd));
  const names = deletions.map(({ topic, partition }) => partitionName(topic, partition));
  const repeated = [...new Set(names.filter((name, i) => names.indexOf(name) !== i))];
  if (repeated.length > 0) {
    throw new JavaException(
      'org.apache.kafka.tools.AdminCommandFailedException',
      `Offset json file contains duplicate topic partitions: ${repeated.join(',')}`,
    );
  }
  const hashes = new Map(deletions.map((one) => [partitionName(one.topic, one.partition), one]));
  return inHashMapOrder(
    deletions,
    ({ topic, partition }) => partitionName(topic, partition),
    (name) => {
      const one = hashes.get(name);
      return one === undefined ? 0 : topicPartitionHash(one.topic, one.partition);
    },
  );
}

async function run(line: DeleteRecordsLine, io: ToolIo): Promise<number> {
  const address = {
    bootstrapServer: line.valueOf('bootstrap-server'),
    commandConfig: line.valueOf('command-config'),
  };
  return withAdmin(io, address, async (admin) => {
    const deletions = readDeletions(line, io);
    if (canAsk(io) && line.output === 'text') {
      const question = `Delete records of ${deletions.length} partition${deletions.length === 1 ? '' : 's'}?`;
      if (!(await askYesNo(io, question))) return 0;
    }
    if (line.output === 'text') io.stdout.write('Executing records delete operation\n');
    const results = await withProgress(io, { what: 'Deleting records' }, () => deleteRecords(admin, deletions));
    if (line.output === 'json') {
      printJson(
        io,
        [...results].map(([partition, result]) =>
          result instanceof KafkaError
            ? { partition, error: result.errorName, message: result.message }
            : { partition, lowWatermark: result },
        ),
      );
      return 0;
    }
    io.stdout.write('Records delete operation completed:\n');
    for (const { topic, partition } of deletions) {
      const name = partitionName(topic, partition);
      const result = results.get(name);
      if (!(result instanceof KafkaError)) {
        io.stdout.write(`partition: ${name}\tlow_watermark: ${result}\n`);
        continue;
      }
      io.stdout.write(`partition: ${name}\terror: ${javaToString(result)}\n`);
      const what = `DeleteRecords request for topic partition ${name} failed due to an unexpected error ${result.errorName}`;
      logLine(io, 'ERROR', admin.config.logPrefix + what, HANDLER_LOGGER);
    }
    return 0;
  });
}

/** kafka-delete-records */
export const tool: Tool = {
  name: 'kafka-delete-records',
  summary: 'delete the oldest records of partitions',
  answersInJson: true,
  async run(argv, io) {
    const line = parseCommandLine(SPEC, argv, io);
    line.require('bootstrap-server', 'offset-json-file');
    try {
      return await run(line, io);
    } catch (error) {
      throw messageAndTrace(error);
    }
  },
};
