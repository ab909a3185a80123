import type { Clock } from '../base/clock.ts';
import { KafkaError } from '../base/kafka-error.ts';
import type { RaftTransport } from '../raft/raft-types.ts';

/** The transport of a node that is alone: nobody else can be reached. */
export function unreachableTransport(clock: Clock): RaftTransport {
  return {
    send(destination, _api, _request, _timeoutMs, done) {
      const error = new KafkaError('BROKER_NOT_AVAILABLE', `node ${destination.id} cannot be reached`);
      clock.schedule(0, () => done({ error }));
    },
  };
}
