import { type CommandLine, type CommandLineSpec, parseCommandLine } from '../shared/command-line.ts';
import { javaMessageOf, javaToString } from '../shared/java-errors.ts';
import { readPropertiesFile } from '../shared/properties.ts';
import { type Tool, ToolExit, type ToolIo } from '../shared/tool.ts';
import { LatencyRun, type LatencySettings } from './latency.ts';
import { E2E_LATENCY_OPTIONS } from './options.ts';

type Line = CommandLine<typeof E2E_LATENCY_OPTIONS>;

const SPEC: CommandLineSpec<typeof E2E_LATENCY_OPTIONS> = {
  name: 'kafka-e2e-latency',
  options: E2E_LATENCY_OPTIONS,
  helpSentence: 'This tool measures end-to-end latency in Kafka by sending messages and timing their reception.',
  parserErrors: 'message and usage',
  examples: [
    {
      does: 'a thousand small records',
      line: '--bootstrap-server localhost:9092 --topic t --num-records 1000 --producer-acks 1 --record-size 100',
    },
  ],
};

const REQUIRED = ['bootstrap-server', 'topic', 'num-records', 'producer-acks', 'record-size'] as const;
/** Meaning of the arguments by their places, the form before 4.2. */
const PLACES = [...REQUIRED, 'command-config'];
const PLACES_WARNING =
  'WARNING: Positional argument usage is deprecated and will be removed in Apache Kafka 5.0. Please use named arguments ' +
  'instead: --bootstrap-server, --topic, --num-records, --producer-acks, --record-size, --command-config\n';

function named(argv: readonly string[], io: ToolIo): readonly string[] {
  const isNamed = REQUIRED.some((name) => argv.includes(`--${name}`));
  // Kafka's tool takes --help for the first of its places; a person gets the help.
  const asksForHelp = io.terminal.stdout && argv.includes('--help');
  if (argv.length === 0 || isNamed || asksForHelp) return argv;
  if (argv.length < REQUIRED.length || argv.length > PLACES.length) {
    const expected = `Expected 5 or 6 positional arguments, but got ${argv.length}.`;
    const usage = 'Usage: bootstrap-server topic num-records producer-acks record-size [optional] command-config';
    throw new ToolExit(1, { stderr: `Invalid number of arguments. ${expected} ${usage}\n` });
  }
  io.stdout.write(PLACES_WARNING);
  return argv.flatMap((value, i) => [`--${PLACES[i]}`, value]);
}

function settingsOf(line: Line, io: ToolIo): LatencySettings {
  line.require(...REQUIRED);
  const acks = line.valueOf('producer-acks') ?? '';
  if (acks !== '1' && acks !== 'all') {
    line.refuse(
      "Invalid value for --producer-acks. Latency testing requires synchronous acknowledgement. Please use '1' or 'all'.",
    );
  }
  const atLeast = (
    name: 'record-size' | 'record-key-size' | 'record-header-key-size' | 'num-headers',
    least: number,
  ) => {
    const value = line.integerOf(name) ?? 0;
    if (value < least) line.refuse(`Value for --${name} must be a non-negative integer.`);
    return value;
  };
  const numRecords = line.integerOf('num-records') ?? 0;
  if (numRecords <= 0) line.refuse('Value for --num-records must be a positive integer.');
  const headerSize = line.integerOf('record-header-size') ?? 0;
  if (headerSize < -1)
    line.refuse('Value for --record-header-size must be a non-negative integer or -1 for null header value.');
  const configFile = line.valueOf('command-config');
  const properties = configFile === undefined ? new Map<string, string>() : readPropertiesFile(configFile, io.cwd);
  properties.set('bootstrap.servers', line.valueOf('bootstrap-server') ?? '');
  return {
    topic: line.valueOf('topic') ?? '',
    numRecords,
    acks,
    recordSize: atLeast('record-size', 0),
    keySize: atLeast('record-key-size', 0),
    numHeaders: atLeast('num-headers', 0),
    headerKeySize: atLeast('record-header-key-size', 0),
    headerSize,
    properties,
  };
}

/** kafka-e2e-latency */
export const tool: Tool = {
  name: 'kafka-e2e-latency',
  summary: 'measure how long a record takes from producer to consumer',
  async run(argv, io) {
    try {
      const line = parseCommandLine(SPEC, named(argv, io), io);
      await new LatencyRun(settingsOf(line, io), io).run();
      return 0;
    } catch (error) {
      if (error instanceof ToolExit) throw error;
      io.stderr.write(`${javaMessageOf(error)}\n${javaToString(error)}\n\n`);
      return 1;
    }
  },
};
