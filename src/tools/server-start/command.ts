import { tool as serve } from '../serve/command.ts';
import { type CommandLineSpec, printHelp } from '../shared/command-line.ts';
import { KAFKA_VERSION } from '../shared/kafka-version.ts';
import { flag, text } from '../shared/option-types.ts';
import type { Tool, ToolIo } from '../shared/tool.ts';

const OPTIONS = {
  override: text('', 'Optional property that should override values set in server.properties file (e.g. Key=value)'),
  version: flag('Print version information and exit.'),
};

const SPEC: CommandLineSpec<typeof OPTIONS> = {
  name: 'kafka-server-start',
  options: OPTIONS,
  usage: 'server.properties [options]',
  helpSentence: 'Runs a broker from a server.properties. ottla serve runs one without.',
  parserErrors: 'uncaught',
  examples: [
    { does: 'run a broker; Ctrl-C stops it', line: 'server.properties' },
    { does: 'with another number of partitions', line: 'server.properties --override num.partitions=3' },
  ],
};

/** Of Kafka's script, which sees that there are no arguments. */
const SCRIPT_USAGE = 'USAGE: kafka-server-start [-daemon] server.properties [--override property=value]*\n';
/** Of its kafka.Kafka, which sees everything else. */
const CLASS_USAGE = 'USAGE: java [options] kafka.Kafka server.properties [--override property=value]*';

/**
 * Kafka's server script: a properties file, then overrides. `-daemon` is refused, because a broker that nobody sees is
 * what `ottla cluster start --detach` is for.
 */
async function run(argv: readonly string[], io: ToolIo): Promise<number> {
  const [file, ...rest] = argv;
  if (file === undefined && !io.terminal.stdout) {
    io.stdout.write(SCRIPT_USAGE);
    return 1;
  }
  if (file === undefined || argv.includes('--help')) printHelp(SPEC, CLASS_USAGE, io);
  if (argv.includes('--version')) {
    io.stdout.write(`${KAFKA_VERSION}\n`);
    return 0;
  }
  if (file === '-daemon') {
    io.stderr.write(
      'kafka-server-start: -daemon is not supported; ottla cluster start --brokers 1 --detach runs a broker in the background\n',
    );
    return 1;
  }
  return serve.run(['--config', file, ...rest], io);
}

export const tool: Tool = { name: 'kafka-server-start', summary: 'run a broker from a server.properties', run };
