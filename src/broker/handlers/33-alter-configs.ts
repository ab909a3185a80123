/** AlterConfigs, key 33, versions 0-2: the old form, in which what is not named goes. */
import { alterConfigsRequest, alterConfigsResponse } from '../../protocol/messages/33-alter-configs.ts';
import { alterConfigs as alterAll } from '../alter-configs.ts';
import { defineHandler } from '../handler.ts';

export const alterConfigs = defineHandler({
  request: alterConfigsRequest,
  response: alterConfigsResponse,
  listeners: ['broker', 'controller'],
  forwarded: true,
  forwardsItself: true,
  handle(services, request, context, reply) {
    alterAll(
      services,
      request.resources,
      context,
      true,
      (resources, done) => {
        const body = { ...request, resources };
        if (context.listener.type === 'controller') {
          services.controller.legacyAlterConfigs(body, { isForwarded: context.isForwarded }, done);
          return;
        }
        services.forwarder.passOn({
          request: alterConfigsRequest,
          response: alterConfigsResponse,
          body,
          context,
          local: (controller, result) => controller.legacyAlterConfigs(body, { isForwarded: true }, result),
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
