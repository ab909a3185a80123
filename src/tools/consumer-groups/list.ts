import { KafkaError } from '../../base/kafka-error.ts';
import { type GroupListing, listGroups } from '../../client/admin/groups.ts';
import { ClientError } from '../../client/errors.ts';
import { illegalArgument } from '../shared/java-errors.ts';
import { printJson } from '../shared/json-output.ts';
import { terminalTable } from '../shared/terminal.ts';
import { columnWidth, futureException, type GroupsContext, runtimeException } from './context.ts';

// In the order of Kafka's sets.
const STATES = [
  'Empty',
  'Dead',
  'Stable',
  'Reconciling',
  'PreparingRebalance',
  'CompletingRebalance',
  'Assigning',
] as const;
const TYPES = ['Consumer', 'Classic'] as const;

/** What a filter of `--list` asks for; throws IllegalArgumentException on a name that is none. */
function parseNames(input: string, names: readonly string[], refuse: () => Error): string[] {
  const parts = input.split(',');
  while (parts.length > 1 && parts.at(-1) === '') parts.pop();
  return parts.map((part) => {
    const wanted = part.trim().toLowerCase();
    const name = names.find((candidate) => candidate.toLowerCase() === wanted);
    if (name === undefined) throw refuse();
    return name;
  });
}

/** The states of a `--state` list such as `stable,empty`, by Kafka's names. */
export function parseStates(input: string): string[] {
  const message = `Invalid state list '${input}'. Valid states are: ${STATES.join(', ')}`;
  return parseNames(input, STATES, () => illegalArgument(message));
}

/** The types of a `--type` list, by Kafka's names. */
export function parseTypes(input: string): string[] {
  const message = `Invalid types list '${input.toLowerCase()}'. Valid types are: ${TYPES.join(', ')}`;
  return parseNames(input, TYPES, () => illegalArgument(message));
}

// What Kafka's ListGroupsOptions.forConsumerGroups asks for.
const CONSUMER_GROUPS = { protocolTypes: ['', 'consumer'], types: ['Classic', 'Consumer'] };

async function consumerGroups(
  context: GroupsContext,
  filters: { states?: readonly string[]; types?: readonly string[] },
): Promise<readonly GroupListing[]> {
  const { client, timeoutMs } = context;
  const types = filters.types === undefined || filters.types.length === 0 ? CONSUMER_GROUPS.types : filters.types;
  const states = filters.states ?? [];
  try {
    const options = { timeoutMs, protocolTypes: CONSUMER_GROUPS.protocolTypes, types, states };
    const { groups, errors } = await listGroups(client, options);
    if (errors[0] !== undefined) throw errors[0];
    return groups;
  } catch (error) {
    throw futureException(isWithoutBrokers(error) ? NO_BROKERS : error);
  }
}

// Java's client asks for all brokers first, and says no more than that when it cannot.
const NO_BROKERS = new ClientError(
  'org.apache.kafka.common.KafkaException',
  'BROKER_NOT_AVAILABLE',
  'Failed to find brokers to send ListGroups',
);

function isWithoutBrokers(error: unknown): boolean {
  return error instanceof KafkaError && error.message.includes('Call: findAllBrokers');
}

/** The ids of all consumer groups of both protocols. */
export async function listGroupIds(context: GroupsContext): Promise<string[]> {
  try {
    return (await consumerGroups(context, {})).map((group) => group.groupId);
  } catch (error) {
    throw runtimeException(error);
  }
}

/** `--list`: undefined filters are options that were not given, an empty one was given without value. */
export async function printGroups(context: GroupsContext, stateFilter?: string, typeFilter?: string): Promise<void> {
  const { io } = context;
  const isTable = io.terminal.stdout && !context.json;
  if (stateFilter === undefined && typeFilter === undefined && !context.json && !isTable) {
    for (const groupId of await listGroupIds(context)) io.stdout.write(`${groupId}\n`);
    return;
  }
  const types = typeFilter === undefined || typeFilter === '' ? [] : parseTypes(typeFilter);
  const states = stateFilter === undefined || stateFilter === '' ? [] : parseStates(stateFilter);
  const groups = await consumerGroups(context, { states, types });
  if (context.json) {
    printJson(
      io,
      groups.map((group) => ({ group: group.groupId, type: typeName(group), state: stateName(group) })),
    );
    return;
  }
  if (isTable) {
    const rows = groups.map((group) => [group.groupId, typeName(group), stateName(group)]);
    io.stdout.write(await terminalTable(['Group', 'Type', 'State'], rows));
    return;
  }
  const idWidth = columnWidth(
    15,
    groups.map((group) => group.groupId),
  );
  const row = (group: string, type: string, state: string) => {
    const typeCell = typeFilter === undefined ? '' : ` ${type.padEnd(20)}`;
    const stateCell = stateFilter === undefined ? '' : ` ${state.padEnd(20)}`;
    io.stdout.write(`${group.padEnd(idWidth + 10)}${typeCell}${stateCell}\n`);
  };
  row('GROUP', 'TYPE', 'STATE');
  for (const group of groups) row(group.groupId, typeName(group), stateName(group));
}

function typeName({ groupType }: GroupListing): string {
  return groupType === '' ? 'Unknown' : `${groupType[0]?.toUpperCase()}${groupType.slice(1)}`;
}

function stateName({ groupState }: GroupListing): string {
  return groupState === '' ? 'Unknown' : groupState;
}
