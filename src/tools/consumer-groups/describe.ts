import { KafkaError } from '../../base/kafka-error.ts';
import { describeConsumerGroups, type GroupDescription } from '../../client/admin/groups.ts';
import { OffsetSpec } from '../../client/admin/offsets.ts';
import { partitionName, type TopicPartition } from '../../client/types.ts';
import { printJson } from '../shared/json-output.ts';
import { withProgress } from '../shared/progress.ts';
import { loadChalk, terminalTable } from '../shared/terminal.ts';
import { columnWidth, comparePartitions, futureException, type GroupsContext, MISSING, printError } from './context.ts';
import { committedOffsets, logOffsets, partitionNames, topicsOf } from './offsets.ts';

/** One row of `--describe --offsets`; undefined values are not known. */
interface OffsetRow extends TopicPartition {
  readonly currentOffset: number | undefined;
  readonly logEndOffset: number | undefined;
  readonly leaderEpoch: number | undefined;
  readonly consumerId: string;
  readonly host: string;
  readonly clientId: string;
}

/** Descriptions sorted by group id; throws the first failure as the admin client's futures do. */
export async function describeGroups(context: GroupsContext, groupIds: readonly string[]): Promise<GroupDescription[]> {
  const { client, timeoutMs } = context;
  const results = await describeConsumerGroups(client, groupIds, { timeoutMs }).catch((error: unknown) => {
    throw futureException(error);
  });
  const groups: GroupDescription[] = [];
  for (const result of results.values()) {
    if (result instanceof KafkaError) throw futureException(result);
    groups.push(result);
  }
  return groups.sort((a, b) => (a.groupId < b.groupId ? -1 : 1));
}

const REBALANCING = ['PreparingRebalance', 'CompletingRebalance', 'Assigning', 'Reconciling'];

/** Says what is to be said of a group's state; whether its rows are worth printing. */
export function noteState({ io }: GroupsContext, { groupId, state }: GroupDescription): boolean {
  if (state === 'Dead') {
    printError(io, `Consumer group '${groupId}' does not exist.`);
    return false;
  }
  if (state === 'Empty') io.stderr.write(`\nConsumer group '${groupId}' has no active members.\n`);
  if (REBALANCING.includes(state)) io.stderr.write(`\nWarning: Consumer group '${groupId}' is rebalancing.\n`);
  return true;
}

async function offsetRows(context: GroupsContext, group: GroupDescription): Promise<OffsetRow[]> {
  const committed = await committedOffsets(context, group.groupId);
  const members = group.members
    .filter((member) => member.assignment.length > 0)
    .sort((a, b) => b.assignment.length - a.assignment.length);
  const assigned = new Set(
    members.flatMap((member) => member.assignment.map(({ topic, partition }) => partitionName(topic, partition))),
  );
  const unowned = [...committed].filter(([name]) => !assigned.has(name)).map(([, entry]) => entry);
  const all = [...members.flatMap((member) => member.assignment), ...unowned];
  const { withLeader } = partitionNames(await topicsOf(context, all));
  const reachable = all.filter(({ topic, partition }) => withLeader.has(partitionName(topic, partition)));
  const ends = await logOffsets(context, reachable, OffsetSpec.LATEST);
  const rowOf = ({ topic, partition }: TopicPartition, owner: Pick<OffsetRow, 'consumerId' | 'host' | 'clientId'>) => {
    const name = partitionName(topic, partition);
    const found = committed.get(name)?.committed;
    const leaderEpoch = found === undefined || found.leaderEpoch < 0 ? undefined : found.leaderEpoch;
    return { topic, partition, currentOffset: found?.offset, logEndOffset: ends.get(name), leaderEpoch, ...owner };
  };
  const owned = members.flatMap(({ memberId, host, clientId, assignment }) =>
    assignment.toSorted(comparePartitions).map((at) => rowOf(at, { consumerId: memberId, host, clientId })),
  );
  const nobody = { consumerId: MISSING, host: MISSING, clientId: MISSING };
  return [...owned, ...unowned.sort(comparePartitions).map((at) => rowOf(at, nobody))];
}

function lagOf({ currentOffset, logEndOffset }: OffsetRow): number | undefined {
  if (currentOffset === undefined || currentOffset === -1 || logEndOffset === undefined) return undefined;
  return logEndOffset - currentOffset;
}

function asJson(row: OffsetRow): unknown {
  const { topic, partition, currentOffset, logEndOffset, leaderEpoch, consumerId, host, clientId } = row;
  const orNull = (text: string) => (text === MISSING ? null : text);
  return {
    topic,
    partition,
    currentOffset: currentOffset ?? null,
    logEndOffset: logEndOffset ?? null,
    lag: lagOf(row) ?? null,
    leaderEpoch: leaderEpoch ?? null,
    consumerId: orNull(consumerId),
    host: orNull(host),
    clientId: orNull(clientId),
  };
}

function cell(value: number | string | undefined): string {
  return value === undefined ? MISSING : String(value);
}

/** `--describe` and `--describe --offsets`. */
export async function describeOffsets(
  context: GroupsContext,
  groupIds: readonly string[],
  verbose: boolean,
): Promise<void> {
  const described: { group: GroupDescription; rows: OffsetRow[] }[] = [];
  const groups = await describeGroups(context, groupIds);
  await withProgress(
    context.io,
    { what: 'Reading offsets', unit: 'groups', total: groups.length },
    async (progress) => {
      for (const group of groups) {
        described.push({ group, rows: await offsetRows(context, group) });
        progress.advanceTo(described.length);
      }
    },
  );
  if (context.json) {
    printJson(
      context.io,
      described.map(({ group, rows }) => ({
        group: group.groupId,
        state: group.state,
        offsets: rows.map(asJson),
      })),
    );
    return;
  }
  for (const { group, rows } of described) {
    if (!noteState(context, group) || rows.length === 0) continue;
    if (context.io.terminal.stdout) await printOffsetTable(context, group, rows, verbose);
    else printOffsetRows(context, group.groupId, rows, verbose);
  }
}

async function printOffsetTable(
  { io }: GroupsContext,
  { groupId, state }: GroupDescription,
  rows: readonly OffsetRow[],
  verbose: boolean,
): Promise<void> {
  const chalk = await loadChalk();
  const lagText = (lag: number | undefined) => (lag === undefined || lag === 0 ? cell(lag) : chalk.yellow(String(lag)));
  const table = await terminalTable(
    ['Topic', 'Partition', ...(verbose ? ['Epoch'] : []), 'Committed', 'Log end', 'Lag', 'Consumer', 'Host', 'Client'],
    rows.map((row) => [
      row.topic,
      String(row.partition),
      ...(verbose ? [cell(row.leaderEpoch)] : []),
      cell(row.currentOffset),
      cell(row.logEndOffset),
      lagText(lagOf(row)),
      row.consumerId,
      row.host,
      row.clientId,
    ]),
  );
  io.stdout.write(`\n${chalk.bold(groupId)}  (${state})\n${table}`);
}

function printOffsetRows({ io }: GroupsContext, groupId: string, rows: readonly OffsetRow[], verbose: boolean): void {
  const groupWidth = columnWidth(15, [groupId]);
  const topicWidth = columnWidth(
    15,
    rows.map((row) => row.topic),
  );
  const consumerWidth = columnWidth(
    15,
    rows.map((row) => row.consumerId),
  );
  const hostWidth = columnWidth(
    15,
    rows.map((row) => row.host),
  );
  const widths = [groupWidth, topicWidth, 10, ...(verbose ? [15] : []), 15, 15, 15, consumerWidth, hostWidth, 0];
  const print = (cells: readonly string[]) => {
    io.stdout.write(`\n${cells.map((text, i) => text.padEnd(widths[i] ?? 0)).join(' ')}`);
  };
  const epochHeader = verbose ? ['LEADER-EPOCH'] : [];
  const offsetHeaders = ['CURRENT-OFFSET', 'LOG-END-OFFSET', 'LAG'];
  print(['GROUP', 'TOPIC', 'PARTITION', ...epochHeader, ...offsetHeaders, 'CONSUMER-ID', 'HOST', 'CLIENT-ID']);
  for (const row of rows) {
    const epoch = verbose ? [cell(row.leaderEpoch)] : [];
    const offsets = [cell(row.currentOffset), cell(row.logEndOffset), cell(lagOf(row))];
    const owner = [row.consumerId, row.host, row.clientId];
    print([groupId, row.topic, String(row.partition), ...epoch, ...offsets, ...owner]);
  }
  io.stdout.write('\n');
}

/** `--describe --state`. */
export async function describeStates(
  context: GroupsContext,
  groupIds: readonly string[],
  verbose: boolean,
): Promise<void> {
  const groups = await describeGroups(context, groupIds);
  if (context.json) {
    printJson(
      context.io,
      groups.map((group) => ({
        group: group.groupId,
        coordinator: group.coordinator,
        assignmentStrategy: group.partitionAssignor,
        state: group.state,
        groupEpoch: group.groupEpoch,
        targetAssignmentEpoch: group.targetAssignmentEpoch,
        members: group.members.length,
      })),
    );
    return;
  }
  const shown = groups.filter((group) => noteState(context, group));
  if (context.io.terminal.stdout) await printStateTable(context, shown, verbose);
  else for (const group of shown) printState(context, group, verbose);
}

async function printStateTable(
  { io }: GroupsContext,
  groups: readonly GroupDescription[],
  verbose: boolean,
): Promise<void> {
  const epochs = verbose ? ['Epoch', 'Target epoch'] : [];
  const rows = groups.map(({ groupId, coordinator, partitionAssignor, state, members, ...group }) => [
    groupId,
    `${coordinator.host}:${coordinator.port} (${coordinator.id})`,
    partitionAssignor === '' ? MISSING : partitionAssignor,
    state,
    ...(verbose ? [cell(group.groupEpoch), cell(group.targetAssignmentEpoch)] : []),
    String(members.length),
  ]);
  const head = ['Group', 'Coordinator', 'Assignor', 'State', ...epochs, 'Members'];
  if (rows.length > 0) io.stdout.write(await terminalTable(head, rows));
}

function printState({ io }: GroupsContext, group: GroupDescription, verbose: boolean): void {
  const { host, port, id } = group.coordinator;
  const coordinator = `${host}:${port}  (${id})`;
  const epochWidths = verbose ? [15, 25] : [];
  const widths = [columnWidth(15, [group.groupId]), columnWidth(25, [coordinator]), 20, 20, ...epochWidths, 0];
  const print = (cells: readonly string[]) => {
    io.stdout.write(`\n${cells.map((text, i) => text.padEnd(widths[i] ?? 0)).join(' ')}`);
  };
  const epochHeaders = verbose ? ['GROUP-EPOCH', 'TARGET-ASSIGNMENT-EPOCH'] : [];
  print(['GROUP', 'COORDINATOR (ID)', 'ASSIGNMENT-STRATEGY', 'STATE', ...epochHeaders, '#MEMBERS']);
  const strategy = group.partitionAssignor === '' ? MISSING : group.partitionAssignor;
  const epochs = verbose ? [cell(group.groupEpoch), cell(group.targetAssignmentEpoch)] : [];
  print([group.groupId, coordinator, strategy, group.state, ...epochs, String(group.members.length)]);
  io.stdout.write('\n');
}
