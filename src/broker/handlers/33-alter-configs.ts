/** AlterConfigs, key 33, versions 0-2: the old form, in which what is not named goes. */
import { alterConfigsRequest, alterConfigsResponse } from '../../protocol/messages/33-alter-configs.ts';
import { alterConfigs as alterAll } from '../alter-configs.ts';
import { defineHandler } from '../handler.ts';

export const alterConfigs = defineHandler({
  request: alterConfigsRequest,
  response: alterConfigsResponse,
  listeners: ['broker', 'controller'],
  forwarded: true,
  handle(services, request, context, reply) {
    const isForwarded = context.isForwarded || context.listener.type === 'broker';
    alterAll(
      services,
      request.resources,
      context,
      true,
      (resources, done) => {
        services.controller.legacyAlterConfigs({ ...request, resources }, { isForwarded }, done);
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
