/** DeleteAcls, key 31, versions 1-3. There is no authorizer: SECURITY_DISABLED, as Kafka without one. */
import { KafkaError } from '../../base/kafka-error.ts';
import { deleteAclsRequest, deleteAclsResponse } from '../../protocol/messages/31-delete-acls.ts';
import { defineHandler } from '../handler.ts';

export const deleteAcls = defineHandler({
  request: deleteAclsRequest,
  response: deleteAclsResponse,
  listeners: ['broker', 'controller'],
  handle() {
    throw new KafkaError('SECURITY_DISABLED', 'No Authorizer is configured.');
  },
  errorResponse: (error, request) => ({
    filterResults: request.filters.map(() => ({ errorCode: error.code, errorMessage: error.message })),
  }),
});
