import { expect, test } from 'vitest';
import { Reader } from '../../src/protocol/reader.ts';
import { Writer } from '../../src/protocol/writer.ts';
import { fetchRequest, fetchResponse } from '../../src/protocol/messages/01-fetch.ts';
import { apis } from '../../src/protocol/messages/all.ts';

test('every version compiles and round-trips its defaults', () => {
  for (const api of apis.values()) {
    for (const schema of [api.request, api.response]) {
      for (let v = schema.versions.min; v <= schema.versions.max; v++) {
        const w = new Writer();
        schema.encode(w, v, {});
        const whole = w.finishWhole();
        const r = new Reader(whole);
        const decoded = schema.decode(r, v);
        expect(r.remaining, `${schema.name} ${v}`).toBe(0);
        const again = new Writer();
        schema.encode(again, v, decoded);
        expect(again.finishWhole()).toEqual(whole);
      }
    }
  }
});

test('fetch with tags and chunks', () => {
  const w = new Writer();
  const big = Buffer.alloc(5000, 7);
  fetchResponse.encode(w, 17, { sessionId: 4, responses: [{ partitions: [{ records: [big, Buffer.from('x')], currentLeader: { leaderId: 200, leaderEpoch: 3 } }] }], nodeEndpoints: [{ nodeId: 1, host: 'h'.repeat(200), port: 3 }] });
  const b = w.finishWhole();
  const d = fetchResponse.decode(new Reader(b), 17);
  expect(d.responses[0]?.partitions[0]?.records?.length).toBe(5001);
  expect(d.responses[0]?.partitions[0]?.currentLeader.leaderId).toBe(200);
  expect(d.nodeEndpoints[0]?.host).toHaveLength(200);
  const q = new Writer();
  fetchRequest.encode(q, 18, { replicaState: { replicaId: 3, replicaEpoch: 5 }, clusterId: 'abc', topics: [{ partitions: [{ fetchOffset: 2 ** 40 + 5, highWatermark: -1 }] }] });
  const dq = fetchRequest.decode(new Reader(q.finishWhole()), 18);
  expect(dq.replicaState.replicaEpoch).toBe(5);
  expect(dq.topics[0]?.partitions[0]?.fetchOffset).toBe(2 ** 40 + 5);
  expect(dq.topics[0]?.partitions[0]?.highWatermark).toBe(-1);
});
