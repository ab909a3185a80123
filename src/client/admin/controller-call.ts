import { ErrorCode } from '../../protocol/error-codes.ts';
import type { DecodedFields, Fields } from '../../protocol/schema.ts';
import type { KafkaClient, RequestCall } from '../client.ts';
import { namedError } from '../errors.ts';

type ControllerCall<Q extends Fields, P extends Fields> = Omit<RequestCall<Q, P>, 'node'> & {
  /** The error codes of an answer. */
  readonly errorCodes: (response: DecodedFields<P>) => readonly number[];
};

/**
 * A request that the controller decides. Any broker hands it on; a node that answers NOT_CONTROLLER (a controller that
 * is not the active one, or a broker of an old cluster) brings another attempt at whom the metadata then names.
 */
export function requestOfController<Q extends Fields, P extends Fields>(
  client: KafkaClient,
  call: ControllerCall<Q, P>,
): Promise<DecodedFields<P>> {
  const { request, response, body, errorCodes, minVersion, maxVersion } = call;
  return client.call({
    ...call,
    node: 'controller',
    attempt: async (connection, timeoutMs) => {
      const answer = await connection.send(request, response, (version: number) => body(timeoutMs, version), {
        timeoutMs,
        minVersion,
        maxVersion,
      });
      if (errorCodes(answer).includes(ErrorCode.NOT_CONTROLLER)) throw namedError('NOT_CONTROLLER');
      return answer;
    },
  });
}
