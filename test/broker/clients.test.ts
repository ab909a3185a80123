/** A whole client against a broker in this process: kafkajs speaks only versions below the flexible encodings. */
import { Kafka, logLevel } from 'kafkajs';
import { expect, test } from 'vitest';
import { brokers } from './broker-support.ts';
import { until } from './support.ts';

const { start } = brokers();

test('kafkajs creates, produces, consumes in a group, commits, and goes on where it stopped', async () => {
  const broker = await start();
  const kafka = new Kafka({ brokers: [broker.bootstrapServers], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 2 }] });
  const producer = kafka.producer();
  await producer.connect();
  const send = (values: string[]) =>
    producer.send({ topic: 'orders', messages: values.map((value) => ({ key: value, value })) });
  await send(['a', 'b', 'c', 'd']);

  const read = async (count: number): Promise<string[]> => {
    const consumer = kafka.consumer({ groupId: 'readers' });
    const values: string[] = [];
    await consumer.connect();
    await consumer.subscribe({ topic: 'orders', fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => {
        values.push(String(message.value));
      },
    });
    await until(() => values.length >= count, 15_000);
    await consumer.disconnect();
    return values.sort();
  };
  expect(await read(4)).toEqual(['a', 'b', 'c', 'd']);
  await send(['e']);
  expect(await read(1)).toEqual(['e']);

  const [group] = (await admin.describeGroups(['readers'])).groups;
  expect(group?.state).toBe('Empty');
  await admin.deleteGroups(['readers']);
  await admin.deleteTopics({ topics: ['orders'] });
  expect(await admin.listTopics()).not.toContain('orders');
  await producer.disconnect();
  await admin.disconnect();
});
