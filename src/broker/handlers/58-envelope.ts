/**
 * Envelope, key 58, version 0 (KIP-590): a broker passes a client's request on to the active controller, and gets the
 * response as the client is to have it. A controller that is not active says so of the envelope, not in the response.
 */
import { KafkaError } from '../../base/kafka-error.ts';
import { envelopeRequest, envelopeResponse } from '../../protocol/messages/58-envelope.ts';
import { decodePrincipal } from '../forwarder.ts';
import { defineHandler } from '../handler.ts';
import { addressText } from '../host-address.ts';

const SIZE_BYTES = 4;

export const envelope = defineHandler({
  request: envelopeRequest,
  response: envelopeResponse,
  listeners: ['controller'],

  handle(services, { requestData, requestPrincipal, clientHostAddress }, context, reply) {
    const principal = decodePrincipal(requestPrincipal === null ? null : Buffer.from(requestPrincipal));
    const clientAddress = addressText(Buffer.from(clientHostAddress));
    if (clientAddress === undefined) throw new KafkaError('INVALID_REQUEST', 'the client has no IP address');
    services.handleForwarded(Buffer.from(requestData), { principal, clientAddress }, context, {
      send: (chunks) => reply({ responseData: Buffer.concat(chunks).subarray(SIZE_BYTES) }),
      nothing: () => reply({ responseData: null }),
      disconnect: (reason) => reply.disconnect(reason),
      takesError: (error) => {
        if (!(error instanceof KafkaError) || error.errorName !== 'NOT_CONTROLLER') return false;
        reply.fail(error);
        return true;
      },
    });
  },
  errorResponse: (error) => ({ responseData: null, errorCode: error.code }),
});
