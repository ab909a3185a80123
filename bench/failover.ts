/** How long writes stop when the leader of a partition is killed, with Kafka's own session and election times. */

import { metadataRequest, metadataResponse } from '../src/protocol/messages/03-metadata.ts';
import { createTopicsRequest, createTopicsResponse } from '../src/protocol/messages/19-create-topics.ts';
import { describeQuorumRequest, describeQuorumResponse } from '../src/protocol/messages/55-describe-quorum.ts';
import { until } from '../test/support/processes.ts';
import { connectTo, type KafkaConnection, produceBatch } from '../test/support/raw-client.ts';
import { compare, type Row } from './support.ts';
import { startThreeBrokers, type ThreeBrokers } from './three-brokers.ts';

export async function createTopic(connection: KafkaConnection, name: string, partitions: number): Promise<void> {
  const topics = [{ name, numPartitions: partitions, replicationFactor: 3 }];
  const response = await connection.send(createTopicsRequest, createTopicsResponse, 5, { topics, timeoutMs: 60_000 });
  if (response.topics[0]?.errorCode !== 0)
    throw new Error(`creating ${name} failed: ${response.topics[0]?.errorMessage}`);
}

async function leadersOf(connection: KafkaConnection, topic: string): Promise<Map<number, number>> {
  const response = await connection.send(metadataRequest, metadataResponse, 9, { topics: [{ name: topic }] });
  const partitions = response.topics[0]?.partitions ?? [];
  return new Map(partitions.map(({ partitionIndex, leaderId }) => [partitionIndex, leaderId]));
}

async function activeController(connection: KafkaConnection): Promise<number> {
  const topics = [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }];
  const response = await connection.send(describeQuorumRequest, describeQuorumResponse, 1, { topics });
  return response.topics[0]?.partitions[0]?.leaderId ?? -1;
}

async function writesAgain(brokers: ThreeBrokers, survivor: string, topic: string, partition: number, dead: number) {
  try {
    const asked = await connectTo(survivor);
    const leader = (await leadersOf(asked, topic)).get(partition) ?? -1;
    asked.close();
    const address = brokers.nodes[leader - 1]?.address;
    if (leader === dead || address === undefined) return false;
    const to = await connectTo(address);
    await produceBatch(to, topic, partition, ['again']);
    to.close();
    return true;
  } catch {
    return false;
  }
}

/**
 * kill -9 of a partition's leader, which is the active controller as well or is not; the time in ms until an acks=all write
 * to the partition succeeds.
 */
export async function failover(brokers: ThreeBrokers, topic: string, isController: boolean): Promise<number> {
  const connection = await connectTo(brokers.nodes[0]?.address ?? '');
  const controller = await activeController(connection);
  const leaders = await leadersOf(connection, topic);
  connection.close();
  const chosen = [...leaders].find(([, leader]) => (leader === controller) === isController);
  if (chosen === undefined) throw new Error(`no partition to fail over: controller ${controller}, ${[...leaders]}`);
  const [partition, leader] = chosen;
  const survivor = brokers.nodes[leader % brokers.nodes.length]?.address ?? '';
  process.kill(brokers.nodes[leader - 1]?.pid ?? 0, 'SIGKILL');
  const killed = performance.now();
  await until('writes flow again', () => writesAgain(brokers, survivor, topic, partition, leader), 60_000);
  return performance.now() - killed;
}

export async function failoverTimes(runs: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const isController of [false, true]) {
    const times = await compare(runs, async (system) => {
      const brokers = await startThreeBrokers(system);
      try {
        const connection = await connectTo(brokers.nodes[0]?.address ?? '');
        await createTopic(connection, 'replicated', 3);
        connection.close();
        return await failover(brokers, 'replicated', isController);
      } finally {
        await brokers.stop();
      }
    });
    const who = isController ? 'a leader that is the active controller' : 'a leader';
    rows.push({ name: `kill -9 of ${who} until writes flow`, unit: 'ms', ...times, goal: { atMost: 1 } });
  }
  return rows;
}
