import { Option } from 'commander';
import {
  collect,
  collectPairs,
  type Example,
  notEmpty,
  outputFormat,
  ownCommand,
  runOwnCommand,
  wholeNumber,
} from '../shared/own-command.ts';
import type { Tool, ToolIo } from '../shared/tool.ts';
import { defaultDataDir } from './data-dir.ts';
import { initialControllers } from './initial-controllers.ts';
import type { ServeOptions } from './properties.ts';

const EXAMPLES: readonly Example[] = [
  { does: 'a broker on 127.0.0.1:9092 that keeps its data', line: 'ottla serve' },
  {
    does: 'one for a test: any free port, nothing left behind',
    line: 'ottla serve --port 0 --ephemeral --topic orders:3',
  },
  {
    does: "with Kafka's own configuration",
    line: 'ottla serve --config server.properties --override num.partitions=3',
  },
];

async function run(argv: readonly string[], io: ToolIo): Promise<number> {
  let exitCode = 0;
  const program = ownCommand('ottla serve', 'Runs a Kafka broker.', EXAMPLES, io);
  program
    .option('--port <port>', 'port to listen on, 0 for a free one (default: 9092)', wholeNumber(0, 65_535))
    .option('--host <host>', 'address to listen on; 0.0.0.0 for all (default: 127.0.0.1)', notEmpty)
    .option('--data-dir <dir>', `folder of the data (default: ${defaultDataDir(io.env)})`, notEmpty)
    .option('--ephemeral', 'keep the data in a temporary folder and remove it at the end')
    .option('--config <file>', "Kafka's server.properties", notEmpty)
    .option('--override <key=value>', 'a broker property; repeatable', collectPairs, {})
    .option(
      '--topic <name[:partitions[:rf[:key=value,...]]]>',
      'a topic to create before ready; repeatable',
      collect,
      [],
    )
    .option('--cluster-id <id>', 'cluster id of a new folder (default: random)', notEmpty)
    .option(
      '--directory-id <id>',
      'directory id of a new folder, which a voter of the quorum is known by (default: random)',
    )
    .option(
      '--initial-controllers <id@host:port:directory-id,...>',
      'the voters that the quorum of a new cluster begins with (default: this node alone)',
      initialControllers,
    )
    .addOption(new Option('--until-stdin-ends', 'stop when stdin ends').hideHelp())
    .addOption(new Option('--faults <file>', 'a file that says which nodes to cut this one off from').hideHelp())
    .option('--output <format>', 'text or json', outputFormat, 'text')
    .addHelpText(
      'after',
      '\nKAFKA_* variables of the official image (KAFKA_NUM_PARTITIONS=3) set properties too. Later ones win: file,\nvariables, --override, then the options above.\n',
    )
    .action(async (options: ServeOptions) => {
      const { serve } = await import('./serve.ts');
      exitCode = await serve(options, io);
    });
  const code = await runOwnCommand(program, argv);
  return code === 0 ? exitCode : code;
}

export const tool: Tool = { name: 'serve', summary: 'run a broker', run };
