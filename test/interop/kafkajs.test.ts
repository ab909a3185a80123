/** Goal: kafkajs works unchanged: produce, groups with rebalances on join, leave and crash, and its admin calls. */
import { type Consumer, Kafka, logLevel, type Producer } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BackgroundProcess, repository, type ServedBroker, serve, until } from '../support/processes.ts';

describe('kafkajs', () => {
  let broker: ServedBroker;
  let kafka: Kafka;
  let producer: Producer;
  const running: Consumer[] = [];

  beforeAll(async () => {
    broker = await serve();
    kafka = new Kafka({ brokers: [broker.bootstrap], logLevel: logLevel.NOTHING });
    producer = kafka.producer();
    await producer.connect();
  });
  afterAll(async () => {
    await Promise.all(running.map((consumer) => consumer.disconnect()));
    await producer.disconnect();
    await broker.stop();
  });

  async function createTopic(topic: string, numPartitions: number): Promise<void> {
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions }] });
    await admin.disconnect();
  }

  /** A member of a group: its present partitions, and all that it read. */
  async function join(groupId: string, topic: string) {
    const consumer = kafka.consumer({ groupId, sessionTimeout: 6000, heartbeatInterval: 500, rebalanceTimeout: 6000 });
    const member = { consumer, partitions: [] as number[], values: [] as string[] };
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      member.partitions = payload.memberAssignment[topic] ?? [];
    });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ partition, message }) => {
        member.values.push(`${partition}:${message.value}`);
      },
    });
    running.push(consumer);
    return member;
  }

  test('produces with acks 0, 1 and all, keys, headers and compression, and consumes from the beginning', async () => {
    await createTopic('sent', 1);
    for (const acks of [0, 1, -1]) {
      await producer.send({
        topic: 'sent',
        acks,
        messages: [{ key: 'k', value: `acks ${acks}`, headers: { h: 'v' } }],
      });
    }
    const member = await join('reads-sent', 'sent');
    await until('all three arrived', () => member.values.length === 3);
    expect(member.values).toEqual(['0:acks 0', '0:acks 1', '0:acks -1']);
  });

  test('a group rebalances when a member joins, leaves and crashes; no record is lost', async () => {
    await createTopic('shared', 4);
    const first = await join('sharing', 'shared');
    await until('the only member has all', () => first.partitions.length === 4);
    const second = await join('sharing', 'shared');
    await until('both have two', () => first.partitions.length === 2 && second.partitions.length === 2);

    await second.consumer.disconnect();
    await until('the first has all again', () => first.partitions.length === 4);

    const script = `
      const { Kafka, logLevel } = require('kafkajs');
      const consumer = new Kafka({ brokers: ['${broker.bootstrap}'], logLevel: logLevel.NOTHING })
        .consumer({ groupId: 'sharing', sessionTimeout: 6000, heartbeatInterval: 500 });
      consumer.on('consumer.group_join', (event) => console.log('joined ' + JSON.stringify(event.payload.memberAssignment)));
      (async () => { await consumer.connect(); await consumer.subscribe({ topic: 'shared' }); await consumer.run({ eachMessage: async () => {} }); })();`;
    const crashing = new BackgroundProcess(process.execPath, ['-e', script], { cwd: repository });
    await crashing.untilPrinted(/joined \{"shared":\[\d,\d\]\}/);
    await until('the first has two', () => first.partitions.length === 2);
    await crashing.stop('SIGKILL');
    await until('the session of the killed member has expired', () => first.partitions.length === 4);

    const messages = Array.from({ length: 100 }, (_, i) => ({ value: `m${i}`, partition: i % 4 }));
    await producer.send({ topic: 'shared', messages });
    await until('every record arrived', () => new Set(first.values).size === 100);
  }, 60_000);

  test('a second consumer of the group goes on where the first committed', async () => {
    await createTopic('resumed', 1);
    await producer.send({ topic: 'resumed', messages: [{ value: '1' }, { value: '2' }] });
    const first = await join('resuming', 'resumed');
    await until('both arrived', () => first.values.length === 2);
    await first.consumer.disconnect();
    await producer.send({ topic: 'resumed', messages: [{ value: '3' }] });
    const second = await join('resuming', 'resumed');
    await until('the third arrived', () => second.values.length >= 1);
    expect(second.values).toEqual(['0:3']);
  });

  test('admin: topics, partitions, configs, offsets, groups', async () => {
    const admin = kafka.admin();
    await admin.connect();
    expect(await admin.createTopics({ topics: [{ topic: 'managed', numPartitions: 2 }] })).toBe(true);
    expect(await admin.createTopics({ topics: [{ topic: 'managed' }] })).toBe(false);
    await admin.createPartitions({ topicPartitions: [{ topic: 'managed', count: 3 }] });
    const { topics } = await admin.fetchTopicMetadata({ topics: ['managed'] });
    expect(topics[0]?.partitions).toHaveLength(3);
    await producer.send({ topic: 'managed', messages: [{ value: 'x', partition: 1 }] });
    const offsets = await admin.fetchTopicOffsets('managed');
    expect(offsets.map(({ partition, high, low }) => [partition, low, high]).sort()).toEqual([
      [0, '0', '0'],
      [1, '0', '1'],
      [2, '0', '0'],
    ]);

    await admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: 2, name: 'managed', configEntries: [{ name: 'retention.ms', value: '60000' }] }],
    });
    const configs = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type: 2, name: 'managed' }] });
    expect(configs.resources[0]?.configEntries.find((entry) => entry.configName === 'retention.ms')?.configValue).toBe(
      '60000',
    );

    await admin.setOffsets({ groupId: 'managed-group', topic: 'managed', partitions: [{ partition: 1, offset: '1' }] });
    const fetched = await admin.fetchOffsets({ groupId: 'managed-group', topics: ['managed'] });
    expect(fetched[0]?.partitions.find(({ partition }) => partition === 1)?.offset).toBe('1');
    expect((await admin.listGroups()).groups.map((group) => group.groupId)).toContain('managed-group');
    const described = await admin.describeGroups(['managed-group']);
    expect(described.groups[0]?.state).toBe('Empty');
    await admin.deleteGroups(['managed-group']);
    expect((await admin.listGroups()).groups.map((group) => group.groupId)).not.toContain('managed-group');

    await admin.deleteTopicRecords({ topic: 'managed', partitions: [{ partition: 1, offset: '1' }] });
    const after = await admin.fetchTopicOffsets('managed');
    expect(after.find(({ partition }) => partition === 1)?.low).toBe('1');
    const cluster = await admin.describeCluster();
    expect(cluster.brokers).toHaveLength(1);
    await admin.deleteTopics({ topics: ['managed'] });
    expect(await admin.listTopics()).not.toContain('managed');
    await admin.disconnect();
  });
});
