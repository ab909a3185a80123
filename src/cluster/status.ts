import { connect } from 'node:net';
import type { Clock, Timer } from '../base/clock.ts';
import { KafkaError } from '../base/kafka-error.ts';
import { describeCluster } from '../client/admin/cluster.ts';
import { describeMetadataQuorum, type QuorumInfo } from '../client/admin/quorum.ts';
import { describeTopics, listTopics } from '../client/admin/topics.ts';
import { KafkaClient } from '../client/index.ts';
import type { Cluster } from './cluster.ts';
import type { NodeSpec } from './layout.ts';
import type { NodeState } from './node-process.ts';

const PROBE_TIMEOUT_MS = 2000;
/** As long as a quorum takes to notice that its leader is gone, and to elect another. */
const PATIENCE_MS = 5000;
/** What a broker that takes part needs for its answer at most, when another one has given its own. */
const GRACE_MS = 1000;

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
  /** Why some of it is not known, when no broker that knows an active controller answered. */
  readonly problem: string | undefined;
  /** Brokers that run and did not answer, or know no active controller but a former one. */
  readonly unaware: readonly number[];
}

/** A client of some of the cluster's brokers that gives up soon. */
function clientOf(bootstrapServers: string, timeoutMs = PROBE_TIMEOUT_MS): Promise<KafkaClient> {
  const timeout = String(timeoutMs);
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

/** What one broker says of the quorum, and of who takes part. */
interface Answer {
  readonly node: NodeSpec;
  readonly unfenced: ReadonlySet<number> | undefined;
  readonly quorum: QuorumInfo | undefined;
  /** Why one of them is missing. */
  readonly problem: string | undefined;
}

async function ask(client: KafkaClient, node: NodeSpec): Promise<Answer> {
  let unfenced: ReadonlySet<number> | undefined;
  try {
    unfenced = new Set((await describeCluster(client)).nodes.map(({ id }) => id));
    return { node, unfenced, quorum: await describeMetadataQuorum(client), problem: undefined };
  } catch (error) {
    return { node, unfenced, quorum: undefined, problem: messageOf(error) };
  }
}

/** Asks all at once. When one knows an active controller, the others get a little longer to say what they know. */
async function askAll(nodes: readonly NodeSpec[], patienceMs: number, clock: Clock): Promise<Answer[]> {
  const answers = nodes.map((node): Answer => ({ node, unfenced: undefined, quorum: undefined, problem: 'no answer' }));
  const clients: KafkaClient[] = [];
  let grace: Timer | undefined;
  await new Promise<void>((resolve) => {
    let waiting = nodes.length;
    const askOne = async (node: NodeSpec, at: number): Promise<void> => {
      const client = await clientOf(`${node.host}:${node.port}`, patienceMs);
      clients.push(client);
      const answer = await ask(client, node);
      answers[at] = answer;
      waiting--;
      if (waiting === 0) resolve();
      else if (answer.quorum !== undefined) grace ??= clock.schedule(GRACE_MS, resolve);
    };
    nodes.forEach((node, at) => void askOne(node, at));
    if (waiting === 0) resolve();
  });
  grace?.cancel();
  for (const client of clients) client.close();
  // A copy: who answers too late is written into the other one.
  return [...answers];
}

function messageOf(error: unknown): string {
  if (error instanceof KafkaError && error.errorName === 'REQUEST_TIMED_OUT') return 'there was no answer in time';
  return error instanceof Error ? error.message : String(error);
}

/**
 * Who knows most comes first. A broker that is cut off knows the past only: no active controller, or the one before,
 * which does not know yet that it is one no more.
 */
function byKnowledge(a: Answer, b: Answer): number {
  const rank = ({ quorum, unfenced }: Answer): number[] => [
    quorum?.leaderEpoch ?? -1,
    quorum?.highWatermark ?? -1,
    unfenced === undefined ? 0 : 1,
  ];
  const [ranksOfA, ranksOfB] = [rank(a), rank(b)];
  const at = ranksOfA.findIndex((one, i) => one !== ranksOfB[i]);
  return at < 0 ? 0 : (ranksOfB[at] ?? 0) - (ranksOfA[at] ?? 0);
}

interface Replicas {
  readonly counts: Map<number, ReplicaCounts>;
  readonly totals: { topics: number; partitions: number; underReplicated: number; withoutLeader: number };
}

function noReplicas(): Replicas {
  return { counts: new Map(), totals: { topics: 0, partitions: 0, underReplicated: 0, withoutLeader: 0 } };
}

async function replicasFrom({ node, unfenced }: Answer, timeoutMs: number): Promise<Replicas> {
  const replicas = noReplicas();
  if (unfenced === undefined) return replicas;
  const client = await clientOf(`${node.host}:${node.port}`, timeoutMs);
  try {
    await countReplicas(client, replicas);
    return replicas;
  } finally {
    client.close();
  }
}

interface Knowledge extends Replicas {
  readonly best: Answer | undefined;
  readonly problem: string | undefined;
  readonly unaware: readonly number[];
}

async function askBrokers(alive: readonly NodeSpec[], patienceMs: number, clock: Clock): Promise<Knowledge> {
  const answers = (await askAll(alive, patienceMs, clock)).sort(byKnowledge);
  const newestEpoch = answers[0]?.quorum?.leaderEpoch ?? -1;
  const others = answers.filter(({ quorum }) => quorum === undefined || quorum.leaderEpoch < newestEpoch);
  const known = { best: answers[0], unaware: others.map(({ node }) => node.id).sort((a, b) => a - b) };
  let problem = answers.length === 0 ? 'no broker runs' : undefined;
  for (const answer of answers) {
    try {
      return { ...known, best: answer, ...(await replicasFrom(answer, patienceMs)), problem: answer.problem };
    } catch (error) {
      problem ??= messageOf(error);
    }
  }
  return { ...known, ...noReplicas(), problem };
}

/**
 * What the processes and the brokers say of the cluster now. Never throws because a node is down. While nobody knows an
 * active controller it waits for one, up to `patienceMs` (an election takes some).
 */
export async function clusterStatus(cluster: Cluster, patienceMs = PATIENCE_MS): Promise<ClusterStatus> {
  const alive = cluster.nodes.filter(
    (node) => node.port !== undefined && cluster.process(node.id).state() === 'running',
  );
  const { best, counts, totals, problem, unaware } = await askBrokers(alive, patienceMs, cluster.clock);
  const { unfenced, quorum } = best ?? { unfenced: undefined, quorum: undefined };
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
  return { clusterId: cluster.spec.clusterId, nodes, activeController, controllerEpoch, ...totals, problem, unaware };
}

async function countReplicas(client: KafkaClient, { counts, totals }: Replicas): Promise<void> {
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
