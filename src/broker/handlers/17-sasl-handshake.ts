/**
 * SaslHandshake, key 17, versions 0-1. No listener here authenticates by SASL; like Kafka on such listeners it says so
 * with ILLEGAL_SASL_STATE.
 */
import { KafkaError } from '../../base/kafka-error.ts';
import { saslHandshakeRequest, saslHandshakeResponse } from '../../protocol/messages/17-sasl-handshake.ts';
import { defineHandler } from '../handler.ts';

export const saslHandshake = defineHandler({
  request: saslHandshakeRequest,
  response: saslHandshakeResponse,
  listeners: ['broker', 'controller'],
  handle() {
    throw new KafkaError('ILLEGAL_SASL_STATE');
  },
  errorResponse: (error) => ({ errorCode: error.code, mechanisms: [] }),
});
