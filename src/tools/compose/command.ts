import { ClusterError } from '../../cluster/layout.ts';
import {
  collect,
  type Example,
  notEmpty,
  outputFormat,
  ownCommand,
  runOwnCommand,
  systemFailureOf,
} from '../shared/own-command.ts';
import type { Tool, ToolIo } from '../shared/tool.ts';

const EXAMPLES: readonly Example[] = [
  {
    does: 'run the Kafka brokers of a compose file, without Docker',
    line: 'ottla compose -f docker-compose.yml up -d',
  },
  { does: 'with a second file laid over it', line: 'ottla compose -f compose.yaml -f local.yaml up -d' },
  { does: 'what runs, and take it down', line: 'ottla compose ps && ottla compose down' },
];

async function run(argv: readonly string[], io: ToolIo): Promise<number> {
  let exitCode = 0;
  const program = ownCommand(
    'ottla compose',
    'Runs the Kafka services of a compose file without Docker.',
    EXAMPLES,
    io,
  );
  program
    .option(
      '-f, --file <file>',
      'a compose file; repeatable, each is laid over those before (default: compose.yaml or docker-compose.yml here)',
      collect,
      [],
    )
    .option(
      '--data-dir <dir>',
      'folder for the data of all projects (default: ottla/compose in your data folder)',
      notEmpty,
    )
    .option('--output <format>', 'text or json', outputFormat, 'text');
  const action =
    (act: (project: import('./project.ts').ComposeProject, options: Record<string, unknown>) => Promise<number>) =>
    async (options: Record<string, unknown>): Promise<void> => {
      const { file, dataDir, output } = program.opts<{ file: string[]; dataDir?: string; output: 'text' | 'json' }>();
      try {
        const [{ composeFiles }, { ComposeProject }] = await Promise.all([
          import('./files.ts'),
          import('./project.ts'),
        ]);
        exitCode = await act(ComposeProject.open(composeFiles(file, io.cwd, io.env), dataDir, output, io), options);
      } catch (error) {
        const why = error instanceof ClusterError ? error.message : systemFailureOf(error);
        if (why === undefined) throw error;
        io.stderr.write(`ottla compose: ${why}\n`);
        exitCode = 1;
      }
    };
  program
    .command('up')
    .description('start the brokers on the ports that the file publishes')
    .option('-d, --detach', 'leave them running in the background')
    .action(action((project, options) => project.up(options['detach'] === true)));
  program
    .command('down')
    .description('stop them; data is removed unless the file keeps it in a volume')
    .option('-v, --volumes', 'remove the data in any case')
    .action(action((project, options) => project.down(options['volumes'] === true)));
  program
    .command('ps')
    .description('what runs')
    .action(action((project) => project.ps()));
  const code = await runOwnCommand(program, argv);
  return code === 0 ? exitCode : code;
}

export const tool: Tool = { name: 'compose', summary: 'run the Kafka services of a compose file without Docker', run };
