import { Fetcher } from '../../client/fetcher.ts';
import { GroupConsumer } from '../../client/group-consumer.ts';
import { clientLogger } from '../shared/client-logger.ts';
import { type CommandLineSpec, parseCommandLine } from '../shared/command-line.ts';
import { constructionFailure, illegalArgument, type JavaException, javaToString } from '../shared/java-errors.ts';
import { logLine } from '../shared/java-log.ts';
import { javaRegex } from '../shared/java-regex.ts';
import { JoptError } from '../shared/jopt-error.ts';
import { EXIT_CODE_OF, type Tool, ToolExit, type ToolIo } from '../shared/tool.ts';
import { logError, MessageLoop, type RecordSource } from './consuming.ts';
import type { MessageFormatter } from './formatter.ts';
import { makeFormatter } from './formatters.ts';
import { JsonMessageFormatter } from './json-formatter.ts';
import { CONSOLE_CONSUMER_OPTIONS } from './options.ts';
import { type ConsumerLine, type ConsumerSettings, readSettings } from './settings.ts';

const SPEC: CommandLineSpec<typeof CONSOLE_CONSUMER_OPTIONS> = {
  name: 'kafka-console-consumer',
  options: CONSOLE_CONSUMER_OPTIONS,
  helpSentence: 'This tool helps to read data from Kafka topics and outputs it to standard output.',
  parserErrors: 'message and usage',
  examples: [
    { does: 'everything in a topic', line: '--bootstrap-server localhost:9092 --topic my-topic --from-beginning' },
    {
      does: 'the key in front of each value',
      line: '--bootstrap-server localhost:9092 --topic t --formatter-property print.key=true',
    },
  ],
};

const PROTOCOL_NOTICE =
  'The consumer rebalance protocol (KIP-848) is production-ready! Set group.protocol=consumer to try it out. ' +
  'See https://kafka.apache.org/documentation/#consumer_rebalance_protocol\n';
const UNKNOWN_ERROR = 'Unknown error when running consumer: ';
const DEFAULT_PROTOCOL = 'classic';

/** Throws what Kafka's tool throws. */
async function openConstructed(settings: ConsumerSettings, io: ToolIo): Promise<RecordSource> {
  try {
    return await openSource(settings, io);
  } catch (error) {
    throw constructionFailure('consumer', error);
  }
}

async function openSource(settings: ConsumerSettings, io: ToolIo): Promise<RecordSource> {
  const { properties, topic, include, partition, offset } = settings;
  const environment = { clock: io.clock, random: io.random, logger: clientLogger(io) };
  if (partition !== undefined && topic !== undefined) {
    const fetcher = await Fetcher.create(properties, { environment });
    if (topic === '') throw illegalArgument('Topic partitions to assign to cannot have null or empty topic');
    fetcher.assign([{ topic, partition, offset }]);
    return {
      poll: (timeoutMs, visit, maxRecords) => fetcher.poll(timeoutMs, visit, maxRecords),
      close: async () => fetcher.close(),
    };
  }
  const excludeInternal = properties.get('exclude.internal.topics')?.trim().toLowerCase() !== 'false';
  const protocol = properties.get('group.protocol') ?? DEFAULT_PROTOCOL;
  const notice = protocol.toLowerCase() === DEFAULT_PROTOCOL ? PROTOCOL_NOTICE : '';
  const refuse = (error: JavaException): never => {
    io.stderr.write(notice);
    throw error;
  };
  if (topic === '') refuse(illegalArgument('Topic collection to subscribe to cannot contain null or empty topic'));
  if (include === '') refuse(illegalArgument('Topic pattern to subscribe to cannot be empty'));
  const request = topic === undefined ? { pattern: javaRegex(include ?? ''), excludeInternal } : { topics: [topic] };
  const source = await GroupConsumer.create(properties, request, { environment });
  io.stderr.write(notice);
  return source;
}

async function formatterOf(line: ConsumerLine, settings: ConsumerSettings, io: ToolIo): Promise<MessageFormatter> {
  const reportError = (message: string, loggerClass: string, exception: string) => {
    logLine(io, 'ERROR', message, loggerClass);
    io.stderr.write(`${exception}\n`);
  };
  const { formatterClass, formatterProperties } = settings;
  // A formatter that was asked for knows better what the records are; those of internal topics print JSON themselves.
  if (line.output === 'json' && !line.has('formatter'))
    return new JsonMessageFormatter(formatterProperties, reportError);
  const formatter = await makeFormatter(formatterClass, formatterProperties, reportError);
  return formatter ?? line.refuse(formatterClass);
}

/** Runs an opened consumer to its end; resolves to the exit code. */
async function consume(line: ConsumerLine, settings: ConsumerSettings, formatter: MessageFormatter, io: ToolIo) {
  const source = await openConstructed(settings, io);
  let loop: MessageLoop | undefined;
  let interrupted: number | undefined;
  let failure: { readonly error: unknown } | undefined;
  const unhook = io.onInterrupt((signal) => {
    interrupted = EXIT_CODE_OF[signal];
    loop?.stop();
  });
  try {
    const maxMessages = line.integerOf('max-messages') ?? -1;
    loop = new MessageLoop(
      source,
      formatter,
      {
        maxMessages: maxMessages === -1 ? Number.POSITIVE_INFINITY : maxMessages,
        timeoutMs: settings.timeoutMs,
        skipMessageOnError: line.has('skip-message-on-error'),
      },
      io,
    );
    if (interrupted === undefined) await loop.run();
  } catch (error) {
    failure = { error };
  }
  await source.close();
  io.stderr.write(`Processed a total of ${loop?.count ?? 0} messages\n`);
  if (failure !== undefined) logError(io, UNKNOWN_ERROR, failure.error);
  if (line.has('enable-systest-events')) io.stdout.write('shutdown_complete\n');
  unhook();
  return interrupted ?? (failure === undefined ? 0 : 1);
}

/** kafka-console-consumer. A timeout and a failed poll are logged and still end with exit code 0, as in Kafka. */
export const tool: Tool = {
  name: 'kafka-console-consumer',
  summary: 'print the records of topics',
  async run(argv, io) {
    const line = parseCommandLine(SPEC, argv, io);
    let settings: ConsumerSettings;
    let formatter: MessageFormatter;
    try {
      settings = readSettings(line, io);
      formatter = await formatterOf(line, settings, io);
    } catch (error) {
      if (error instanceof ToolExit) throw error;
      const text = error instanceof JoptError ? `${error.className}: ${error.message}` : javaToString(error);
      io.stderr.write(`Exception in thread "main" ${text}\n`);
      return 1;
    }
    try {
      return await consume(line, settings, formatter, io);
    } catch (error) {
      logError(io, UNKNOWN_ERROR, error);
      return 1;
    }
  },
};
