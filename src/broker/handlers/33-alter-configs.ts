/** AlterConfigs, key 33, versions 0-2: the old form, in which what is not named goes. */
import { alterConfigsRequest, alterConfigsResponse } from '../../protocol/messages/33-alter-configs.ts';
import { alterConfigs as alterAll, askController, refuseAlterations } from '../alter-configs.ts';
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
        askController(
          services,
          {
            request: alterConfigsRequest,
            response: alterConfigsResponse,
            body,
            context,
            local: (controller, origin, result) => controller.legacyAlterConfigs(body, origin, result),
            remote: ({ responses }) => responses,
          },
          done,
        );
      },
      reply,
    );
  },
  errorResponse: refuseAlterations,
});
