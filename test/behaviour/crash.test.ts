/**
 * Goal: a broker that is killed with -9 in the middle of writing, again and again, comes back each time with every
 * acknowledged record once and in order.
 */
import { afterEach, expect, test } from 'vitest';
import { removeFolder, type ServedBroker, serve, temporaryFolder } from '../support/processes.ts';
import { connectTo, type KafkaConnection, produceBatch, readAll } from '../support/raw-client.ts';

const KILLS = Number(process.env['OTTLA_CRASHES'] ?? 24);
const PARTITIONS = 3;

let broker: ServedBroker | undefined;
const folder = temporaryFolder();
afterEach(async () => {
  await broker?.stop('SIGKILL');
  removeFolder(folder);
});

test(`after ${KILLS} kills in mid-write every acknowledged record is there once, in order`, async () => {
  // Small segments, so that rolls, index files and producer snapshots are hit as well.
  const topic = `crashing:${PARTITIONS}:1:segment.bytes=1048576,segment.index.bytes=2048,index.interval.bytes=256`;
  const acknowledged: number[][] = Array.from({ length: PARTITIONS }, () => []);
  let next = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    broker = await serve(['--topic', topic], { dataDir: folder });
    const connection = await connectTo(broker.bootstrap);
    const child = broker.process.child;
    // Kills at a moment of its own each round: after some acknowledgements, with more batches in flight.
    let untilKill = 3 + ((kill * 7) % 40);
    const lost: Promise<unknown>[] = [];
    for (let batch = 0; batch < 400 && !connection.isClosed; batch++) {
      const partition = batch % PARTITIONS;
      const values = Array.from({ length: 1 + (batch % 50) }, () => next++);
      const sent = produceBatch(
        connection,
        'crashing',
        partition,
        values.map((value) => `${value} ${'z'.repeat(value % 100)}`),
      )
        .then(() => {
          acknowledged[partition]?.push(...values);
          if (--untilKill === 0) child.kill('SIGKILL');
        })
        .catch(() => {});
      lost.push(sent);
      if (batch % 8 === 7) await Promise.race([sent, connection.closed]);
    }
    await Promise.all(lost);
    connection.close();
    await broker.stop('SIGKILL');
  }
  broker = await serve(['--topic', topic], { dataDir: folder });
  const connection: KafkaConnection = await connectTo(broker.bootstrap);
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const found = (await readAll(connection, 'crashing', partition)).map((value) => Number(value.split(' ')[0]));
    expect(new Set(found).size, 'no record twice').toBe(found.length);
    // A batch in flight may have been written without its answer getting out; but nothing may be out of order.
    expect(found).toEqual([...found].sort((a, b) => a - b));
    const present = new Set(found);
    expect(
      acknowledged[partition]?.filter((value) => !present.has(value)),
      'acknowledged but lost',
    ).toEqual([]);
  }
  expect(acknowledged.flat().length).toBeGreaterThan(KILLS * 10);
  connection.close();
  expect((await broker.stop()).code).toBe(0);
}, 240_000);
