import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describeCluster, unregisterController } from '../../client/admin/cluster.ts';
import { addRaftVoter, describeMetadataQuorum, removeRaftVoter } from '../../client/admin/quorum.ts';
import type { KafkaClient } from '../../client/index.ts';
import { asExecution, messageAndTrace, withAdmin } from '../shared/admin-session.ts';
import type { ParsedArguments } from '../shared/argparse.ts';
import { type ArgparseSpec, parseArgparse } from '../shared/argparse-command.ts';
import { terse } from '../shared/feature-commands.ts';
import { javaMessageOf } from '../shared/java-errors.ts';
import { printJson } from '../shared/json-output.ts';
import { paddedTable } from '../shared/padded-table.ts';
import { terminalTable } from '../shared/terminal.ts';
import type { Tool, ToolIo } from '../shared/tool.ts';
import { uuidFromJavaText } from '../shared/uuid-text.ts';
import { readControllerConfig } from './controller-config.ts';
import { METADATA_QUORUM_PARSER } from './options.ts';
import { REPLICATION_HEADERS, replicationRows, statusText } from './quorum-text.ts';

const SPEC: ArgparseSpec = {
  parser: METADATA_QUORUM_PARSER,
  helpExitCode: 0,
  examples: [
    { does: 'see who leads the controllers', line: '--bootstrap-server localhost:9092 describe --status' },
    { does: 'see how far each has come', line: '--bootstrap-server localhost:9092 describe --replication' },
  ],
};

type Parsed = ParsedArguments & { readonly output: 'text' | 'json' };

async function describe(admin: KafkaClient, parsed: Parsed, io: ToolIo): Promise<void> {
  const wantsStatus = parsed.has('status');
  if (wantsStatus && parsed.has('replication')) {
    throw terse('Only one of --status or --replication should be specified with describe sub-command');
  }
  if (!wantsStatus && !parsed.has('replication')) {
    throw terse('One of --status or --replication must be specified with describe sub-command');
  }
  if (wantsStatus && parsed.has('human-readable')) {
    throw terse('The option --human-readable is only supported along with --replication');
  }
  const clusterId = wantsStatus ? (await asExecution(describeCluster(admin))).clusterId : '';
  const quorum = await asExecution(describeMetadataQuorum(admin));
  if (parsed.output === 'json') {
    printJson(io, { ...(wantsStatus ? { clusterId } : {}), ...quorum, nodes: Object.fromEntries(quorum.nodes) });
  } else if (wantsStatus) io.stdout.write(statusText(clusterId, quorum));
  else {
    const rows = replicationRows(quorum, parsed.has('human-readable') ? io.clock.nowMs() : undefined);
    const table = io.terminal.stdout
      ? terminalTable(REPLICATION_HEADERS, rows)
      : paddedTable(REPLICATION_HEADERS, rows);
    io.stdout.write(await table);
  }
}

async function addController(admin: KafkaClient, parsed: Parsed, io: ToolIo): Promise<void> {
  const file = parsed.valueOf('command-config');
  if (file === undefined) {
    throw terse('You must supply the configuration file of the controller you are adding when using add-controller.');
  }
  const { id, directoryId, endpoints } = readControllerConfig(file, io.cwd);
  const dryRun = parsed.has('dry-run');
  if (!dryRun) await asExecution(addRaftVoter(admin, id, directoryId, endpoints));
  const texts = endpoints.map(({ listener, host, port }) => {
    return `${listener}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  });
  if (parsed.output === 'json') printJson(io, { id, directoryId, endpoints, dryRun });
  else {
    const verb = dryRun ? 'DRY RUN of adding' : 'Added';
    io.stdout.write(`${verb} controller ${id} with directory id ${directoryId} and endpoints: ${texts.join(', ')}\n`);
  }
}

async function removeController(admin: KafkaClient, parsed: Parsed, io: ToolIo): Promise<void> {
  const id = parsed.numberOf('controller-id') ?? 0;
  if (id < 0) throw terse(`Invalid negative --controller-id: ${id}`);
  let directoryId: string;
  try {
    directoryId = uuidFromJavaText(parsed.valueOf('controller-directory-id') ?? '');
  } catch (error) {
    throw terse(`Failed to parse --controller-directory-id: ${javaMessageOf(error)}`);
  }
  const dryRun = parsed.has('dry-run');
  if (!dryRun) {
    await asExecution(removeRaftVoter(admin, id, directoryId));
    if (parsed.has('unregister')) await asExecution(unregisterController(admin, id));
  }
  if (parsed.output === 'json') printJson(io, { id, directoryId, dryRun });
  else {
    const verb = dryRun ? 'DRY RUN of removing ' : 'Removed ';
    io.stdout.write(`${verb} KRaft controller ${id} with directory id ${directoryId}\n`.replace('  ', ' '));
  }
}

/** kafka-metadata-quorum */
export const tool: Tool = {
  name: 'kafka-metadata-quorum',
  summary: 'show and change the quorum of controllers',
  answersInJson: true,
  async run(argv, io) {
    const parsed = parseArgparse(SPEC, argv, io);
    const commandConfig = parsed.valueOf('command-config');
    if (commandConfig !== undefined && !existsSync(resolve(io.cwd, commandConfig))) {
      throw terse(`Properties file ${commandConfig} does not exists!`);
    }
    const address = {
      bootstrapServer: parsed.valueOf('bootstrap-server'),
      bootstrapController: parsed.valueOf('bootstrap-controller'),
      commandConfig,
    };
    try {
      await withAdmin(io, address, async (admin) => {
        if (parsed.subcommand === 'add-controller') await addController(admin, parsed, io);
        else if (parsed.subcommand === 'remove-controller') await removeController(admin, parsed, io);
        else await describe(admin, parsed, io);
      });
      return 0;
    } catch (error) {
      throw messageAndTrace(error);
    }
  },
};
