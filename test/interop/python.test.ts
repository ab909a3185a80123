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
});
