/** DescribeAcls, key 29, versions 1-3. There is no authorizer: SECURITY_DISABLED, as Kafka without one. */
import { KafkaError } from '../../base/kafka-error.ts';
import { describeAclsRequest, describeAclsResponse } from '../../protocol/messages/29-describe-acls.ts';
import { defineHandler } from '../handler.ts';

export const describeAcls = defineHandler({
  request: describeAclsRequest,
  response: describeAclsResponse,
  listeners: ['broker', 'controller'],
  handle() {
    throw new KafkaError('SECURITY_DISABLED', 'No Authorizer is configured on the broker');
  },
  errorResponse: (error) => ({ errorCode: error.code, errorMessage: error.message }),
});
