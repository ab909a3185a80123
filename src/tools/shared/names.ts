import { listGroups } from '../../client/admin/groups.ts';
import { listTopics } from '../../client/admin/topics.ts';
import { withAdmin } from './admin-session.ts';
import type { ToolIo } from './tool.ts';

/** Long enough for a living cluster; without an answer a name is typed. */
const QUICK = new Map([
  ['request.timeout.ms', '5000'],
  ['default.api.timeout.ms', '5000'],
]);

/** Looks up topics and consumer groups of a cluster, sorted and without internal ones, for a person to choose from. */
export function clusterNames(
  io: ToolIo,
  bootstrapServer: string | undefined,
  commandConfig?: string,
): { topic: () => Promise<string[]>; group: () => Promise<string[]> } {
  const address = { bootstrapServer, commandConfig, properties: QUICK };
  return {
    topic: async () => {
      const topics = await withAdmin(io, address, (admin) => listTopics(admin, { listInternal: false }));
      return topics.map(({ name }) => name).sort();
    },
    group: async () => {
      const { groups } = await withAdmin(io, address, (admin) => listGroups(admin));
      return groups.map(({ groupId }) => groupId).sort();
    },
  };
}
