import { listGroupsRequest, listGroupsResponse } from '../../protocol/messages/16-list-groups.ts';
import type { KafkaClient } from '../client.ts';
import { errorOf } from '../errors.ts';
import type { CallOptions } from '../types.ts';

export * from './describe-groups.ts';
export * from './group-changes.ts';

export interface GroupListing {
  readonly groupId: string;
  readonly protocolType: string;
  /** Kafka's name, e.g. `Stable`; '' when the broker did not say. */
  readonly groupState: string;
  /** `classic`, `consumer`, `share`, `streams`; '' when the broker did not say. */
  readonly groupType: string;
}

export interface ListedGroups {
  readonly groups: readonly GroupListing[];
  /** Of brokers that could not be asked. */
  readonly errors: readonly Error[];
}

interface ListGroupsOptions extends CallOptions {
  readonly states?: readonly string[];
  readonly types?: readonly string[];
  readonly protocolTypes?: readonly string[];
  /** Part of the text of a timeout; `listGroups` unless given. */
  readonly callName?: string;
}

/** Groups of all brokers. The filters are Kafka's names of states and types. */
export async function listGroups(client: KafkaClient, options: ListGroupsOptions = {}): Promise<ListedGroups> {
  const nowMs = client.environment.clock.nowMs();
  await client.assign('any', nowMs + (options.timeoutMs ?? client.config.defaultApiTimeoutMs), 'findAllBrokers');
  await client.refreshNodes();
  const groups = new Map<string, GroupListing>();
  const errors: Error[] = [];
  await Promise.all(
    [...client.metadata.brokers.keys()].map(async (brokerId) => {
      try {
        for (const group of await listAt(client, brokerId, options)) groups.set(group.groupId, group);
      } catch (error) {
        errors.push(error instanceof Error ? error : new Error(String(error)));
      }
    }),
  );
  return { groups: [...groups.values()], errors };
}

async function listAt(client: KafkaClient, brokerId: number, options: ListGroupsOptions): Promise<GroupListing[]> {
  const { states = [], types = [], protocolTypes = [] } = options;
  const response = await client.call({
    name: options.callName ?? 'listGroups',
    node: brokerId,
    timeoutMs: options.timeoutMs,
    attempt: async (connection, timeoutMs) => {
      const version = connection.versions.choose(listGroupsRequest);
      const body = {
        ...(states.length > 0 ? { statesFilter: states } : {}),
        ...(types.length > 0 ? { typesFilter: typesFor(version, types) } : {}),
      };
      const answer = await connection.send(listGroupsRequest, listGroupsResponse, body, { timeoutMs });
      const error = errorOf(answer.errorCode);
      if (error !== undefined) throw error;
      return answer;
    },
  });
  return response.groups
    .filter((group) => protocolTypes.length === 0 || protocolTypes.includes(group.protocolType))
    .map(({ groupId, protocolType, groupState, groupType }) => ({ groupId, protocolType, groupState, groupType }));
}

// A broker from before KIP-848 has classic groups only: asking for those needs no filter.
function typesFor(version: number, types: readonly string[]): readonly string[] {
  return version < 5 && types.some((type) => type.toLowerCase() === 'classic') ? [] : types;
}
