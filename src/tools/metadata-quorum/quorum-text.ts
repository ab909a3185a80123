import { ZERO_UUID } from '../../base/uuid.ts';
import type { QuorumInfo, QuorumReplicaState } from '../../client/admin/quorum.ts';
import { JavaException } from '../shared/java-errors.ts';

export const REPLICATION_HEADERS = [
  'NodeId',
  'DirectoryId',
  'LogEndOffset',
  'Lag',
  'LastFetchTimestamp',
  'LastCaughtUpTimestamp',
  'Status',
] as const;

function leaderOf(quorum: QuorumInfo): QuorumReplicaState {
  const leader = quorum.voters.find(({ replicaId }) => replicaId === quorum.leaderId);
  if (leader === undefined) throw new JavaException('java.util.NoSuchElementException', 'No value present');
  return leader;
}

function timeText(timestampMs: number, what: string, nowMs: number | undefined): string {
  if (timestampMs === -1) return '-1';
  if (nowMs === undefined) return String(timestampMs);
  if (timestampMs <= 0 || timestampMs > nowMs) {
    throw new JavaException(
      'org.apache.kafka.common.KafkaException',
      'Error while computing relative time, possible drift in system clock.\n' +
        `Current timestamp is ${nowMs}, ${what} timestamp is ${timestampMs}`,
    );
  }
  return `${nowMs - timestampMs} ms ago`;
}

/** A row a replica: the leader, the followers, the observers. With `nowMs` times are told as how long ago. */
export function replicationRows(quorum: QuorumInfo, nowMs: number | undefined): string[][] {
  const leader = leaderOf(quorum);
  const row = (replica: QuorumReplicaState, status: string) => [
    String(replica.replicaId),
    replica.replicaDirectoryId,
    String(replica.logEndOffset),
    String(leader.logEndOffset - replica.logEndOffset),
    timeText(replica.lastFetchTimestamp, 'last fetch', nowMs),
    timeText(replica.lastCaughtUpTimestamp, 'last caught up', nowMs),
    status,
  ];
  return [
    row(leader, 'Leader'),
    ...quorum.voters.filter((voter) => voter !== leader).map((voter) => row(voter, 'Follower')),
    ...quorum.observers.map((observer) => row(observer, 'Observer')),
  ];
}

function replicasText(quorum: QuorumInfo, replicas: readonly QuorumReplicaState[]): string {
  const texts = replicas.map(({ replicaId, replicaDirectoryId }) => {
    const endpoints = quorum.nodes.get(replicaId) ?? [];
    const parts = [`"id": ${replicaId}`];
    if (replicaDirectoryId !== ZERO_UUID) parts.push(`"directoryId": "${replicaDirectoryId}"`);
    if (endpoints.length > 0) {
      const addresses = endpoints.map(({ listener, host, port }) => {
        return `"${listener}://${host.includes(':') ? `[${host}]` : host}:${port}"`;
      });
      parts.push(`"endpoints": [${addresses.join(', ')}]`);
    }
    return `{${parts.join(', ')}}`;
  });
  return `[${texts.join(', ')}]`;
}

/** The short summary of `--status`. */
export function statusText(clusterId: string, quorum: QuorumInfo): string {
  const leader = leaderOf(quorum);
  let furthest = leader;
  for (const voter of quorum.voters) if (voter.logEndOffset < furthest.logEndOffset) furthest = voter;
  const isKnown = leader.lastCaughtUpTimestamp !== -1 && furthest.lastCaughtUpTimestamp !== -1;
  const lagMs = isKnown ? leader.lastCaughtUpTimestamp - furthest.lastCaughtUpTimestamp : -1;
  return [
    `ClusterId:              ${clusterId}`,
    `LeaderId:               ${quorum.leaderId}`,
    `LeaderEpoch:            ${quorum.leaderEpoch}`,
    `HighWatermark:          ${quorum.highWatermark}`,
    `MaxFollowerLag:         ${leader.logEndOffset - furthest.logEndOffset}`,
    `MaxFollowerLagTimeMs:   ${furthest === leader ? 0 : lagMs}`,
    `CurrentVoters:          ${replicasText(quorum, quorum.voters)}`,
    `CurrentObservers:       ${replicasText(quorum, quorum.observers)}\n`,
  ].join('\n');
}
