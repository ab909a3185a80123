import { type CommandLine, type CommandLineSpec, parseCommandLine } from './command-line.ts';
import type { OptionDeclarations } from './option-types.ts';
import { type Tool, ToolExit } from './tool.ts';

/** What the help of such a tool begins with at a terminal. */
export const NOT_AVAILABLE_REMARK =
  "Not available in ottla yet: only the command line is there. For the work use Apache Kafka's tool.";

/**
 * A tool of which ottla has the command line (help, version, the checks of its options) but not the work. It says so and
 * ends with exit code 1.
 * @param check Kafka's checks that come before the work
 */
export function notAvailable<D extends OptionDeclarations>(
  spec: CommandLineSpec<D>,
  summary: string,
  check: (line: CommandLine<D>) => void = () => {},
): Tool {
  return {
    name: spec.name,
    summary: `${summary} (not available yet)`,
    async run(argv, io) {
      try {
        check(parseCommandLine({ ...spec, remark: NOT_AVAILABLE_REMARK }, argv, io));
      } catch (error) {
        // Nobody is asked for what would lead nowhere.
        throw error instanceof ToolExit ? new ToolExit(error.exitCode, error) : error;
      }
      throw new ToolExit(1, { stderr: `${spec.name}: this tool is not available in ottla yet; use Apache Kafka's.\n` });
    },
  };
}
