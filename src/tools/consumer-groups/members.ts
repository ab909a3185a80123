import type { GroupDescription, GroupMember } from '../../client/admin/groups.ts';
import type { TopicPartition } from '../../client/types.ts';
import { printJson } from '../shared/json-output.ts';
import { terminalTable } from '../shared/terminal.ts';
import { columnWidth, type GroupsContext, MISSING } from './context.ts';
import { describeGroups, noteState } from './describe.ts';

/** `topic:0,1;other:2`, or `-` when nothing is assigned. */
export function assignmentText(partitions: readonly TopicPartition[]): string {
  const byTopic = new Map<string, number[]>();
  for (const { topic, partition } of partitions) {
    const numbers = byTopic.get(topic);
    if (numbers === undefined) byTopic.set(topic, [partition]);
    else numbers.push(partition);
  }
  if (byTopic.size === 0) return MISSING;
  const texts = [...byTopic].map(([topic, numbers]) => `${topic}:${numbers.sort((a, b) => a - b).join(',')}`);
  return texts.sort().join(';');
}

function currentEpoch(member: GroupMember): string {
  return member.memberEpoch < 0 ? MISSING : String(member.memberEpoch);
}

/** `--describe --members`. */
export async function describeMembers(
  context: GroupsContext,
  groupIds: readonly string[],
  verbose: boolean,
): Promise<void> {
  const groups = await describeGroups(context, groupIds);
  if (context.json) {
    printJson(
      context.io,
      groups.map(({ groupId, state, targetAssignmentEpoch, members }) => ({
        group: groupId,
        state,
        targetEpoch: targetAssignmentEpoch,
        members,
      })),
    );
    return;
  }
  for (const group of groups) {
    noteState(context, group);
    await printMembers(context, group, verbose);
  }
}

// The header is printed even when there is no member.
async function printMembers({ io }: GroupsContext, group: GroupDescription, verbose: boolean): Promise<void> {
  const { members } = group;
  const widthOf = (minimum: number, text: (member: GroupMember) => string) => columnWidth(minimum, members.map(text));
  const hasInstanceIds = members.some((member) => member.groupInstanceId !== null);
  const isMigrating =
    members.some((member) => member.upgraded === true) && members.some((member) => member.upgraded === false);
  const columns: { header: string; width: number; text: (member: GroupMember) => string }[] = [];
  const column = (header: string, minimum: number, text: (member: GroupMember) => string) => {
    columns.push({ header, width: widthOf(minimum, text), text });
  };
  columns.push({
    header: 'GROUP',
    width: members.length === 0 ? 15 : columnWidth(15, [group.groupId]),
    text: () => group.groupId,
  });
  column('CONSUMER-ID', 15, (member) => member.memberId);
  if (hasInstanceIds) column('GROUP-INSTANCE-ID', 17, (member) => member.groupInstanceId ?? '');
  column('HOST', 15, (member) => member.host);
  column('CLIENT-ID', 15, (member) => member.clientId);
  column('#PARTITIONS', 15, (member) => String(member.assignment.length));
  if (verbose) {
    const targetEpoch = group.targetAssignmentEpoch === undefined ? MISSING : String(group.targetAssignmentEpoch);
    column('CURRENT-EPOCH', 15, currentEpoch);
    column('CURRENT-ASSIGNMENT', 20, (member) => assignmentText(member.assignment));
    column('TARGET-EPOCH', 15, () => targetEpoch);
    column('TARGET-ASSIGNMENT', 20, (member) => assignmentText(member.targetAssignment ?? []));
    if (isMigrating)
      columns.push({ header: 'UPGRADED', width: 0, text: (member) => String(member.upgraded ?? MISSING) });
  }
  if (io.terminal.stdout) {
    const rows = members.map((member) => columns.map(({ text }) => text(member)));
    const heads = columns.map(({ header }) => header);
    if (rows.length > 0) io.stdout.write(`\n${await terminalTable(heads, rows)}`);
    return;
  }
  const line = (texts: readonly string[]) => texts.map((text, i) => text.padEnd(columns[i]?.width ?? 0)).join(' ');
  // Without the verbose columns a blank follows the last one.
  const end = verbose ? '\n' : ' \n';
  io.stdout.write(`\n${line(columns.map(({ header }) => header))}${end}`);
  for (const member of members) io.stdout.write(`${line(columns.map(({ text }) => text(member)))}${end}`);
}
