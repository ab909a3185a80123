import { KafkaError } from '../../base/kafka-error.ts';
import type {
  AllocateProducerIdsRequest,
  AllocateProducerIdsResponseInput,
} from '../../protocol/messages/67-allocate-producer-ids.ts';
import { metadataRecord } from '../metadata-record.ts';
import { checkBrokerEpoch } from './brokers.ts';
import type { ControllerState, Decision } from './controller-state.ts';

/** How many producer ids a broker gets at a time. */
export const PRODUCER_ID_BLOCK_SIZE = 1000;

/** AllocateProducerIds: a block of ids that nobody else gets. Throws KafkaError STALE_BROKER_EPOCH. */
export function decideAllocateProducerIds(
  state: ControllerState,
  { brokerId, brokerEpoch }: AllocateProducerIdsRequest,
): Decision<AllocateProducerIdsResponseInput> {
  checkBrokerEpoch(state, brokerId, brokerEpoch);
  const producerIdStart = state.image.nextProducerId;
  const nextProducerId = producerIdStart + PRODUCER_ID_BLOCK_SIZE;
  if (!Number.isSafeInteger(nextProducerId)) {
    throw new KafkaError(
      'UNKNOWN_SERVER_ERROR',
      "Exhausted all producerIds as the next block's end producerId has exceeded the int64 type limit",
    );
  }
  return {
    records: [metadataRecord('ProducerIdsRecord', { brokerId, brokerEpoch, nextProducerId })],
    response: { producerIdStart, producerIdLen: PRODUCER_ID_BLOCK_SIZE },
  };
}
