import { randomUuid } from '../../base/random.ts';
import { type ArgparseSpec, parseArgparse } from '../shared/argparse-command.ts';
import { printFeatureDependencies, printVersionMapping } from '../shared/feature-commands.ts';
import { javaToString } from '../shared/java-errors.ts';
import { printJson } from '../shared/json-output.ts';
import { type Tool, ToolExit } from '../shared/tool.ts';
import { STORAGE_PARSER } from './options.ts';

const SPEC: ArgparseSpec = {
  parser: STORAGE_PARSER,
  helpExitCode: 0,
  examples: [
    { does: 'make an id for a new cluster', line: 'random-uuid' },
    { does: 'prepare the folders of a single node', line: 'format --standalone -t <cluster id> -c server.properties' },
    { does: 'see what is in the folders', line: 'info -c server.properties' },
  ],
};

/** kafka-storage: works on the folders of a node, without a broker. */
export const tool: Tool = {
  name: 'kafka-storage',
  summary: "prepare and inspect a node's data folders",
  answersInJson: true,
  async run(argv, io) {
    const parsed = parseArgparse(SPEC, argv, io);
    try {
      switch (parsed.subcommand) {
        case 'random-uuid': {
          const uuid = randomUuid(io.random);
          if (parsed.output === 'json') printJson(io, { uuid });
          else io.stdout.write(`${uuid}\n`);
          return 0;
        }
        case 'version-mapping':
          printVersionMapping(parsed.valueOf('release-version'), parsed.output, io);
          return 0;
        case 'feature-dependencies':
          printFeatureDependencies(parsed.valuesOf('feature'), parsed.output, io);
          return 0;
        case 'info': {
          const { printInfo } = await import('./info.ts');
          return printInfo(parsed, io);
        }
        default: {
          const { format } = await import('./format.ts');
          return format(parsed, io);
        }
      }
    } catch (error) {
      if (error instanceof ToolExit) throw error;
      throw new ToolExit(1, { stderr: `Exception in thread "main" ${javaToString(error)}\n` });
    }
  },
};
