import { connect } from 'node:net';
import { KafkaError } from '../base/kafka-error.ts';
import { describeCluster } from '../client/admin/cluster.ts';
import { describeMetadataQuorum } from '../client/admin/quorum.ts';
import { describeTopics, listTopics } from '../client/admin/topics.ts';
import { KafkaClient } from '../client/index.ts';
import type { Cluster } from './cluster.ts';
import type { NodeSpec } from './layout.ts';
import type { NodeState } from './node-process.ts';

const PROBE_TIMEOUT_MS = 2000;

/** A node as `ottla cluster status` shows it. */
export interface NodeStatus {
  readonly node: NodeSpec;
  readonly state: NodeState;
  readonly pid: number | undefined;
  /** Whether the cluster takes it for a living broker; undefined when nobody could be asked, or it is no broker. */
  readonly isFenced: boolean | undefined;
  readonly isActiveController: boolean;
  readonly partitionsLed: number;
  readonly partitionsFollowed: number;
  /** Partitions of which it is a replica, but not in sync. */
  readonly partitionsOutOfSync: number;
  /** Records of the metadata log that it lacks; undefined when the leader does not say. */
  readonly metadataLag: number | undefined;
  readonly cutOffFrom: readonly number[];
}

export interface ClusterStatus {
  readonly clusterId: string;
  readonly nodes: readonly NodeStatus[];
  /** Leader of the quorum and its epoch; -1 when nobody could say. */
  readonly activeController: number;
  readonly controllerEpoch: number;
  readonly topics: number;
  readonly partitions: number;
  readonly underReplicated: number;
  readonly withoutLeader: number;
  /** Why some of it is not known, when no broker answered. */
  readonly problem: string | undefined;
}

/** A client of some of the cluster's brokers that gives up soon. */
function clientOf(bootstrapServers: string): Promise<KafkaClient> {
  const timeout = String(PROBE_TIMEOUT_MS);
  return KafkaClient.create(
    'admin',
    new Map([
      ['bootstrap.servers', bootstrapServers],
      ['client.id', 'ottla-cluster'],
      ['request.timeout.ms', timeout],
      ['default.api.timeout.ms', timeout],
      ['reconnect.backoff.ms', '20'],
      ['retry.backoff.ms', '20'],
    ]),
  );
}

async function canConnect(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** The nodes among `ids` that are not ready: a broker must answer and see all brokers among them unfenced. */
export async function readiness(cluster: Cluster, ids: readonly number[]): Promise<number[]> {
  const nodes = ids.map((id) => cluster.node(id));
  const brokerIds = nodes.filter((node) => node.port !== undefined).map((node) => node.id);
  const answers = await Promise.all(nodes.map((node) => isReady(node, brokerIds)));
  return ids.filter((_, i) => answers[i] === false);
}

async function isReady(node: NodeSpec, brokerIds: readonly number[]): Promise<boolean> {
  if (!(await canConnect(node.port ?? node.controllerPort ?? 0, node.host))) return false;
  if (node.port === undefined) return true;
  const client = await clientOf(`${node.host}:${node.port}`);
  try {
    const { nodes } = await describeCluster(client);
    const unfenced = new Set(nodes.map(({ id }) => id));
    return brokerIds.every((id) => unfenced.has(id));
  } catch {
    return false;
  } finally {
    client.close();
  }
}

interface ReplicaCounts {
  led: number;
  followed: number;
  outOfSync: number;
}

/** What one broker says of the cluster. */
interface Answers {
  readonly counts: Map<number, ReplicaCounts>;
  readonly totals: { topics: number; partitions: number; underReplicated: number; withoutLeader: number };
  unfenced: Set<number> | undefined;
  quorum: Awaited<ReturnType<typeof describeMetadataQuorum>> | undefined;
  problem: string | undefined;
}

async function askBroker(bootstrapServers: string): Promise<Answers> {
  const totals = { topics: 0, partitions: 0, underReplicated: 0, withoutLeader: 0 };
  const answers: Answers = { counts: new Map(), totals, unfenced: undefined, quorum: undefined, problem: undefined };
  const client = await clientOf(bootstrapServers);
  try {
    answers.unfenced = new Set((await describeCluster(client)).nodes.map(({ id }) => id));
    await countReplicas(client, answers.counts, totals);
    answers.quorum = await describeMetadataQuorum(client);
  } catch (error) {
    answers.problem = error instanceof Error ? error.message : String(error);
  } finally {
    client.close();
  }
  return answers;
}

// One that is cut off knows the past only, and no active controller: those least cut off are asked first, until one knows.
async function askBrokers(cluster: Cluster, alive: readonly NodeSpec[]): Promise<Answers> {
  const cuts = (node: NodeSpec): number => cluster.cutOffFrom(node.id).length;
  let first: Answers | undefined;
  for (const node of [...alive].sort((a, b) => cuts(a) - cuts(b))) {
    const answers = await askBroker(`${node.host}:${node.port}`);
    if (answers.problem === undefined) return answers;
    first ??= answers;
  }
  if (first !== undefined) return first;
  const totals = { topics: 0, partitions: 0, underReplicated: 0, withoutLeader: 0 };
  return { counts: new Map(), totals, unfenced: undefined, quorum: undefined, problem: 'no broker runs' };
}

/** What the processes and the brokers say of the cluster now. Never throws because a node is down. */
export async function clusterStatus(cluster: Cluster): Promise<ClusterStatus> {
  const alive = cluster.nodes.filter(
    (node) => node.port !== undefined && cluster.process(node.id).state() === 'running',
  );
  const { counts, totals, unfenced, quorum, problem } = await askBrokers(cluster, alive);
  const ends = new Map(
    [...(quorum?.voters ?? []), ...(quorum?.observers ?? [])].map((r) => [r.replicaId, r.logEndOffset]),
  );
  const leaderEnd = ends.get(quorum?.leaderId ?? -1);
  const nodes = cluster.nodes.map((node): NodeStatus => {
    const process = cluster.process(node.id);
    const found = counts.get(node.id);
    const end = ends.get(node.id);
    return {
      node,
      state: process.state(),
      pid: process.identity()?.pid,
      isFenced: node.port === undefined || unfenced === undefined ? undefined : !unfenced.has(node.id),
      isActiveController: quorum?.leaderId === node.id,
      partitionsLed: found?.led ?? 0,
      partitionsFollowed: found?.followed ?? 0,
      partitionsOutOfSync: found?.outOfSync ?? 0,
      metadataLag: end === undefined || leaderEnd === undefined ? undefined : Math.max(0, leaderEnd - end),
      cutOffFrom: cluster.cutOffFrom(node.id),
    };
  });
  const controllerEpoch = quorum?.leaderEpoch ?? -1;
  const activeController = quorum?.leaderId ?? -1;
  return { clusterId: cluster.spec.clusterId, nodes, activeController, controllerEpoch, ...totals, problem };
}

async function countReplicas(
  client: KafkaClient,
  counts: Map<number, ReplicaCounts>,
  totals: { topics: number; partitions: number; underReplicated: number; withoutLeader: number },
): Promise<void> {
  const names = (await listTopics(client, { listInternal: true })).map(({ name }) => name);
  totals.topics = names.length;
  for (const description of (await describeTopics(client, names)).values()) {
    if (description instanceof KafkaError) continue;
    for (const { leader, replicas, isr } of description.partitions) {
      totals.partitions++;
      if (isr.length < replicas.length) totals.underReplicated++;
      if (leader === null) totals.withoutLeader++;
      const inSync = new Set(isr.map(({ id }) => id));
      for (const { id } of replicas) {
        const count = counts.get(id) ?? { led: 0, followed: 0, outOfSync: 0 };
        counts.set(id, count);
        if (id === leader?.id) count.led++;
        else count.followed++;
        if (!inSync.has(id)) count.outOfSync++;
      }
    }
  }
}
