/** IncrementalAlterConfigs, key 44, versions 0-1 (KIP-339): set, delete, append to and subtract from single configs. */
import {
  incrementalAlterConfigsRequest,
  incrementalAlterConfigsResponse,
} from '../../protocol/messages/44-incremental-alter-configs.ts';
import { alterConfigs, askController, refuseAlterations } from '../alter-configs.ts';
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
        askController(
          services,
          {
            request: incrementalAlterConfigsRequest,
            response: incrementalAlterConfigsResponse,
            body,
            context,
            local: (controller, origin, result) => controller.incrementalAlterConfigs(body, origin, result),
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
