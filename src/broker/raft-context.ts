import type { RaftRequestContext } from '../raft/raft-types.ts';
import type { RequestContext } from './handler.ts';

/** What the raft layer wants to know of a request. */
export function raftContext(context: RequestContext): RaftRequestContext {
  return { listenerName: context.listener.name, apiVersion: context.apiVersion };
}
