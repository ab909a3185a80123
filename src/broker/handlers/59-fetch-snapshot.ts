/** FetchSnapshot, key 59, versions 0-1 (KIP-630): a piece of a snapshot of the metadata log. */
import { fetchSnapshotRequest, fetchSnapshotResponse } from '../../protocol/messages/59-fetch-snapshot.ts';
import { defineHandler } from '../handler.ts';
import { raftContext } from '../raft-context.ts';

export const fetchSnapshot = defineHandler({
  request: fetchSnapshotRequest,
  response: fetchSnapshotResponse,
  listeners: ['controller'],
  handle(services, request, context, reply) {
    services.raft.handleFetchSnapshot(request, raftContext(context), reply);
  },
  errorResponse: (error) => ({ errorCode: error.code }),
});
