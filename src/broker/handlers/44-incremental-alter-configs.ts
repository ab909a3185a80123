/** IncrementalAlterConfigs, key 44, versions 0-1 (KIP-339): set, delete, append to and subtract from single configs. */
import {
  incrementalAlterConfigsRequest,
  incrementalAlterConfigsResponse,
} from '../../protocol/messages/44-incremental-alter-configs.ts';
import { alterConfigs } from '../alter-configs.ts';
import { defineHandler } from '../handler.ts';

export const incrementalAlterConfigs = defineHandler({
  request: incrementalAlterConfigsRequest,
  response: incrementalAlterConfigsResponse,
  listeners: ['broker', 'controller'],
  forwarded: true,
  handle(services, request, context, reply) {
    const isForwarded = context.isForwarded || context.listener.type === 'broker';
    alterConfigs(
      services,
      request.resources,
      context,
      false,
      (resources, done) => {
        services.controller.incrementalAlterConfigs({ ...request, resources }, { isForwarded }, done);
      },
      reply,
    );
  },
  errorResponse: (error, request) => ({
    responses: request.resources.map(({ resourceType, resourceName }) => ({
      resourceType,
      resourceName,
      errorCode: error.code,
      errorMessage: error.message,
    })),
  }),
});
