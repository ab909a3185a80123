/** CreateAcls, key 30, versions 1-3. There is no authorizer: SECURITY_DISABLED, as Kafka without one. */
import { KafkaError } from '../../base/kafka-error.ts';
import { createAclsRequest, createAclsResponse } from '../../protocol/messages/30-create-acls.ts';
import { defineHandler } from '../handler.ts';

export const createAcls = defineHandler({
  request: createAclsRequest,
  response: createAclsResponse,
  listeners: ['broker', 'controller'],
  handle() {
    throw new KafkaError('SECURITY_DISABLED', 'No Authorizer is configured.');
  },
  errorResponse: (error, request) => ({
    results: request.creations.map(() => ({ errorCode: error.code, errorMessage: error.message })),
  }),
});
