/**
 * Goal: under random kills, cuts and slow networks, what all of the ISR acknowledged stays where it was acknowledged, the
 * high watermark never passes what the ISR has, and all replicas are the same in the end. Every seed is one history.
 */
import { afterEach, expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import { type Produced, ReplicaCluster, valuesOf } from './replica-cluster.ts';

const IDS = [1, 2, 3];
const clusters: ReplicaCluster[] = [];
afterEach(() => {
  for (const cluster of clusters.splice(0)) cluster.close();
});

/** Offsets below a leader's high watermark hold the same value for good, whoever leads. */
class Committed {
  readonly values: string[] = [];

  check(cluster: ReplicaCluster): void {
    for (const broker of cluster.alive) {
      const partition = broker.replicaManager.get('t', 0);
      if (partition?.isLeader !== true) continue;
      const seen = valuesOf(partition, 'highWatermark');
      const common = Math.min(seen.length, this.values.length);
      expect(seen.slice(0, common), `committed values on broker ${broker.id}`).toEqual(this.values.slice(0, common));
      this.values.push(...seen.slice(common));
    }
  }
}

async function disturb(cluster: ReplicaCluster, random: { int(bound: number): number }): Promise<void> {
  const id = IDS[random.int(IDS.length)] ?? 1;
  switch (random.int(7)) {
    case 0:
      if (cluster.broker(id) !== undefined) cluster.kill(id);
      break;
    case 1:
    case 2:
      for (const each of IDS) if (cluster.broker(each) === undefined) cluster.start(each);
      break;
    case 3:
      cluster.isolate(id);
      break;
    case 4:
      cluster.separate(id, (id % 3) + 1);
      break;
    default:
      cluster.heal();
  }
}

test.each(Array.from({ length: 60 }, (_value, i) => i + 1))('history %i', async (seed) => {
  const cluster = new ReplicaCluster({ seed, minInsyncReplicas: 2 });
  clusters.push(cluster);
  await cluster.withTopic([IDS]);
  const random = seededRandom(seed * 7919);
  cluster.network.conditions = { minDelayMs: 0.1, maxDelayMs: 1 + random.int(100), dropChance: 0, duplicateChance: 0 };
  const committed = new Committed();
  const produced: { readonly acks: number; readonly sent: Produced }[] = [];
  let next = 0;
  for (let step = 0; step < 60; step++) {
    if (random.int(3) === 0) await disturb(cluster, random);
    for (let i = random.int(4); i > 0; i--) {
      // Also to one that only believes that it leads.
      const target = cluster.alive.find((broker) => broker.replicaManager.get('t', 0)?.isLeader === true);
      if (target !== undefined) {
        const acks = random.int(3) === 0 ? 1 : -1;
        produced.push({ acks, sent: cluster.produce(target, [`v${next++}`, `v${next++}`], acks) });
      }
      await cluster.run(random.int(30));
    }
    await cluster.run(random.int(800));
    committed.check(cluster);
  }
  cluster.heal();
  for (const id of IDS) if (cluster.broker(id) === undefined) cluster.start(id);
  const last = await cluster.untilLed(0, 60_000);
  await cluster.untilInSync(3);
  await cluster.until('all have the same', () => IDS.every((id) => sameEnd(cluster, id, last.id)));
  await cluster.run(1500);
  committed.check(cluster);
  const values = cluster.get(IDS[0] ?? 1).values();
  for (const id of IDS) expect(cluster.get(id).values('highWatermark'), `broker ${id}`).toEqual(values);
  const acknowledged = produced.filter(({ acks, sent }) => acks === -1 && sent.outcome === 'NONE');
  for (const { sent } of acknowledged) {
    expect(values.slice(sent.baseOffset, sent.baseOffset + 2), `acknowledged at ${sent.baseOffset}`).toEqual(
      sent.values,
    );
  }
  expect(new Set(values).size, 'values are there once').toBe(values.length);
  expect(acknowledged.length).toBeGreaterThan(0);
});

function sameEnd(cluster: ReplicaCluster, a: number, b: number): boolean {
  const [one, other] = [a, b].map((id) => cluster.get(id).replicaManager.get('t', 0)?.log.logEndOffset);
  return one !== undefined && one === other;
}
