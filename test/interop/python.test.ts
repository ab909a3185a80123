/** Goal: confluent-kafka for Python works unchanged: admin, produce with delivery reports, a consumer group. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isMissing, repository, run, type ServedBroker, serve } from '../support/processes.ts';

/** Made by .ci/run; a python with confluent-kafka may also be named by OTTLA_PYTHON. */
const virtualEnvironment = join(repository, 'node_modules/.cache/ottla-python/bin/python');
const python = process.env['OTTLA_PYTHON'] ?? virtualEnvironment;

const SCRIPT = `
import sys
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

bootstrap = sys.argv[1]
admin = AdminClient({'bootstrap.servers': bootstrap})
for future in admin.create_topics([NewTopic('python', num_partitions=2, replication_factor=1)]).values():
    future.result(10)

failures = []
producer = Producer({'bootstrap.servers': bootstrap, 'enable.idempotence': True, 'compression.type': 'lz4'})
for i in range(1000):
    producer.produce('python', key=str(i), value='value %d' % i, callback=lambda error, message: error and failures.append(error))
producer.flush(20)
assert not failures, failures

consumer = Consumer({'bootstrap.servers': bootstrap, 'group.id': 'pythons', 'auto.offset.reset': 'earliest'})
consumer.subscribe(['python'])
seen = set()
while len(seen) < 1000:
    message = consumer.poll(15)
    assert message is not None, 'timed out with %d records' % len(seen)
    assert message.error() is None, message.error()
    seen.add(message.value().decode())
consumer.commit(asynchronous=False)
committed = sum(p.offset for p in consumer.committed(consumer.assignment(), 10))
consumer.close()
groups = [g.group_id for g in admin.list_consumer_groups().result(10).valid]
print('read %d committed %d groups %s' % (len(seen), committed, groups))
`;

/** Members of both protocols, by pattern and static; a group that changes over and back while its members go on. */
const CONSUMER_PROTOCOL_SCRIPT = `
import sys, time
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

bootstrap = sys.argv[1]
admin = AdminClient({'bootstrap.servers': bootstrap})
for future in admin.create_topics([NewTopic(t, num_partitions=2, replication_factor=1) for t in ('new-a', 'new-b')]).values():
    future.result(10)
producer = Producer({'bootstrap.servers': bootstrap})
for i in range(100):
    producer.produce('new-a', key=str(i), value='a%d' % i)
    producer.produce('new-b', key=str(i), value='b%d' % i)
producer.flush(20)

def consumer(group, **extra):
    return Consumer({'bootstrap.servers': bootstrap, 'group.id': group, 'auto.offset.reset': 'earliest', **extra})

def poll_until(what, condition, *consumers):
    end = time.time() + 40
    while not condition():
        assert time.time() < end, what
        for each in consumers:
            message = each.poll(0.1)
            if message is not None:
                assert message.error() is None, message.error()
                seen.add(message.value())

def counts(*consumers):
    return [len(each.assignment()) for each in consumers]

def kind(group):
    return admin.describe_consumer_groups([group])[group].result(10).type.name

seen = set()
one = consumer('next', **{'group.protocol': 'consumer', 'group.instance.id': 'one'})
one.subscribe(['^new-.*'])
poll_until('read all', lambda: len(seen) == 200, one)
one.commit(asynchronous=False)
two = consumer('next', **{'group.protocol': 'consumer'})
two.subscribe(['^new-.*'])
poll_until('share', lambda: counts(one, two) == [2, 2], one, two)
one.close()
back = consumer('next', **{'group.protocol': 'consumer', 'group.instance.id': 'one'})
back.subscribe(['^new-.*'])
poll_until('static member back', lambda: counts(back, two) == [2, 2], back, two)
two.close()
poll_until('alone', lambda: counts(back) == [4], back)
print('committed', sum(p.offset for p in back.committed(back.assignment(), 10)), kind('next'))
back.close()

classic = consumer('move', **{'partition.assignment.strategy': 'cooperative-sticky'})
classic.subscribe(['new-a', 'new-b'])
poll_until('classic', lambda: counts(classic) == [4], classic)
before = kind('move')
new = consumer('move', **{'group.protocol': 'consumer'})
new.subscribe(['new-a', 'new-b'])
poll_until('mixed', lambda: counts(classic, new) == [2, 2], classic, new)
mixed = kind('move')
new.close()
poll_until('classic again', lambda: counts(classic) == [4], classic)
print(before, mixed, kind('move'))
classic.close()
`;

describe.skipIf(isMissing(python) || !existsSync(python))('confluent-kafka for Python', () => {
  let broker: ServedBroker;
  beforeAll(async () => {
    broker = await serve();
  });
  afterAll(async () => {
    await broker.stop();
  });

  test('creates a topic, produces a thousand records idempotently and reads them in a group', async () => {
    const { stdout, stderr, code } = await run(python, ['-c', SCRIPT, broker.bootstrap]);
    expect(stderr).toBe('');
    expect(stdout).toBe("read 1000 committed 1000 groups ['pythons']\n");
    expect(code).toBe(0);
  });

  test('group.protocol=consumer: patterns, static members, and a group that moves between the protocols', async () => {
    const { stdout, stderr, code } = await run(python, ['-c', CONSUMER_PROTOCOL_SCRIPT, broker.bootstrap]);
    expect(stderr).toBe('');
    expect(stdout).toBe('committed 200 CONSUMER\nCLASSIC CONSUMER CLASSIC\n');
    expect(code).toBe(0);
  });
});
