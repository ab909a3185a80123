import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import type { Uuid } from '../../base/uuid.ts';
import { MIGRATING_DIRECTORY, UNASSIGNED_DIRECTORY } from '../../base/uuid.ts';
import type { BrokerConfig } from '../configs/broker-config.ts';
import { type BrokerLayers, effectiveTopicConfig } from '../configs/topic-config.ts';
import { ELR_VERSION } from '../features.ts';
import { type MetadataImage, RESOURCE_BROKER, RESOURCE_TOPIC, type TopicImage } from '../metadata-image.ts';
import type { MetadataRecord } from '../metadata-record.ts';
import { isActive } from '../registrations.ts';
import type { BrokerSessions } from './broker-sessions.ts';

/** kraft.version (KIP-853) stands in control records: the layer below has it, and raises it. */
export interface KRaftVersionAccess {
  /** The present level, also when it is not committed yet. */
  readonly level: () => number;
  /**
   * Appends what raises it to `level`; nothing when it is there already, or with `isValidationOnly`.
   * Throws KafkaError: INVALID_UPDATE_VERSION while a voter does not support the level; NOT_LEADER_OR_FOLLOWER when
   * this node does not lead in `epoch`.
   */
  readonly raise: (epoch: number, level: number, isValidationOnly: boolean) => void;
}

/** What the deciding functions of the controller see. Only the controller changes it, by applying records. */
export interface ControllerState {
  readonly nodeId: number;
  readonly clusterId: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Configs of the node that the controller runs on. */
  readonly config: BrokerConfig;
  /** All records that were decided, committed or not yet. */
  readonly image: MetadataImage;
  readonly sessions: BrokerSessions;
  /** Offset of the record that registered each broker; for those that this controller knows. */
  readonly registrationOffsets: Map<number, number>;
  /** Offset that the next record gets. */
  nextOffset(): number;
  /** Ids of the voters. */
  quorumNodeIds(): readonly number[];
  /** The epoch in which this controller is the active one. */
  readonly epoch: number;
  readonly kraftVersion: KRaftVersionAccess;
  /** Which incarnation the broker in this process is; undefined without one. */
  ownIncarnationId(): Uuid | undefined;
}

/** What a request comes to: records to write, and the answer once they are committed. */
export interface Decision<T> {
  readonly records: readonly MetadataRecord[];
  readonly response: T;
  /** Whether the records must not be split over several batches however many they are. */
  readonly isAtomic?: boolean;
}

export function isElrEnabled(image: MetadataImage): boolean {
  return image.featureLevel(ELR_VERSION) >= 1;
}

/** What is in force on the controller's node, uncommitted changes included. */
export function controllerLayers(state: ControllerState): BrokerLayers {
  return {
    dynamicBrokerProperties: state.image.configs(RESOURCE_BROKER, String(state.nodeId)),
    dynamicDefaultProperties: state.image.configs(RESOURCE_BROKER, ''),
    staticProperties: state.config.staticProperties,
  };
}

function topicConfigText(state: ControllerState, topicName: string, name: string): string {
  const own = state.image.configs(RESOURCE_TOPIC, topicName);
  return effectiveTopicConfig(name, own, controllerLayers(state)).value ?? '';
}

/** min.insync.replicas of the topic, but no more than it has replicas (KIP-966). */
export function effectiveMinIsr(state: ControllerState, topic: TopicImage): number {
  const minIsr = Number(topicConfigText(state, topic.name, 'min.insync.replicas'));
  return Math.min(minIsr, topic.partitions[0]?.replicas.length ?? minIsr);
}

export function isUncleanElectionEnabled(state: ControllerState, topicName: string): boolean {
  return topicConfigText(state, topicName, 'unclean.leader.election.enable').trim().toLowerCase() === 'true';
}

/** Whether the broker may lead and be in an ISR. */
export function isBrokerActive(image: MetadataImage, id: number): boolean {
  return isActive(image.brokers.get(id));
}

/** The directory of a new replica on a broker: its only one, or not chosen yet when it has several. */
export function defaultDirectory(image: MetadataImage, brokerId: number): Uuid {
  const broker = image.brokers.get(brokerId);
  if (broker === undefined) return UNASSIGNED_DIRECTORY;
  const [first] = broker.directories;
  if (first === undefined) return MIGRATING_DIRECTORY;
  return broker.directories.length === 1 ? first : UNASSIGNED_DIRECTORY;
}
