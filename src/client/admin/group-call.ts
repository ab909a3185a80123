import { KafkaError } from '../../base/kafka-error.ts';
import type { KafkaClient } from '../client.ts';
import type { Connection } from '../connection.ts';
import { namedError } from '../errors.ts';
import { keyedCall } from '../keyed-call.ts';
import { CoordinatorType, lookUpCoordinators } from '../lookups.ts';
import type { CallOptions, Result, Results } from '../types.ts';

/** Runs a call for one group and throws when the group as a whole refuses. */
export async function groupCall(
  client: KafkaClient,
  name: string,
  api: string,
  groupId: string,
  options: CallOptions,
  attempt: (connection: Connection, timeoutMs: number) => Promise<Result<Results<string, undefined>>>,
): Promise<Results<string, undefined>> {
  const results = await keyedCall<string, Results<string, undefined>>(client, {
    name,
    api,
    lookupApi: 'FIND_COORDINATOR',
    keys: new Map([[groupId, groupId]]),
    timeoutMs: options.timeoutMs,
    lookup: lookUpCoordinators(CoordinatorType.GROUP),
    attempt: async (connection, _keys, timeoutMs) => new Map([[groupId, await attempt(connection, timeoutMs)]]),
  });
  const result = results.get(groupId) ?? namedError('UNKNOWN_SERVER_ERROR');
  if (result instanceof KafkaError) throw result;
  return result;
}
