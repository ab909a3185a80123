import { statfsSync } from 'node:fs';
import { type Clock, systemClock } from '../base/clock.ts';
import { type FileSystem, nodeFileSystem } from '../base/file-system.ts';
import { type Logger, silentLogger } from '../base/logger.ts';
import { type Random, systemRandom } from '../base/random.ts';
import type { Uuid } from '../base/uuid.ts';
import { type Connector, tcpConnector } from '../raft/peer-connection.ts';
import type { BrokerServer } from './broker-server.ts';
import { type ListenFunction, tcpListen } from './tcp-server.ts';

/** A topic that is to be there when the broker is ready. */
export interface TopicDefinition {
  readonly name: string;
  /** Default: the broker's `num.partitions`. */
  readonly partitions?: number;
  /** Default: the broker's `default.replication.factor`. */
  readonly replicationFactor?: number;
  /** Topic configs by Kafka's names, e.g. `cleanup.policy`. */
  readonly configs?: Readonly<Record<string, string>>;
}

/** A voter that the quorum of a new cluster begins with, as in `--initial-controllers ID@HOST:PORT:DIRECTORY_ID`. */
export interface InitialController {
  readonly id: number;
  readonly host: string;
  readonly port: number;
  readonly directoryId: Uuid;
}

/** What the outside world is for a broker: time, chance, disk, and where it reports to. */
export interface BrokerEnvironment {
  readonly clock: Clock;
  readonly random: Random;
  readonly fileSystem: FileSystem;
  readonly logger: Logger;
  /** How other nodes are dialled. */
  readonly connector: Connector;
  /** How the ports of listeners are bound. */
  readonly listen: ListenFunction;
  /** Size of the disk that holds a folder, and what is free on it, in bytes. */
  diskSpace(directory: string): { readonly totalBytes: number; readonly usableBytes: number };
}

/** The machine itself. */
export const systemEnvironment: BrokerEnvironment = {
  clock: systemClock,
  random: systemRandom,
  fileSystem: nodeFileSystem,
  logger: silentLogger,
  connector: tcpConnector,
  listen: tcpListen,
  diskSpace(directory) {
    const { bsize, blocks, bavail } = statfsSync(directory);
    return { totalBytes: bsize * blocks, usableBytes: bsize * bavail };
  },
};

export interface BrokerServerOptions {
  /** Broker properties by Kafka's names, as they stand in server.properties. */
  readonly properties: ReadonlyMap<string, string>;
  /** Of a new folder; an existing one must have it. Default: random for a new folder. */
  readonly clusterId?: string | undefined;
  /** Directory id of a new folder; an existing one must have it. Default: random, or that of the initial controllers. */
  readonly directoryId?: Uuid | undefined;
  /** The first voters of the quorum, for a new folder; this node is one of them. An existing folder knows its voters. */
  readonly initialControllers?: readonly InitialController[] | undefined;
  /** Created before the broker is ready; those that are there already are left alone. */
  readonly topics?: readonly TopicDefinition[];
  readonly environment?: Partial<BrokerEnvironment>;
  /**
   * Called with the broker when its folder and ports are open. It may still wait for a quorum or for other brokers; from
   * now on it can be closed or cut off.
   */
  readonly onOpened?: (broker: BrokerServer) => void;
  /** Called when the broker cannot go on (its metadata log failed); it has stopped serving by then. */
  readonly onFatal?: (error: unknown) => void;
}
