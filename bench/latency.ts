/** From handing a record to a producer's socket until a waiting consumer has it, with the same client for both. */
import { fetchRequest, fetchResponse } from '../src/protocol/messages/01-fetch.ts';
import { createTopicsRequest, createTopicsResponse } from '../src/protocol/messages/19-create-topics.ts';
import { until } from '../test/support/processes.ts';
import { connectTo, type KafkaConnection, produceBatch } from '../test/support/raw-client.ts';
import { compare, hasApacheKafka, median, percentile, type Row, type System, startBroker } from './support.ts';

const RECORDS = 2000;

async function first(producer: KafkaConnection): Promise<number | undefined> {
  return await produceBatch(producer, 'latency', 0, ['first']).catch(() => undefined);
}

async function latencies(bootstrap: string): Promise<number[]> {
  const producer = await connectTo(bootstrap);
  const consumer = await connectTo(bootstrap);
  await producer.send(createTopicsRequest, createTopicsResponse, 5, {
    topics: [{ name: 'latency', numPartitions: 1, replicationFactor: 1 }],
    timeoutMs: 10_000,
  });
  // Apache Kafka answers before the partition has a leader.
  await until('a first record is taken', async () => (await first(producer)) !== undefined);
  const found: number[] = [];
  let offset = 1;
  for (let i = 0; i < RECORDS + 500; i++) {
    const expected = offset;
    const fetched = (async () => {
      for (;;) {
        const topics = [
          { topic: 'latency', partitions: [{ partition: 0, fetchOffset: expected, partitionMaxBytes: 1 << 20 }] },
        ];
        const response = await consumer.send(fetchRequest, fetchResponse, 11, { maxWaitMs: 500, minBytes: 1, topics });
        if ((response.responses[0]?.partitions[0]?.records?.length ?? 0) > 0) return performance.now();
      }
    })();
    // The fetch must be waiting at the broker before the record leaves.
    await new Promise((resolve) => setTimeout(resolve, 1));
    const sent = performance.now();
    offset = (await produceBatch(producer, 'latency', 0, ['x'.repeat(100)])) + 1;
    const arrived = await fetched;
    if (i >= 500) found.push(arrived - sent);
  }
  producer.close();
  consumer.close();
  return found;
}

export async function endToEndLatency(runs: number): Promise<Row[]> {
  const slow: Record<System, number[]> = { ottla: [], kafka: [] };
  const p50 = await compare(runs, async (system) => {
    const broker = await startBroker(system);
    const found = await latencies(broker.bootstrap);
    await broker.stop();
    slow[system].push(percentile(found, 0.99));
    return percentile(found, 0.5);
  });
  const p99 = { ottla: median(slow.ottla), ...(hasApacheKafka ? { kafka: median(slow.kafka) } : {}) };
  return [
    { name: 'end-to-end latency p50', unit: 'ms', ...p50 },
    { name: 'end-to-end latency p99', unit: 'ms', ...p99 },
  ];
}
