/** Changes of many partitions at once: what follows when a broker comes, goes, or loses a directory. */

import type { Uuid } from '../../base/uuid.ts';
import type { TopicImage } from '../metadata-image.ts';
import { type MetadataRecord, metadataRecord } from '../metadata-record.ts';
import { NO_LEADER, type PartitionRegistration } from '../partition-registration.ts';
import { brokerRegistrationChangeVersion } from '../record-versions.ts';
import { type ControllerState, isBrokerActive, isElrEnabled } from './controller-state.ts';
import { decidePartitionChange, type TopicRules, topicRules } from './partition-change.ts';

interface BrokerUpdate {
  /** Leaves every ISR and leads no more. */
  readonly removed?: number;
  /** May lead from now on, although the image does not show it yet. */
  readonly added?: number;
  /** Came back from a crash: leaves every ISR and ELR, and leads no more. */
  readonly crashed?: number;
}

type PartitionFilter = (partition: PartitionRegistration) => boolean;

/** A BrokerRegistrationChangeRecord in the lowest version that carries it. */
export function registrationChange(
  brokerId: number,
  brokerEpoch: number,
  change: {
    fenced?: number;
    inControlledShutdown?: number;
    logDirs?: readonly Uuid[];
    cordonedLogDirs?: readonly Uuid[];
  },
): MetadataRecord {
  const { body } = metadataRecord('BrokerRegistrationChangeRecord', { brokerId, brokerEpoch, ...change });
  return { type: 'BrokerRegistrationChangeRecord', version: brokerRegistrationChangeVersion(body), body };
}

/** Updates ISR, ELR and leader of all partitions that the filter lets through. */
export function updatePartitions(
  state: ControllerState,
  update: BrokerUpdate,
  filter: PartitionFilter,
): MetadataRecord[] {
  const isGone = (id: number): boolean => id === update.removed || id === update.crashed;
  const isAcceptableLeader = (id: number): boolean =>
    !isGone(id) && (id === update.added || isBrokerActive(state.image, id));
  const records: MetadataRecord[] = [];
  forEachPartition(state, filter, (rules, partitionId, partition) => {
    const record = decidePartitionChange(state, rules, partitionId, partition, {
      election: rules.uncleanElection ? 'unclean' : 'online',
      isr: partition.isr.filter((id) => !isGone(id)),
      uncleanShutdownReplicas: update.crashed === undefined ? [] : [update.crashed],
      isAcceptableLeader,
    });
    if (record !== undefined) records.push(record);
  });
  return records;
}

/** Calls `visit` for each partition that the filter lets through; the rules of a topic are worked out only if needed. */
export function forEachPartition(
  state: ControllerState,
  filter: PartitionFilter,
  visit: (rules: TopicRules, partitionId: number, partition: PartitionRegistration, topic: TopicImage) => void,
): void {
  for (const topic of state.image.topics()) {
    let rules: TopicRules | undefined;
    for (const [partitionId, partition] of topic.partitions.entries()) {
      if (!filter(partition)) continue;
      rules ??= topicRules(state, topic);
      visit(rules, partitionId, partition, topic);
    }
  }
}

const inIsr =
  (id: number): PartitionFilter =>
  ({ isr }) =>
    isr.includes(id);

/** The broker's session ran out, or it asked to be fenced. */
export function fenceBroker(state: ControllerState, id: number, epoch: number): MetadataRecord[] {
  const records = updatePartitions(state, { removed: id }, inIsr(id));
  return [...records, registrationChange(id, epoch, { fenced: 1 })];
}

/** The broker may serve: it leads what had nobody to lead it. */
export function unfenceBroker(state: ControllerState, id: number, epoch: number): MetadataRecord[] {
  const records = updatePartitions(state, { added: id }, ({ leader }) => leader === NO_LEADER);
  return [registrationChange(id, epoch, { fenced: -1 }), ...records];
}

/** The broker wants to stop: its leaderships go to others. */
export function startControlledShutdown(state: ControllerState, id: number, epoch: number): MetadataRecord[] {
  const isKnown = state.image.brokers.get(id)?.inControlledShutdown ?? false;
  const records = updatePartitions(state, { removed: id }, inIsr(id));
  return isKnown ? records : [registrationChange(id, epoch, { inControlledShutdown: 1 }), ...records];
}

/** The broker is taken out of the cluster for good. */
export function unregisterBroker(state: ControllerState, id: number, epoch: number): MetadataRecord[] {
  const isInIsr = inIsr(id);
  return [
    ...updatePartitions(state, { removed: id }, (partition) => isInIsr(partition) || partition.elr.includes(id)),
    metadataRecord('UnregisterBrokerRecord', { brokerId: id, brokerEpoch: epoch }),
  ];
}

/** A new incarnation of the broker registers: what the one before left in ISRs and, after a crash, ELRs goes. */
export function cleanUpIncarnation(state: ControllerState, id: number, wasCleanShutdown: boolean): MetadataRecord[] {
  const isInIsr = inIsr(id);
  if (!isElrEnabled(state.image) || wasCleanShutdown) return updatePartitions(state, { removed: id }, isInIsr);
  return updatePartitions(state, { crashed: id }, (partition) => isInIsr(partition) || partition.elr.includes(id));
}

/** Directories of the broker failed: it leads nothing any more of what lies there. */
export function directoriesOffline(
  state: ControllerState,
  id: number,
  epoch: number,
  offline: readonly Uuid[],
): MetadataRecord[] {
  const directories = state.image.brokers.get(id)?.directories ?? [];
  const newlyOffline = directories.filter((directory) => offline.includes(directory));
  if (newlyOffline.length === 0) return [];
  const records = updatePartitions(state, { removed: id }, (partition) =>
    partition.directories.some((directory) => newlyOffline.includes(directory)),
  );
  const logDirs = directories.filter((directory) => !offline.includes(directory));
  return [...records, registrationChange(id, epoch, { logDirs })];
}
