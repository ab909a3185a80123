/** AssignReplicasToDirs, key 73, version 0 (KIP-858): a broker says in which folders its replicas are. */
import {
  assignReplicasToDirsRequest,
  assignReplicasToDirsResponse,
} from '../../protocol/messages/73-assign-replicas-to-dirs.ts';
import { split } from '../controller-host.ts';
import { defineHandler } from '../handler.ts';

export const assignReplicasToDirs = defineHandler({
  request: assignReplicasToDirsRequest,
  response: assignReplicasToDirsResponse,
  listeners: ['controller'],

  handle(services, request, _context, reply) {
    services.controller.assignReplicasToDirs(request, split(reply, reply.fail));
  },
  errorResponse: (error) => ({ errorCode: error.code }),
});
