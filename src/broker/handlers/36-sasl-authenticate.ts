/** SaslAuthenticate, key 36, versions 0-2: as SaslHandshake, refused where no SASL is. */
import { KafkaError } from '../../base/kafka-error.ts';
import { saslAuthenticateRequest, saslAuthenticateResponse } from '../../protocol/messages/36-sasl-authenticate.ts';
import { defineHandler } from '../handler.ts';

export const saslAuthenticate = defineHandler({
  request: saslAuthenticateRequest,
  response: saslAuthenticateResponse,
  listeners: ['broker', 'controller'],
  handle() {
    throw new KafkaError('ILLEGAL_SASL_STATE', 'SaslAuthenticate request received after successful authentication');
  },
  errorResponse: (error) => ({ errorCode: error.code, errorMessage: error.message }),
});
