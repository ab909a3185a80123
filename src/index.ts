/**
 * The public API of ottla: a Kafka broker inside this process, or a cluster of several as processes of their own.
 *
 *     const broker = await startBroker({ topics: [{ name: 'orders', partitions: 3 }] });
 *     // … any Kafka client, with broker.bootstrapServers …
 *     await broker.close();
 *
 *     const cluster = await startCluster({ brokers: 3, topics: ['orders'] });
 *     await cluster.kill(1);
 *     // … the client goes on with the others …
 *     await cluster.close();
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from './base/logger.ts';
import type { TopicDefinition } from './broker/broker-options.ts';
import { BrokerServer } from './broker/broker-server.ts';

export { KafkaError } from './base/kafka-error.ts';
export type { Logger } from './base/logger.ts';
export type { TopicDefinition } from './broker/broker-options.ts';
export { ClusterError, type NodeRole } from './cluster/layout.ts';
export type { NodeState } from './cluster/node-process.ts';
export {
  type ClusterNode,
  type ClusterTopic,
  type RunningCluster,
  type StartClusterOptions,
  startCluster,
} from './cluster/running-cluster.ts';

/** How {@link startBroker} starts a broker. Everything has a default. */
export interface StartBrokerOptions {
  /** TCP port of the listener; default 0, any free port. */
  readonly port?: number;
  /**
   * Host that the listener is bound to; default `localhost`, both loopback addresses. `0.0.0.0` is every address; clients
   * are then told the address by which they came, unless `advertised.listeners` is configured.
   */
  readonly host?: string;
  /**
   * Folder of the broker's data, in Apache Kafka's format; made and formatted when it is new. Default: a temporary one
   * that is removed when the broker is closed.
   */
  readonly dataDir?: string;
  /** Whether `dataDir` is removed when the broker is closed; default true without a dataDir, else false. */
  readonly ephemeral?: boolean;
  /** Of a new folder; an existing folder must have it. Default: random. */
  readonly clusterId?: string;
  /**
   * Broker properties by Kafka's names, e.g. `{ 'num.partitions': 3, 'auto.create.topics.enable': false }`. `listeners` and
   * `log.dirs` among them take the place of port, host and dataDir.
   */
  readonly config?: Readonly<Record<string, string | number | boolean>>;
  /** Topics that are there when the broker is ready; existing ones are left as they are. */
  readonly topics?: readonly (TopicDefinition | string)[];
  /** Where the broker reports to; default: nowhere. */
  readonly logger?: Logger;
  /** Called when the broker cannot go on, e.g. because its disk failed; it serves nobody any more by then. */
  readonly onFatal?: (error: unknown) => void;
}

/** A broker that is running in this process. */
export interface Broker {
  readonly nodeId: number;
  readonly clusterId: string;
  /** `host:port` for clients on this machine. */
  readonly bootstrapServers: string;
  /** The host of bootstrapServers. */
  readonly host: string;
  /** The port that the broker listens on. */
  readonly port: number;
  /** Absolute path of the data folder. */
  readonly dataDir: string;
  /** Stops cleanly; resolved when everything is on disk and the folder is free. May be called more than once. */
  close(): Promise<void>;
}

/**
 * Starts a broker in this process; resolved when clients can use it.
 *
 * Throws KafkaError with a message for people: `errorName` is INVALID_CONFIG for a property that Kafka does not take or a
 * folder that belongs to another node or cluster, KAFKA_STORAGE_ERROR for a folder that is in use, not writable or on a
 * full disk, NETWORK_EXCEPTION for a port that cannot be bound.
 */
export async function startBroker(options: StartBrokerOptions = {}): Promise<Broker> {
  const isEphemeral = options.ephemeral ?? options.dataDir === undefined;
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'ottla-'));
  const remove = (): void => {
    if (isEphemeral) rmSync(dataDir, { recursive: true, force: true });
  };
  let server: BrokerServer;
  try {
    server = await BrokerServer.start({
      properties: brokerProperties(options, dataDir),
      clusterId: options.clusterId,
      topics: (options.topics ?? []).map((topic) => (typeof topic === 'string' ? { name: topic } : topic)),
      ...(options.logger === undefined ? {} : { environment: { logger: options.logger } }),
      ...(options.onFatal === undefined ? {} : { onFatal: options.onFatal }),
    });
  } catch (error) {
    remove();
    throw error;
  }
  const { bootstrapServers } = server;
  return {
    nodeId: server.node.nodeId,
    clusterId: server.clusterId,
    bootstrapServers,
    host: bootstrapServers.slice(0, bootstrapServers.lastIndexOf(':')),
    port: server.port(),
    dataDir: server.node.logDirs[0] ?? dataDir,
    async close() {
      await server.close();
      remove();
    },
  };
}

function brokerProperties(options: StartBrokerOptions, dataDir: string): Map<string, string> {
  const { host = 'localhost', port = 0, config = {} } = options;
  const properties = new Map([
    ['listeners', `PLAINTEXT://${host.includes(':') ? `[${host}]` : host}:${port}`],
    ['log.dirs', dataDir],
  ]);
  for (const [name, value] of Object.entries(config)) properties.set(name, String(value));
  return properties;
}
