import { KafkaError } from '../base/kafka-error.ts';
import { type AlteredResource, checkAlteredResource } from '../metadata/configs/alter-checks.ts';
import type { AlterResult } from '../metadata/controller/config-changes.ts';
import type { ControllerReply } from '../metadata/controller/controller.ts';
import type { ControllerApi, RequestOrigin } from '../metadata/controller/controller-api.ts';
import type { Fields } from '../protocol/schema.ts';
import type { PassedOn } from './forwarder.ts';
import { type HandlerError, handlerError, type RequestContext } from './handler.ts';
import type { BrokerServices } from './services.ts';

/**
 * What AlterConfigs and IncrementalAlterConfigs have in common: the broker's own checks of every resource, then the
 * controller for those that pass, and the results of both in the order of the request.
 * @param alter asks the controller, with the resources that are left
 */
export function alterConfigs<R extends AlteredResource>(
  services: Pick<BrokerServices, 'image' | 'config' | 'nodeId'>,
  resources: readonly R[],
  context: Pick<RequestContext, 'listener' | 'isForwarded'>,
  isLegacy: boolean,
  alter: (passed: R[], reply: (result: readonly AlterResult[] | KafkaError) => void) => void,
  reply: { (response: { responses: readonly AlterResult[] }): void; fail(error: unknown): void },
): void {
  const { image, config } = services;
  // A request that another broker passed on was for that one to check.
  const isForThisNode = context.listener.type === 'broker' && !context.isForwarded;
  const nodeId = isForThisNode ? services.nodeId : undefined;
  const counts = new Map<string, number>();
  for (const resource of resources) counts.set(keyOf(resource), (counts.get(keyOf(resource)) ?? 0) + 1);
  const refused = new Map<R, AlterResult>();
  for (const resource of resources) {
    try {
      if (counts.get(keyOf(resource)) !== 1) {
        throw new KafkaError('INVALID_REQUEST', 'Each resource must appear at most once.');
      }
      checkAlteredResource(resource, { image, config, nodeId, isLegacy });
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      const { code, message } = handlerError(error);
      const { resourceType, resourceName } = resource;
      refused.set(resource, { resourceType, resourceName, errorCode: code, errorMessage: message });
    }
  }
  const passed = resources.filter((resource) => !refused.has(resource));
  const finish = (results: readonly AlterResult[]): void => {
    const answers = new Map(passed.map((resource, i) => [resource, results[i]]));
    const responses = resources.flatMap((resource) => refused.get(resource) ?? answers.get(resource) ?? []);
    reply({ responses });
  };
  if (passed.length === 0) {
    finish([]);
    return;
  }
  alter(passed, (result) => (result instanceof KafkaError ? reply.fail(result) : finish(result)));
}

/** How the controller is asked, in this process or in another. */
interface Question<Q extends Fields, P extends Fields>
  extends Pick<PassedOn<Q, P, readonly AlterResult[]>, 'request' | 'response' | 'body' | 'context' | 'remote'> {
  local(controller: ControllerApi, origin: RequestOrigin, done: ControllerReply<readonly AlterResult[]>): void;
}

/** What came in by a controller's listener is for this node's controller; everything else is for the active one. */
export function askController<Q extends Fields, P extends Fields>(
  { controller, forwarder }: Pick<BrokerServices, 'controller' | 'forwarder'>,
  { local, ...question }: Question<Q, P>,
  done: ControllerReply<readonly AlterResult[]>,
): void {
  const { listener, isForwarded } = question.context;
  if (listener.type === 'controller') {
    local(controller, { isForwarded }, done);
    return;
  }
  forwarder.passOn({
    ...question,
    local: (active, result) => local(active, { isForwarded: true }, result),
    done,
    failed: done,
  });
}

/** The response that says that every resource of the request failed. */
export function refuseAlterations(
  { code, message }: HandlerError,
  { resources }: { readonly resources: readonly AlteredResource[] },
): { responses: AlterResult[] } {
  const responses = resources.map(({ resourceType, resourceName }) => {
    return { resourceType, resourceName, errorCode: code, errorMessage: message };
  });
  return { responses };
}

function keyOf({ resourceType, resourceName }: AlteredResource): string {
  return `${resourceType}:${resourceName}`;
}
