import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { GroupCoordinator } from '../groups/group-coordinator.ts';
import type { LogManager } from '../log/log-manager.ts';
import type { BrokerConfig } from '../metadata/configs/broker-config.ts';
import type { ControllerApi } from '../metadata/controller/controller-api.ts';
import type { MetadataImage } from '../metadata/metadata-image.ts';
import type { RaftNode } from '../raft/raft-node.ts';
import type { ClusterView } from './cluster-view.ts';
import type { AdvertisedApi } from './dispatch.ts';
import type { FetchSessionCache } from './fetch-session.ts';
import type { Forwarder } from './forwarder.ts';
import type { ForwardedClient, ListenerType, RequestContext, ResponseSink } from './handler.ts';
import type { NetworkMemory } from './network-memory.ts';
import type { ReplicaManager } from './replica-manager.ts';

/**
 * What a handler may use of the broker it runs in. The members that come from other layers are those layers' own types.
 */
export interface BrokerServices {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly nodeId: number;
  readonly clusterId: string;
  readonly config: BrokerConfig;
  /** `log.dirs`, absolute. */
  readonly logDirs: readonly string[];
  /** The committed metadata; the same object for good. */
  readonly image: MetadataImage;
  /** Offset of the last metadata record that the image holds. */
  metadataOffset(): number;
  /** Who can be reached where, as the sender of a request is to see it. */
  readonly cluster: ClusterView;
  readonly raft: RaftNode;
  /** The way of requests that only the active controller can do, wherever it is. */
  readonly forwarder: Forwarder;
  /** Handles a request that another broker passed on for a client. */
  handleForwarded(frame: Buffer, client: ForwardedClient, envelope: RequestContext, sink: ResponseSink): void;
  /** Answers NOT_CONTROLLER unless this node is the active controller. */
  readonly controller: ControllerApi;
  readonly replicaManager: ReplicaManager;
  readonly logManager: LogManager;
  readonly fetchSessions: FetchSessionCache;
  readonly networkMemory: NetworkMemory;
  readonly groups: GroupCoordinator;
  /** What ApiVersions says on a kind of listener. */
  advertisedApis(listenerType: ListenerType): readonly AdvertisedApi[];
  /**
   * Asks the controller to create topics with the broker's defaults (an internal topic with its own configs), without
   * waiting. Does nothing for those that are there or being created.
   */
  autoCreateTopics(names: readonly string[], context: { readonly principal: { type: string; name: string } }): void;
  /** Size of the disk that holds a folder, and what is free on it, in bytes. */
  diskSpace(directory: string): { readonly totalBytes: number; readonly usableBytes: number };
  /** Gives a producer id out, now or once the controller has handed this broker a block of them. */
  nextProducerId(done: (producerId: number) => void, failed: (error: unknown) => void): void;
}
