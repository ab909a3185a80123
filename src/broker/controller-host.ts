import type { Clock } from '../base/clock.ts';
import { KafkaError } from '../base/kafka-error.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { BrokerConfig } from '../metadata/configs/broker-config.ts';
import type { ControllerReply } from '../metadata/controller/controller.ts';
import { ControllerApi } from '../metadata/controller/controller-api.ts';
import type { MetadataLoader } from '../metadata/metadata-loader.ts';
import { decodeMetadataRecord, type MetadataRecord } from '../metadata/metadata-record.ts';
import type { RaftNode } from '../raft/raft-node.ts';
import type { LeaderAndEpoch } from '../raft/raft-types.ts';

export interface ControllerHostOptions {
  readonly nodeId: number;
  readonly clusterId: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly config: BrokerConfig;
  readonly raft: RaftNode;
  readonly loader: MetadataLoader;
  /** Of the broker in this process. */
  readonly incarnationId: string;
  /** This node leads the quorum but cannot be the active controller: it lacks features that the cluster has. */
  readonly onFatal: (error: unknown) => void;
}

/** Runs the controller on this node's metadata log: active while the node leads the quorum. */
export class ControllerHost {
  readonly #options: ControllerHostOptions;
  #bootstrapRecords: MetadataRecord[] | undefined;
  readonly #controller: ControllerApi;

  constructor(options: ControllerHostOptions) {
    this.#options = options;
    this.#controller = this.#create();
  }

  /** Answers NOT_CONTROLLER while it is not active. */
  get controller(): ControllerApi {
    return this.#controller;
  }

  #create(): ControllerApi {
    const { nodeId, clusterId, clock, random, logger, config, raft, incarnationId } = this.#options;
    const controller = new ControllerApi({
      nodeId,
      clusterId,
      clock,
      random,
      logger,
      config,
      append: (epoch, values) => raft.append(epoch, values),
      logEndOffset: () => raft.logEndOffset,
      quorumNodeIds: () => raft.status.voters.map(({ id }) => id),
      kraftVersion: {
        level: () => raft.status.kraftVersion,
        raise: (epoch, level, isValidationOnly) => void raft.upgradeKRaftVersion(epoch, level, isValidationOnly),
      },
      bootstrapRecords: () => this.#bootstrapRecords,
    });
    controller.ownBrokerIncarnationId = incarnationId;
    return controller;
  }

  /** What the folder was formatted with. */
  bootstrap(values: readonly Buffer[]): void {
    this.#bootstrapRecords = values.map(decodeMetadataRecord);
  }

  leaderChanged({ leaderId, epoch }: LeaderAndEpoch): void {
    const { nodeId, raft, loader, onFatal } = this.#options;
    if (leaderId !== nodeId) {
      this.#controller.deactivate();
      return;
    }
    try {
      this.#controller.activate(epoch, loader.image, loader.isInTransaction);
    } catch (error) {
      raft.resign(epoch);
      onFatal(error);
    }
  }

  /** The committed log has been applied up to where the loader says. */
  committed(): void {
    this.#controller.handleCommitted(this.#options.loader.lastAppliedOffset);
  }

  close(): void {
    this.#controller.deactivate();
  }
}

/** A reply that the controller takes, from one for the response and one for the error. */
export function split<T>(done: (response: T) => void, failed: (error: KafkaError) => void): ControllerReply<T> {
  return (result) => (result instanceof KafkaError ? failed(result) : done(result));
}
