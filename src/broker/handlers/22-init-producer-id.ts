/**
 * InitProducerId, key 22, versions 0-5 (6 is unstable): a producer id for an idempotent producer, from the block of ids
 * that the controller gave this broker. A transactional id needs a transaction coordinator, which there is none of.
 */
import { KafkaError } from '../../base/kafka-error.ts';
import { initProducerIdRequest, initProducerIdResponse } from '../../protocol/messages/22-init-producer-id.ts';
import { defineHandler } from '../handler.ts';

const NONE = -1;

export const initProducerId = defineHandler({
  request: initProducerIdRequest,
  response: initProducerIdResponse,
  versions: { min: 0, max: 5 },
  listeners: ['broker'],
  handle(services, request, _context, reply) {
    const { transactionalId, producerId, producerEpoch } = request;
    if ((producerId === NONE) !== (producerEpoch === NONE) || transactionalId === '') {
      throw new KafkaError('INVALID_REQUEST');
    }
    if (transactionalId !== null) throw new KafkaError('UNSUPPORTED_VERSION');
    services.nextProducerId((id) => reply({ producerId: id, producerEpoch: 0 }), reply.fail);
  },
  errorResponse: (error) => ({ errorCode: error.code, producerId: NONE, producerEpoch: NONE }),
});
