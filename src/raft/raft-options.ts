import type { Clock } from '../base/clock.ts';
import type { FileSystem } from '../base/file-system.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { Uuid } from '../base/uuid.ts';
import type { RaftConfig } from './raft-config.ts';
import type { RaftEndpoint, RaftTransport } from './raft-types.ts';

/** Everything that a raft node is made of. */
export interface RaftNodeOptions {
  readonly nodeId: number;
  /** directory.id of the metadata dir, from its meta.properties. */
  readonly directoryId: Uuid;
  readonly clusterId: string;
  /** Path of `__cluster_metadata-0`; created when missing. */
  readonly directory: string;
  readonly config: RaftConfig;
  /** Whether the node has the controller role. A node without it is an observer for ever. */
  readonly canBecomeVoter: boolean;
  /** controller.quorum.bootstrap.servers, host and port; asked while nobody is known. */
  readonly bootstrapServers: readonly { readonly host: string; readonly port: number }[];
  /** controller.quorum.voters of a static quorum (kraft.version 0); empty for a dynamic one. */
  readonly staticVoters: readonly { readonly id: number; readonly host: string; readonly port: number }[];
  /** This node's advertised controller listeners; empty on a broker-only node. */
  readonly localListeners: readonly RaftEndpoint[];
  /** The listener on which this node dials others: the first of controller.listener.names. */
  readonly listenerName: string;
  readonly transport: RaftTransport;
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Called once when the node can no longer go on (disk failure, lost committed data); it has stopped by then. */
  readonly onFatal: (error: unknown) => void;
}
