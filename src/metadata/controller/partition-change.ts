import type { Uuid } from '../../base/uuid.ts';
import type { TopicImage } from '../metadata-image.ts';
import { type MetadataRecordBody, type MetadataRecordOf, metadataRecord } from '../metadata-record.ts';
import {
  NO_LEADER,
  NO_LEADER_CHANGE,
  type PartitionRegistration,
  RECOVERING,
  sameList,
} from '../partition-registration.ts';
import { partitionChangeRecordVersion, supportsDirectoryAssignment } from '../record-versions.ts';
import { hasOnlineDirectory } from '../registrations.ts';
import {
  type ControllerState,
  defaultDirectory,
  effectiveMinIsr,
  isBrokerActive,
  isElrEnabled,
  isUncleanElectionEnabled,
} from './controller-state.ts';

/**
 * `preferred`: the first replica, when it is in the ISR. `online`: anyone from ISR or ELR who keeps the partition online.
 * `unclean`: as online, but rather a replica that is not in sync than no leader.
 */
export type Election = 'preferred' | 'online' | 'unclean';

/** What is wanted of a partition; what is left out stays as it is. */
export interface PartitionTarget {
  readonly election?: Election;
  readonly isr?: readonly number[];
  readonly replicas?: readonly number[];
  readonly removingReplicas?: readonly number[];
  readonly addingReplicas?: readonly number[];
  readonly leaderRecoveryState?: number;
  /** Replicas that came back after they had crashed: they may have lost what they had acknowledged. */
  readonly uncleanShutdownReplicas?: readonly number[];
  /** Moves the replica of a broker to one of its directories. */
  readonly directory?: { readonly brokerId: number; readonly directoryId: Uuid };
  /** Whether a broker may lead; default: it is active. That its directory is online is always asked. */
  readonly isAcceptableLeader?: (brokerId: number) => boolean;
}

type Change = MetadataRecordBody<'PartitionChangeRecord'>;

/** Target state while it is worked out. */
interface Plan {
  isr: readonly number[];
  replicas: readonly number[];
  removing: readonly number[];
  adding: readonly number[];
  elr: readonly number[];
}

/** What partition changes of one topic have in common, worked out once. */
export interface TopicRules {
  readonly topic: TopicImage;
  readonly minIsr: number;
  readonly uncleanElection: boolean;
}

export function topicRules(state: ControllerState, topic: TopicImage): TopicRules {
  return {
    topic,
    minIsr: effectiveMinIsr(state, topic),
    uncleanElection: isUncleanElectionEnabled(state, topic.name),
  };
}

/**
 * The record that brings a partition to the target: completes a reassignment whose new replicas are in sync, keeps the
 * eligible leader replicas (KIP-966), elects a leader where one is missing or wanted. undefined when nothing changes.
 * The behaviour is that of Kafka's PartitionChangeBuilder.
 */
export function decidePartitionChange(
  state: ControllerState,
  rules: TopicRules,
  partitionId: number,
  partition: PartitionRegistration,
  target: PartitionTarget,
): MetadataRecordOf<'PartitionChangeRecord'> | undefined {
  const metadataVersion = state.image.metadataVersion;
  const elrEnabled = isElrEnabled(state.image);
  const record = metadataRecord(
    'PartitionChangeRecord',
    { topicId: rules.topic.id, partitionId },
    partitionChangeRecordVersion(metadataVersion),
  );
  const change = record.body;
  const plan: Plan = {
    isr: target.isr ?? partition.isr,
    replicas: target.replicas ?? partition.replicas,
    removing: target.removingReplicas ?? partition.removingReplicas,
    adding: target.addingReplicas ?? partition.addingReplicas,
    elr: partition.elr,
  };
  completeReassignment(plan);
  if (elrEnabled) updateElr(plan, partition, rules.minIsr, target.uncleanShutdownReplicas ?? []);
  const isAcceptable = leaderTest(state, partition, target.isAcceptableLeader);
  elect(change, plan, partition, target.election ?? 'online', elrEnabled, isAcceptable);
  // Leaders find out about replicas that left by a new leader epoch.
  if (change.leader === NO_LEADER_CHANGE && !partition.replicas.every((id) => plan.replicas.includes(id))) {
    change.leader = partition.leader;
  }
  const isUnclean = change.isr !== null;
  if (isUnclean || !elrEnabled) plan.elr = [];
  if (!sameList(plan.elr, partition.elr)) change.eligibleLeaderReplicas = [...plan.elr];
  if (change.isr === null && (plan.isr.length > 0 || elrEnabled) && !sameList(plan.isr, partition.isr)) {
    change.isr = [...plan.isr];
  }
  if (elrEnabled) updateLastKnownLeader(change, partition);
  if (supportsDirectoryAssignment(metadataVersion)) updateDirectories(state, change, plan, partition, target);
  if (plan.replicas.length > 0 && !sameList(plan.replicas, partition.replicas)) change.replicas = [...plan.replicas];
  if (!sameList(plan.removing, partition.removingReplicas)) change.removingReplicas = [...plan.removing];
  if (!sameList(plan.adding, partition.addingReplicas)) change.addingReplicas = [...plan.adding];
  const recoveryState = target.leaderRecoveryState ?? partition.leaderRecoveryState;
  if (recoveryState !== partition.leaderRecoveryState) change.leaderRecoveryState = recoveryState;
  return isNoChange(change) ? undefined : record;
}

function leaderTest(
  state: ControllerState,
  partition: PartitionRegistration,
  isAcceptable = (brokerId: number): boolean => isBrokerActive(state.image, brokerId),
): (brokerId: number) => boolean {
  return (brokerId) => {
    if (!isAcceptable(brokerId)) return false;
    const broker = state.image.brokers.get(brokerId);
    const directory = partition.directories[partition.replicas.indexOf(brokerId)];
    return broker !== undefined && (directory === undefined || hasOnlineDirectory(broker, directory));
  };
}

/** Ends the reassignment once all new replicas are in sync, and with fewer replicas than before only when all are. */
function completeReassignment(plan: Plan): void {
  if (plan.removing.length === 0 && plan.adding.length === 0) return;
  const isr = plan.isr.filter((id) => !plan.removing.includes(id));
  const replicas = plan.replicas.filter((id) => !plan.removing.includes(id));
  if (plan.removing.length > 0 && (isr.length === 0 || replicas.length === 0)) return;
  if (!plan.adding.every((id) => isr.includes(id))) return;
  const isShrinking = plan.adding.length < plan.removing.length;
  if (isShrinking && !replicas.every((id) => isr.includes(id))) return;
  plan.isr = isr;
  plan.replicas = replicas;
  plan.removing = [];
  plan.adding = [];
}

/** Who leaves the ISR while it is below min ISR stays eligible, unless it crashed or is a replica no more. */
function updateElr(plan: Plan, partition: PartitionRegistration, minIsr: number, unclean: readonly number[]): void {
  if (plan.isr.length >= minIsr) {
    plan.elr = [];
    return;
  }
  const candidates = new Set([...plan.elr, ...partition.isr]);
  plan.elr = [...candidates]
    .filter((id) => plan.replicas.includes(id) && !plan.isr.includes(id) && !unclean.includes(id))
    .sort((a, b) => a - b);
}

interface Elected {
  readonly id: number;
  readonly isUnclean: boolean;
}

function elect(
  change: Change,
  plan: Plan,
  partition: PartitionRegistration,
  election: Election,
  elrEnabled: boolean,
  isAcceptable: (id: number) => boolean,
): void {
  const elected = chooseLeader(plan, partition, election, elrEnabled, isAcceptable);
  if (elected.id === partition.leader) return;
  if (plan.elr.includes(elected.id)) {
    plan.isr = [elected.id];
    plan.elr = plan.elr.filter((id) => id !== elected.id);
  }
  change.leader = elected.id;
  if (!elected.isUnclean) return;
  change.isr = [elected.id];
  if (partition.leaderRecoveryState !== RECOVERING) change.leaderRecoveryState = RECOVERING;
}

function chooseLeader(
  plan: Plan,
  partition: PartitionRegistration,
  election: Election,
  elrEnabled: boolean,
  isAcceptable: (id: number) => boolean,
): Elected {
  const isValid = (id: number): boolean =>
    (plan.isr.includes(id) || (plan.isr.length === 0 && plan.elr.includes(id))) && isAcceptable(id);
  const preferred = plan.replicas[0] ?? NO_LEADER;
  if (election === 'preferred' && isValid(preferred)) return { id: preferred, isUnclean: false };
  if (isValid(partition.leader)) return { id: partition.leader, isUnclean: false };
  const online = plan.replicas.find(isValid);
  if (online !== undefined) return { id: online, isUnclean: false };
  const [lastKnown] = partition.lastKnownElr;
  const mayUseLastKnown = elrEnabled && plan.isr.length === 0 && plan.elr.length === 0;
  if (mayUseLastKnown && partition.lastKnownElr.length === 1 && lastKnown !== undefined && isAcceptable(lastKnown)) {
    return { id: lastKnown, isUnclean: true };
  }
  const unclean = election === 'unclean' ? plan.replicas.find(isAcceptable) : undefined;
  return unclean === undefined ? { id: NO_LEADER, isUnclean: false } : { id: unclean, isUnclean: true };
}

/** The last leader is remembered when a partition loses it, and forgotten when it gets one. */
function updateLastKnownLeader(change: Change, partition: PartitionRegistration): void {
  if (change.leader === NO_LEADER && partition.lastKnownElr.length === 0) change.lastKnownElr = [partition.leader];
  else if (change.leader >= 0 && partition.lastKnownElr.length > 0) change.lastKnownElr = [];
}

function updateDirectories(
  state: ControllerState,
  change: Change,
  plan: Plan,
  partition: PartitionRegistration,
  target: PartitionTarget,
): void {
  if (plan.replicas.length === 0) return;
  const directories = plan.replicas.map((id) => {
    if (target.directory?.brokerId === id) return target.directory.directoryId;
    return partition.directories[partition.replicas.indexOf(id)] ?? defaultDirectory(state.image, id);
  });
  if (!sameList(directories, partition.directories)) change.directories = directories;
}

function isNoChange(change: Change): boolean {
  return (
    change.isr === null &&
    change.leader === NO_LEADER_CHANGE &&
    change.replicas === null &&
    change.removingReplicas === null &&
    change.addingReplicas === null &&
    change.leaderRecoveryState === -1 &&
    change.directories === null &&
    change.eligibleLeaderReplicas === null &&
    change.lastKnownElr === null
  );
}
