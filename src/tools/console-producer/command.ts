import { exceptionName } from '../../client/errors.ts';
import { Producer } from '../../client/producer.ts';
import { clientLogger } from '../shared/client-logger.ts';
import { type CommandLineSpec, parseCommandLine } from '../shared/command-line.ts';
import { constructionFailure, illegalArgument, JavaException, javaToString } from '../shared/java-errors.ts';
import { JoptError } from '../shared/jopt-error.ts';
import { NO_PROGRESS, type Progress, startProgress } from '../shared/progress.ts';
import { EXIT_CODE_OF, type Tool, type ToolIo } from '../shared/tool.ts';
import { LineFormatError, LineMessageReader } from './line-message-reader.ts';
import { CONSOLE_PRODUCER_OPTIONS } from './options.ts';
import { DeliveryReport, LineProducer } from './producing.ts';
import { checkLine, hasBatchSize, type ProducerLine, producerProperties, readerProperties } from './settings.ts';

const SPEC: CommandLineSpec<typeof CONSOLE_PRODUCER_OPTIONS> = {
  name: 'kafka-console-producer',
  options: CONSOLE_PRODUCER_OPTIONS,
  helpSentence: 'This tool helps to read data from standard input and publish it to Kafka.',
  parserErrors: 'message and usage',
  examples: [
    { does: 'send each line that you type', line: '--bootstrap-server localhost:9092 --topic my-topic' },
    {
      does: 'lines with a key: key:value',
      line: '--bootstrap-server localhost:9092 --topic t --reader-property parse.key=true --reader-property key.separator=:',
    },
  ],
};

const KNOWN_READERS = ['org.apache.kafka.tools.LineMessageReader', 'LineMessageReader'];

function readerOf(line: ProducerLine, io: ToolIo): LineMessageReader {
  const className = line.valueOf('line-reader') ?? '';
  if (/^java\./.test(className)) {
    throw illegalArgument('The reader must implement org.apache.kafka.tools.api.RecordReader interface');
  }
  if (!KNOWN_READERS.includes(className)) throw new JavaException('java.lang.ClassNotFoundException', className);
  return new LineMessageReader(readerProperties(line, io));
}

/** The first line of the stack trace that Kafka's tool prints before it ends. */
function traceHead(error: unknown): string {
  if (error instanceof LineFormatError) return `org.apache.kafka.common.KafkaException: ${error.message}`;
  if (error instanceof SyntaxError) return `java.util.regex.PatternSyntaxException: ${error.message}`;
  const exception = exceptionName(error);
  const message = error instanceof Error ? error.message : String(error);
  const failure = constructionFailure('producer', error);
  if (failure !== error) return javaToString(failure);
  return exception === 'java.lang.RuntimeException' ? javaToString(error) : `${exception}: ${message}`;
}

async function produce(line: ProducerLine, io: ToolIo): Promise<number> {
  // Lines that a person types are their own progress.
  const progress = io.terminal.stdin ? NO_PROGRESS : startProgress(io, { what: 'Sent', unit: 'records' });
  try {
    return await produceShowing(progress, line, io);
  } finally {
    progress.stop();
  }
}

async function produceShowing(progress: Progress, line: ProducerLine, io: ToolIo): Promise<number> {
  const report = new DeliveryReport(io, progress);
  const sync = line.has('sync');
  const reader = readerOf(line, io);
  const producer = await Producer.create(producerProperties(line, io), {
    environment: { clock: io.clock, random: io.random, logger: clientLogger(io) },
    onBatch: (result) => report.batchDone(result, !sync),
  });
  let interrupted: number | undefined;
  // What is buffered is still sent, as the shutdown hook of Kafka's tool does.
  const unhook = io.onInterrupt((signal) => {
    interrupted = EXIT_CODE_OF[signal];
    io.stdin.destroy();
  });
  let failure: unknown;
  try {
    await new LineProducer(producer, reader, report, io, { sync, hasBatchSize: hasBatchSize(line, io) }).run();
  } catch (error) {
    if (interrupted === undefined) failure = error;
  }
  if (failure !== undefined) {
    progress.makeRoom();
    io.stderr.write(`${traceHead(failure)}\n`);
  }
  await producer.close();
  unhook();
  progress.stop();
  if (interrupted !== undefined) return interrupted;
  if (failure !== undefined) return 1;
  if (report.lost === 0) return 0;
  // Kafka's tool ends with 0 here. A script that pipes data in must be able to tell that some of it is gone.
  io.stderr.write(`${report.lost} of ${report.accepted} records were not delivered\n`);
  return 1;
}

/** kafka-console-producer */
export const tool: Tool = {
  name: 'kafka-console-producer',
  summary: 'send each line of the input as a record',
  async run(argv, io) {
    const line = parseCommandLine(SPEC, argv, io);
    try {
      checkLine(line, io);
      return await produce(line, io);
    } catch (error) {
      if (error instanceof JoptError) io.stderr.write(`${error.message}\n`);
      else if (isExpected(error)) io.stderr.write(`${traceHead(error)}\n`);
      else throw error;
      return 1;
    }
  },
};

function isExpected(error: unknown): boolean {
  return error instanceof Error && error.name !== 'ToolExit' && !(error instanceof TypeError);
}
