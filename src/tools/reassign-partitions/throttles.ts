import { describeCluster } from '../../client/admin/cluster.ts';
import {
  type AlterConfigOp,
  AlterConfigOpType,
  ConfigResourceType,
  incrementalAlterConfigs,
} from '../../client/admin/configs.ts';
import type { PartitionReassignment } from '../../client/admin/partitions.ts';
import { type KafkaClient, partitionName } from '../../client/index.ts';
import { asExecution } from '../shared/admin-session.ts';
import type { ReassignRun } from './actions.ts';
import type { CurrentPartition } from './assignments.ts';
import type { DirectoryMove } from './directory-moves.ts';
import type { PlannedPartition } from './plan-file.ts';

const LEADER_RATE = 'leader.replication.throttled.rate';
const FOLLOWER_RATE = 'follower.replication.throttled.rate';
const LOG_DIRS_RATE = 'replica.alter.log.dirs.io.max.bytes.per.second';
const LEADER_REPLICAS = 'leader.replication.throttled.replicas';
const FOLLOWER_REPLICAS = 'follower.replication.throttled.replicas';

interface Change {
  readonly type: number;
  readonly name: string;
  readonly configs: ReadonlyMap<string, string | null>;
}

async function apply(admin: KafkaClient, changes: readonly Change[]): Promise<void> {
  const alterations = changes.map(({ type, name, configs }) => ({
    resource: { type, name },
    ops: [...configs].map(
      ([config, value]): AlterConfigOp => ({
        name: config,
        op: value === null ? AlterConfigOpType.DELETE : AlterConfigOpType.SET,
        value,
      }),
    ),
  }));
  for (const error of await asExecution(incrementalAlterConfigs(admin, alterations))) {
    if (error !== undefined) await asExecution(Promise.reject(error));
  }
}

function removal(...names: string[]): Map<string, null> {
  return new Map(names.map((name) => [name, null]));
}

/** Takes the throttles of a reassignment away from all brokers and its topics. */
export async function clearThrottles(
  { admin, line, io }: ReassignRun,
  plan: readonly PlannedPartition[],
): Promise<void> {
  const { nodes } = await asExecution(describeCluster(admin));
  const ids = new Set([...nodes.map(({ id }) => id), ...plan.flatMap(({ replicas }) => replicas)]);
  const brokers = [...ids].sort((a, b) => a - b);
  const topics = [...new Set(plan.map(({ topic }) => topic))].sort();
  const say = (text: string) => {
    if (line.output === 'text') io.stdout.write(text);
  };
  say(`Clearing broker-level throttles on broker${brokers.length === 1 ? '' : 's'} ${brokers.join(',')}\n`);
  const rates = removal(LEADER_RATE, FOLLOWER_RATE, LOG_DIRS_RATE);
  await apply(
    admin,
    brokers.map((id) => ({ type: ConfigResourceType.BROKER, name: String(id), configs: rates })),
  );
  say(`Clearing topic-level throttles on topic${topics.length === 1 ? '' : 's'} ${topics.join(',')}\n`);
  const replicas = removal(LEADER_REPLICAS, FOLLOWER_REPLICAS);
  await apply(
    admin,
    topics.map((name) => ({ type: ConfigResourceType.TOPIC, name, configs: replicas })),
  );
}

interface Move {
  readonly topic: string;
  readonly partition: number;
  readonly sources: readonly number[];
  readonly destinations: readonly number[];
}

function movesOf(
  plan: readonly PlannedPartition[],
  current: readonly CurrentPartition[],
  running: readonly PartitionReassignment[],
): Move[] {
  const moves = new Map<string, Move>();
  for (const { topic, partition, replicas, addingReplicas } of running) {
    const sources = replicas.filter((id) => !addingReplicas.includes(id));
    moves.set(partitionName(topic, partition), { topic, partition, sources, destinations: addingReplicas });
  }
  for (const { topic, partition, replicas } of plan) {
    const name = partitionName(topic, partition);
    const now = current.find((one) => one.topic === topic && one.partition === partition);
    const sources = moves.get(name)?.sources ?? now?.replicas ?? [];
    moves.set(name, { topic, partition, sources, destinations: replicas.filter((id) => !sources.includes(id)) });
  }
  return [...moves.values()];
}

/** Limits what the moves of a plan may take, as the two throttle options say; does nothing without them. */
export async function throttleMoves(
  run: ReassignRun,
  plan: readonly PlannedPartition[],
  current: readonly CurrentPartition[],
  running: readonly PartitionReassignment[],
  directoryMoves: readonly DirectoryMove[],
): Promise<void> {
  const { admin, line, io } = run;
  const rate = line.longOf('throttle') ?? -1;
  const logDirRate = line.longOf('replica-alter-log-dirs-throttle') ?? -1;
  if (rate < 0 && logDirRate < 0) return;
  if (line.output === 'text') {
    io.stdout.write(
      'Warning: You must run --verify periodically, until the reassignment completes, to ensure the throttle is removed.\n',
    );
  }
  if (rate >= 0) await throttleBetweenBrokers(run, rate, movesOf(plan, current, running));
  if (logDirRate < 0) return;
  const brokers = [...new Set(directoryMoves.map(({ brokerId }) => brokerId))];
  await setOnBrokers(admin, brokers, new Map([[LOG_DIRS_RATE, String(logDirRate)]]));
  if (line.output === 'text') io.stdout.write(`The replica-alter-dir throttle limit was set to ${logDirRate} B/s\n`);
}

function setOnBrokers(
  admin: KafkaClient,
  brokers: readonly number[],
  configs: ReadonlyMap<string, string>,
): Promise<void> {
  return apply(
    admin,
    brokers.map((id) => ({ type: ConfigResourceType.BROKER, name: String(id), configs })),
  );
}

async function throttleBetweenBrokers(
  { admin, line, io }: ReassignRun,
  rate: number,
  moves: readonly Move[],
): Promise<void> {
  const listOf = (topic: string, side: 'sources' | 'destinations') =>
    [
      ...new Set(
        moves.filter((move) => move.topic === topic).flatMap((m) => m[side].map((id) => `${m.partition}:${id}`)),
      ),
    ]
      .sort()
      .join(',');
  const topics = [...new Set(moves.map(({ topic }) => topic))];
  await apply(
    admin,
    topics.map((topic) => ({
      type: ConfigResourceType.TOPIC,
      name: topic,
      configs: new Map([
        [LEADER_REPLICAS, listOf(topic, 'sources')],
        [FOLLOWER_REPLICAS, listOf(topic, 'destinations')],
      ]),
    })),
  );
  const brokers = [...new Set(moves.flatMap(({ sources, destinations }) => [...sources, ...destinations]))];
  const rates = new Map([
    [LEADER_RATE, String(rate)],
    [FOLLOWER_RATE, String(rate)],
  ]);
  await setOnBrokers(admin, brokers, rates);
  if (line.output === 'text') io.stdout.write(`The inter-broker throttle limit was set to ${rate} B/s\n`);
}
