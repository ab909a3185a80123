import { describe, expect, it } from 'vitest';
import { type Random, seededRandom } from '../../src/base/random.ts';
import { fetchRequest, fetchResponse } from '../../src/protocol/messages/01-fetch.ts';
import { apiVersionsRequest, apiVersionsResponse } from '../../src/protocol/messages/18-api-versions.ts';
import { voteRequest, voteResponse } from '../../src/protocol/messages/52-vote.ts';
import {
  beginQuorumEpochRequest,
  beginQuorumEpochResponse,
} from '../../src/protocol/messages/53-begin-quorum-epoch.ts';
import { endQuorumEpochRequest, endQuorumEpochResponse } from '../../src/protocol/messages/54-end-quorum-epoch.ts';
import { describeQuorumRequest, describeQuorumResponse } from '../../src/protocol/messages/55-describe-quorum.ts';
import { fetchSnapshotRequest, fetchSnapshotResponse } from '../../src/protocol/messages/59-fetch-snapshot.ts';
import { addRaftVoterRequest, addRaftVoterResponse } from '../../src/protocol/messages/80-add-raft-voter.ts';
import { removeRaftVoterRequest, removeRaftVoterResponse } from '../../src/protocol/messages/81-remove-raft-voter.ts';
import { updateRaftVoterRequest, updateRaftVoterResponse } from '../../src/protocol/messages/82-update-raft-voter.ts';
import type { Field, Fields, InputFields, MessageSchema } from '../../src/protocol/schema.ts';
import type { RaftApi } from '../../src/raft/raft-types.ts';
import { CLUSTER_ID, Quorum } from './quorum-harness.ts';
import { deliverOverWire, throughWire, type WireApis } from './wire.ts';

const INTS = [-1, 0, 1, 2, 3, 4, 5, 9, 100, 0x7fffffff];
const STRINGS = ['', '__cluster_metadata', CLUSTER_ID, 'CONTROLLER', 'localhost', 'kraft.version'];

/** A message of random but likely values. */
class MessageMaker {
  readonly #random: Random;
  readonly #uuids: readonly string[];

  constructor(random: Random, directoryIds: readonly string[]) {
    this.#random = random;
    this.#uuids = ['AAAAAAAAAAAAAAAAAAAAAQ', 'AAAAAAAAAAAAAAAAAAAAAA', ...directoryIds];
  }

  #pick<T>(from: readonly T[]): T {
    const one = from[this.#random.int(from.length)];
    if (one === undefined) throw new Error('nothing to pick from');
    return one;
  }

  fields(fields: Fields, version: number): Record<string, unknown> {
    const carried = Object.entries(fields).filter(
      ([, { versions }]) => version >= versions.min && version <= versions.max,
    );
    return Object.fromEntries(carried.map(([name, field]) => [name, this.#value(name, field, version)]));
  }

  #value(name: string, field: Field, version: number): unknown {
    switch (field.kind) {
      case 'boolean':
        return this.#random.int(2) === 0;
      case 'string':
        return /topic|^name$/i.test(name) ? this.#pick(['__cluster_metadata', 'CONTROLLER', 'x']) : this.#pick(STRINGS);
      case 'uuid':
        return this.#pick(this.#uuids);
      case 'bytes':
      case 'records':
        return this.#random.bytes(this.#random.int(200));
      case 'array': {
        const { element } = field;
        const count = this.#pick([0, 1, 1, 1, 2]);
        return element === undefined ? [] : Array.from({ length: count }, () => this.#value(name, element, version));
      }
      case 'struct':
        return this.fields(field.fields ?? {}, version);
      case 'uint16':
        return this.#pick([0, 9001, 9002, 65535]);
      case 'int16':
        return /error/i.test(name)
          ? this.#pick([0, 0, 0, 6, 8, 35, 42, 74, 75, 98, 104, 125])
          : this.#pick([-1, 0, 1, 2]);
      case 'int8':
        return this.#pick([0, 1]);
      default:
        return this.#pick(INTS);
    }
  }
}

interface Pair {
  readonly request: MessageSchema;
  readonly response: MessageSchema;
  readonly version: number;
}

const SCHEMAS: Readonly<Record<keyof WireApis, Pair>> = {
  Vote: { request: voteRequest, response: voteResponse, version: 2 },
  BeginQuorumEpoch: { request: beginQuorumEpochRequest, response: beginQuorumEpochResponse, version: 1 },
  EndQuorumEpoch: { request: endQuorumEpochRequest, response: endQuorumEpochResponse, version: 1 },
  DescribeQuorum: { request: describeQuorumRequest, response: describeQuorumResponse, version: 2 },
  Fetch: { request: fetchRequest, response: fetchResponse, version: 18 },
  FetchSnapshot: { request: fetchSnapshotRequest, response: fetchSnapshotResponse, version: 1 },
  AddRaftVoter: { request: addRaftVoterRequest, response: addRaftVoterResponse, version: 1 },
  RemoveRaftVoter: { request: removeRaftVoterRequest, response: removeRaftVoterResponse, version: 0 },
  UpdateRaftVoter: { request: updateRaftVoterRequest, response: updateRaftVoterResponse, version: 0 },
  ApiVersions: { request: apiVersionsRequest, response: apiVersionsResponse, version: 4 },
};
const APIS = Object.keys(SCHEMAS) as (keyof WireApis)[];

function makerFor(quorum: Quorum, seed: number): MessageMaker {
  return new MessageMaker(
    seededRandom(seed),
    [...quorum.nodes.values()].map((node) => node.directoryId),
  );
}

// Goal: whatever a peer says, no node ends because of it, and every request is answered once.
describe('nodes outlive what peers say', () => {
  it('in requests', { timeout: 120_000 }, () => {
    for (let seed = 1; seed <= 12; seed++) {
      const quorum = new Quorum({ seed, voters: 3 });
      quorum.startAll();
      quorum.awaitLeader();
      const maker = makerFor(quorum, seed);
      const random = seededRandom(seed);
      let asked = 0;
      let answered = 0;
      for (let i = 0; i < 400; i++) {
        const api = APIS[random.int(APIS.length)] ?? 'Vote';
        const node = quorum.liveNodes[random.int(3)];
        if (node?.raft === undefined) continue;
        const request: object = maker.fields(SCHEMAS[api].request.fields, SCHEMAS[api].version);
        // A wait of weeks would outlast the run.
        const bounded = 'maxWaitMs' in request ? { ...request, maxWaitMs: 50 } : request;
        asked++;
        deliverOverWire(node.raft, api, bounded, () => {
          answered++;
        });
        quorum.clock.runFor(random.int(20));
        expect(quorum.fatal, `seed ${seed} request ${i} ${api}`).toEqual([]);
      }
      quorum.clock.runFor(10_000);
      expect(answered, `seed ${seed}`).toBe(asked);
      expect(quorum.fatal).toEqual([]);
    }
  });

  it('in responses', { timeout: 120_000 }, () => {
    for (let seed = 1; seed <= 12; seed++) {
      const quorum = new Quorum({ seed, voters: 3 });
      const maker = makerFor(quorum, seed);
      const random = seededRandom(seed);
      let lies = 0;
      quorum.distort = <A extends RaftApi>(api: A, response: object) => {
        if (random.int(3) > 0) return response;
        lies++;
        const { response: schema, version } = SCHEMAS[api];
        return throughWire(schema, version, maker.fields(schema.fields, version) as InputFields<Fields>);
      };
      quorum.startAll();
      quorum.clock.runFor(20_000);
      expect(lies, `seed ${seed}`).toBeGreaterThan(50);
      expect(quorum.fatal, `seed ${seed}`).toEqual([]);
    }
  });
});
