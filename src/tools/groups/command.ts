import { type GroupListing, listGroups } from '../../client/admin/groups.ts';
import { messageAndTrace, openAdmin } from '../shared/admin-session.ts';
import { type CommandLine, type CommandLineSpec, parseCommandLine } from '../shared/command-line.ts';
import { illegalArgument, javaMessageOf, javaToString } from '../shared/java-errors.ts';
import { logLine } from '../shared/java-log.ts';
import { printJson } from '../shared/json-output.ts';
import { terminalTable } from '../shared/terminal.ts';
import type { Tool, ToolIo } from '../shared/tool.ts';
import { GROUPS_OPTIONS } from './options.ts';

type GroupsLine = CommandLine<typeof GROUPS_OPTIONS>;

const SPEC: CommandLineSpec<typeof GROUPS_OPTIONS> = {
  name: 'kafka-groups',
  options: GROUPS_OPTIONS,
  helpSentence: 'This tool helps to list groups of all types.',
  parserErrors: 'message and usage',
  runsWithoutArguments: true,
  examples: [
    { does: 'see all groups', line: '--bootstrap-server localhost:9092 --list' },
    { does: 'only those of consumers', line: '--bootstrap-server localhost:9092 --list --consumer' },
  ],
};

const TYPE_NAMES: Readonly<Record<string, string>> = {
  classic: 'Classic',
  consumer: 'Consumer',
  share: 'Share',
  streams: 'Streams',
};
const LEAST_WIDTH = 20;
const LIST_TIMEOUT_MS = 30_000;

function check(line: GroupsLine): void {
  if (!line.has('list')) line.refuseOrAsk('Command must include exactly one action: --list.', ['list']);
  const type = line.valueOf('group-type');
  if (type !== undefined && !Object.hasOwn(TYPE_NAMES, type.toLowerCase())) {
    throw messageAndTrace(illegalArgument('--group-type must be a valid group type.'));
  }
  line.forbidWith('consumer', 'group-type', 'protocol', 'share', 'streams');
  line.forbidWith('share', 'consumer', 'group-type', 'protocol', 'streams');
  line.forbidWith('streams', 'consumer', 'group-type', 'protocol', 'share');
}

function isWanted(group: GroupListing, line: GroupsLine): boolean {
  const type = line.valueOf('group-type')?.toLowerCase();
  const protocol = line.valueOf('protocol');
  const ownType = group.groupType.toLowerCase();
  if (type !== undefined) return ownType === type && (protocol === undefined || group.protocolType === protocol);
  if (protocol !== undefined) return group.protocolType === protocol;
  if (line.has('consumer')) {
    return group.protocolType === 'consumer' || group.protocolType === '' || ownType === 'consumer';
  }
  if (line.has('share')) return ownType === 'share';
  return !line.has('streams') || ownType === 'streams';
}

async function print(groups: readonly GroupListing[], line: GroupsLine, io: ToolIo): Promise<void> {
  if (line.output === 'json') {
    printJson(io, groups);
    return;
  }
  const rows = groups.map(({ groupId, groupType, protocolType }) => {
    const type = groupType === '' ? '' : (TYPE_NAMES[groupType.toLowerCase()] ?? 'Unknown');
    return [groupId, type, protocolType];
  });
  if (io.terminal.stdout) {
    io.stdout.write(await terminalTable(['Group', 'Type', 'Protocol'], rows));
    return;
  }
  const width = Math.max(LEAST_WIDTH, ...rows.flat().map((cell) => cell.length));
  io.stdout.write(`${['GROUP', 'TYPE', 'PROTOCOL'].map((title) => title.padEnd(width)).join(' ')}\n`);
  for (const row of rows) io.stdout.write(`${row.map((cell) => `${cell.padEnd(width)} `).join('')}\n`);
}

/** kafka-groups */
export const tool: Tool = {
  name: 'kafka-groups',
  summary: 'list groups of every type',
  answersInJson: true,
  async run(argv, io) {
    const line = parseCommandLine(SPEC, argv, io);
    check(line);
    const address = {
      bootstrapServer: line.valueOf('bootstrap-server'),
      commandConfig: line.valueOf('command-config'),
    };
    const admin = await openAdmin(io, address).catch((error: unknown) => {
      throw messageAndTrace(error);
    });
    try {
      const { groups, errors } = await listGroups(admin, { timeoutMs: LIST_TIMEOUT_MS });
      if (errors[0] !== undefined) throw errors[0];
      await print(
        groups.filter((group) => isWanted(group, line)),
        line,
        io,
      );
      return 0;
    } catch (error) {
      io.stdout.write(`Error while executing groups command : ${javaMessageOf(error)}\n`);
      logLine(io, 'ERROR', `${javaToString(error)}\n`, 'org.apache.kafka.tools.GroupsCommand');
      return 1;
    } finally {
      admin.close();
    }
  },
};
