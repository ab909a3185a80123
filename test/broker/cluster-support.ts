import { join } from 'node:path';
import { afterEach } from 'vitest';
import { BrokerServer } from '../../src/broker/broker-server.ts';
import { freePort, removeFolder, temporaryFolder, until } from '../support/processes.ts';
import { connectTo, type KafkaConnection } from '../support/raw-client.ts';

/** How a node of a test differs from the others. */
export interface TestNode {
  readonly id: number;
  readonly roles: string;
  readonly properties?: Readonly<Record<string, string>>;
}

const DIRECTORY_IDS = ['AAAAAAAAAAAAAAAAAAABAQ', 'AAAAAAAAAAAAAAAAAAABAg', 'AAAAAAAAAAAAAAAAAAABAw'];
export const CLUSTER_ID = 'AAAAAAAAAAAAAAAAAAABAA';

/** Elections within a fraction of a second, so that tests are short. */
const QUICK = {
  'controller.quorum.election.timeout.ms': '150',
  'controller.quorum.election.backoff.max.ms': '100',
  'controller.quorum.fetch.timeout.ms': '500',
  'broker.heartbeat.interval.ms': '100',
  'broker.session.timeout.ms': '1000',
};

/** Several nodes in this process, on real sockets of this machine; closed after each test. */
export function clusters() {
  const opened = new Set<BrokerServer>();
  const connections: KafkaConnection[] = [];
  const folders: string[] = [];
  afterEach(async () => {
    for (const connection of connections.splice(0)) connection.close();
    // Brokers take their leave of a controller.
    const nodes = [...opened];
    opened.clear();
    await Promise.all(nodes.filter(({ node }) => node.roles.has('broker')).map((node) => node.close()));
    await Promise.all(nodes.map((node) => node.close()));
    for (const folder of folders.splice(0)) removeFolder(folder);
  });

  /**
   * Plans a cluster whose controllers are its first voters; nothing is started yet.
   * @param isStatic whether they are named by controller.quorum.voters (kraft.version 0)
   */
  const plan = async (nodes: readonly TestNode[], isStatic = false) => {
    const folder = temporaryFolder();
    folders.push(folder);
    const controllers = nodes.filter(({ roles }) => roles.includes('controller'));
    const ports = new Map<number, number>();
    for (const { id } of controllers) ports.set(id, await freePort());
    const initialControllers = controllers.map(({ id }, i) => {
      return { id, host: 'localhost', port: ports.get(id) ?? 0, directoryId: DIRECTORY_IDS[i] ?? '' };
    });
    const servers = initialControllers.map(({ host, port }) => `${host}:${port}`).join(',');
    const voters = initialControllers.map(({ id, host, port }) => `${id}@${host}:${port}`).join(',');
    const propertiesOf = ({ id, roles, properties = {} }: TestNode): Map<string, string> => {
      const broker = roles.includes('broker') ? ['PLAINTEXT://localhost:0'] : [];
      const controller = roles.includes('controller') ? [`CONTROLLER://localhost:${ports.get(id)}`] : [];
      return new Map(
        Object.entries({
          'node.id': String(id),
          'process.roles': roles,
          listeners: [...broker, ...controller].join(','),
          'controller.listener.names': 'CONTROLLER',
          ...(isStatic ? { 'controller.quorum.voters': voters } : { 'controller.quorum.bootstrap.servers': servers }),
          'log.dirs': join(folder, String(id)),
          ...QUICK,
          ...properties,
        }),
      );
    };
    /** Starts a node; resolves when it is ready. */
    const start = async (id: number): Promise<BrokerServer> => {
      const node = nodes.find((one) => one.id === id);
      if (node === undefined) throw new RangeError(`no node ${id} is planned`);
      return BrokerServer.start({
        properties: propertiesOf(node),
        clusterId: CLUSTER_ID,
        ...(node.roles.includes('controller') && !isStatic ? { initialControllers } : {}),
        onOpened: (server) => opened.add(server),
      });
    };
    return { start, ports, folder };
  };

  /** Starts all nodes of a plan at once; by id. */
  const startAll = async (nodes: readonly TestNode[]): Promise<Map<number, BrokerServer>> => {
    const { start } = await plan(nodes);
    return new Map(await Promise.all(nodes.map(async ({ id }) => [id, await start(id)] as const)));
  };

  /** Connects to a listener of a node, by default its first one. */
  const connect = async (node: BrokerServer, listenerName?: string): Promise<KafkaConnection> => {
    const connection = await connectTo(`localhost:${node.port(listenerName)}`);
    connections.push(connection);
    return connection;
  };
  /** Closes whatever is open, started or not. */
  const closeAll = async (): Promise<void> => {
    await until('a node is open', () => opened.size > 0);
    await Promise.all([...opened].map((node) => node.close()));
  };
  return { plan, startAll, connect, closeAll };
}

export const THREE_COMBINED: readonly TestNode[] = [1, 2, 3].map((id) => ({ id, roles: 'broker,controller' }));
