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
  forwardsItself: true,
  handle(services, request, context, reply) {
    alterConfigs(
      services,
      request.resources,
      context,
      false,
      (resources, done) => {
        const body = { ...request, resources };
        if (context.listener.type === 'controller') {
          services.controller.incrementalAlterConfigs(body, { isForwarded: context.isForwarded }, done);
          return;
        }
        services.forwarder.passOn({
          request: incrementalAlterConfigsRequest,
          response: incrementalAlterConfigsResponse,
          body,
          context,
          local: (controller, result) => controller.incrementalAlterConfigs(body, { isForwarded: true }, result),
          remote: ({ responses }) => responses,
          done,
          failed: done,
        });
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
