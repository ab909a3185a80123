import { KafkaError } from '../../base/kafka-error.ts';
import {
  describeFeatures,
  type FeatureUpdate,
  FeatureUpgradeType,
  updateFeatures,
} from '../../client/admin/features.ts';
import type { KafkaClient } from '../../client/index.ts';
import { asExecution, withAdmin } from '../shared/admin-session.ts';
import type { ParsedArguments } from '../shared/argparse.ts';
import { type ArgparseSpec, parseArgparse } from '../shared/argparse-command.ts';
import { printFeatureDependencies, printVersionMapping, terse } from '../shared/feature-commands.ts';
import { METADATA_VERSION_FEATURE, metadataVersionName } from '../shared/feature-levels.ts';
import { javaMessageOf } from '../shared/java-errors.ts';
import { printJson } from '../shared/json-output.ts';
import { terminalTable } from '../shared/terminal.ts';
import { type Tool, ToolExit, type ToolIo } from '../shared/tool.ts';
import { FEATURES_PARSER } from './options.ts';
import { requestedUpdates } from './updates.ts';

function commandLineError(message: string): ToolExit {
  return new ToolExit(1, { stderr: `Command line error: ${message}. Type --help for help.` });
}

const SPEC: ArgparseSpec = {
  parser: FEATURES_PARSER,
  helpExitCode: 0,
  errorText: ({ message }) => `Command line error: ${message}. Type --help for help.`,
  examples: [
    { does: 'see the levels of a cluster', line: '--bootstrap-server localhost:9092 describe' },
    {
      does: 'raise all to those of a release',
      line: '--bootstrap-server localhost:9092 upgrade --release-version 4.4',
    },
  ],
};

type Parsed = ParsedArguments & { readonly output: 'text' | 'json' };

interface Run {
  readonly admin: KafkaClient;
  readonly parsed: Parsed;
  readonly io: ToolIo;
}

function levelText(feature: string, level: number): string {
  if (feature !== METADATA_VERSION_FEATURE) return String(level);
  return metadataVersionName(level) ?? `UNKNOWN ${level}`;
}

async function describe({ admin, parsed, io }: Run): Promise<void> {
  const nodeId = parsed.numberOf('node-id');
  if (nodeId !== undefined && nodeId < 0) throw terse(`Invalid node id ${nodeId}: must be non-negative.`);
  const metadata = await asExecution(describeFeatures(admin, { nodeId }));
  const epoch = metadata.finalizedFeaturesEpoch === undefined ? '-' : String(metadata.finalizedFeaturesEpoch);
  const features = [...metadata.supportedFeatures]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, range]) => ({
      name,
      min: levelText(name, range.min),
      max: levelText(name, range.max),
      finalized: levelText(name, metadata.finalizedFeatures.get(name)?.max ?? 0),
    }));
  if (parsed.output === 'json') printJson(io, { epoch: metadata.finalizedFeaturesEpoch ?? null, features });
  else if (io.terminal.stdout) {
    const rows = features.map(({ name, min, max, finalized }) => [name, min, max, finalized]);
    io.stdout.write(await terminalTable(['Feature', 'From', 'To', 'Level'], rows));
  } else {
    for (const { name, min, max, finalized } of features) {
      const cells = [
        `Feature: ${name.padEnd(40)}`,
        `SupportedMinVersion: ${min.padEnd(15)}`,
        `SupportedMaxVersion: ${max.padEnd(15)}`,
        `FinalizedVersionLevel: ${finalized.padEnd(15)}`,
        `Epoch: ${epoch}`,
      ];
      io.stdout.write(`${cells.join('  ')}\n`);
    }
  }
}

type Operation = 'upgrade' | 'downgrade' | 'disable';

async function update(operation: Operation, { admin, parsed, io }: Run): Promise<void> {
  const downgrade = parsed.has('unsafe') ? FeatureUpgradeType.UNSAFE_DOWNGRADE : FeatureUpgradeType.SAFE_DOWNGRADE;
  const upgradeType = operation === 'upgrade' ? FeatureUpgradeType.UPGRADE : downgrade;
  const updates = requestedUpdates(operation, parsed, upgradeType, io);
  if (updates.size === 0) throw terse(`You must specify at least one feature to ${operation}`);
  const validateOnly = parsed.has('dry-run');
  const results = await updateFeatures(admin, updates, { validateOnly }).catch((error: unknown) => {
    if (!(error instanceof KafkaError)) throw error;
    return new Map([...updates.keys()].map((name) => [name, error]));
  });
  const sorted = [...results].sort(([a], [b]) => (a < b ? -1 : 1));
  const failures = sorted.filter(([, result]) => result instanceof KafkaError).length;
  if (parsed.output === 'json') {
    const texts = sorted.map(([feature, result]) => ({ feature, error: result === undefined ? null : result.message }));
    printJson(io, texts);
  } else {
    for (const [name, result] of sorted) io.stdout.write(resultLine(operation, name, updates, result, validateOnly));
  }
  if (failures > 0) throw terse(`${failures} out of ${updates.size} operation(s) failed.`);
}

function resultLine(
  operation: Operation,
  name: string,
  updates: ReadonlyMap<string, FeatureUpdate>,
  result: KafkaError | undefined,
  dryRun: boolean,
): string {
  const to = operation === 'disable' ? '' : ` to ${updates.get(name)?.maxVersionLevel}`;
  if (result !== undefined) {
    return `${dryRun ? 'Can not' : 'Could not'} ${operation} ${name}${to}. ${javaMessageOf(result)}\n`;
  }
  return `${name}${dryRun ? ' can be ' : ' was '}${operation}d${to}.\n`;
}

async function runWithAdmin(parsed: Parsed, io: ToolIo): Promise<void> {
  const bootstrapServer = parsed.valueOf('bootstrap-server');
  const bootstrapController = parsed.valueOf('bootstrap-controller');
  if (bootstrapServer === undefined && bootstrapController === undefined) {
    throw commandLineError('You must specify either --bootstrap-controller or --bootstrap-server.');
  }
  const address = { bootstrapServer, bootstrapController, commandConfig: parsed.valueOf('command-config') };
  await withAdmin(io, address, async (admin) => {
    const run = { admin, parsed, io };
    const { subcommand } = parsed;
    if (subcommand === 'upgrade' || subcommand === 'downgrade' || subcommand === 'disable') {
      await update(subcommand, run);
    } else await describe(run);
  });
}

/** kafka-features */
export const tool: Tool = {
  name: 'kafka-features',
  summary: 'show and change the feature levels of a cluster',
  answersInJson: true,
  async run(argv, io) {
    const parsed = parseArgparse(SPEC, argv, io);
    try {
      if (parsed.subcommand === 'version-mapping') {
        printVersionMapping(parsed.valueOf('release-version'), parsed.output, io);
      } else if (parsed.subcommand === 'feature-dependencies') {
        printFeatureDependencies(parsed.valuesOf('feature'), parsed.output, io);
      } else await runWithAdmin(parsed, io);
      return 0;
    } catch (error) {
      if (error instanceof ToolExit) throw error;
      throw terse(javaMessageOf(error));
    }
  },
};
