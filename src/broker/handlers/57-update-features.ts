/** UpdateFeatures, key 57, versions 0-2 (KIP-584, KIP-1022). */
import { updateFeaturesRequest, updateFeaturesResponse } from '../../protocol/messages/57-update-features.ts';
import { split } from '../controller-host.ts';
import { defineHandler } from '../handler.ts';

export const updateFeatures = defineHandler({
  request: updateFeaturesRequest,
  response: updateFeaturesResponse,
  listeners: ['broker', 'controller'],
  forwarded: true,
  handle(services, request, { apiVersion }, reply) {
    services.controller.updateFeatures(request, apiVersion, split(reply, reply.fail));
  },
  errorResponse: (error) => ({ errorCode: error.code, errorMessage: error.message, results: [] }),
});
