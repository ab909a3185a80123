import { fetchRequest, fetchResponse } from '../../src/protocol/messages/01-fetch.ts';
import { apiVersionsRequest, apiVersionsResponse } from '../../src/protocol/messages/18-api-versions.ts';
import { voteRequest, voteResponse } from '../../src/protocol/messages/52-vote.ts';
import {
  beginQuorumEpochRequest,
  beginQuorumEpochResponse,
} from '../../src/protocol/messages/53-begin-quorum-epoch.ts';
import { endQuorumEpochRequest, endQuorumEpochResponse } from '../../src/protocol/messages/54-end-quorum-epoch.ts';
import {
  type DescribeQuorumRequestInput,
  type DescribeQuorumResponse,
  describeQuorumRequest,
  describeQuorumResponse,
} from '../../src/protocol/messages/55-describe-quorum.ts';
import { fetchSnapshotRequest, fetchSnapshotResponse } from '../../src/protocol/messages/59-fetch-snapshot.ts';
import { addRaftVoterRequest, addRaftVoterResponse } from '../../src/protocol/messages/80-add-raft-voter.ts';
import { removeRaftVoterRequest, removeRaftVoterResponse } from '../../src/protocol/messages/81-remove-raft-voter.ts';
import { updateRaftVoterRequest, updateRaftVoterResponse } from '../../src/protocol/messages/82-update-raft-voter.ts';
import { Reader } from '../../src/protocol/reader.ts';
import type { DecodedFields, Fields, InputFields, MessageSchema } from '../../src/protocol/schema.ts';
import { Writer } from '../../src/protocol/writer.ts';
import type { RaftNode } from '../../src/raft/raft-node.ts';
import type { RaftApis, RaftRequestContext } from '../../src/raft/raft-types.ts';

/** The controller listener of all simulated nodes. */
export const LISTENER = 'CONTROLLER';

/** Puts a message through the real codec, as a socket would. */
export function throughWire<F extends Fields>(
  schema: MessageSchema<F>,
  version: number,
  value: InputFields<F>,
): DecodedFields<F> {
  const writer = new Writer();
  schema.encode(writer, version, value);
  return schema.decode(new Reader(writer.finishWhole()), version);
}

/** What nodes can be asked: the requests of other nodes, and of tools. */
export interface WireApis extends RaftApis {
  readonly DescribeQuorum: { request: DescribeQuorumRequestInput; response: DescribeQuorumResponse };
}

type Deliver<A extends keyof WireApis> = (
  raft: RaftNode,
  request: WireApis[A]['request'],
  answer: (response: WireApis[A]['response']) => void,
) => void;

function wired<Q extends Fields, S extends Fields>(
  request: MessageSchema<Q>,
  response: MessageSchema<S>,
  version: number,
  handle: (
    raft: RaftNode,
  ) => (decoded: DecodedFields<Q>, context: RaftRequestContext, reply: (response: InputFields<S>) => void) => void,
) {
  return (raft: RaftNode, value: InputFields<Q>, answer: (response: DecodedFields<S>) => void): void => {
    const context: RaftRequestContext = { listenerName: LISTENER, apiVersion: version };
    handle(raft).call(raft, throughWire(request, version, value), context, (reply) =>
      answer(throughWire(response, version, reply)),
    );
  };
}

const DELIVERIES: { readonly [A in keyof WireApis]: Deliver<A> } = {
  DescribeQuorum: wired(describeQuorumRequest, describeQuorumResponse, 2, (raft) => raft.handleDescribeQuorum),
  Vote: wired(voteRequest, voteResponse, 2, (raft) => raft.handleVote),
  BeginQuorumEpoch: wired(beginQuorumEpochRequest, beginQuorumEpochResponse, 1, (raft) => raft.handleBeginQuorumEpoch),
  EndQuorumEpoch: wired(endQuorumEpochRequest, endQuorumEpochResponse, 1, (raft) => raft.handleEndQuorumEpoch),
  Fetch: wired(fetchRequest, fetchResponse, 18, (raft) => raft.handleFetch),
  FetchSnapshot: wired(fetchSnapshotRequest, fetchSnapshotResponse, 1, (raft) => raft.handleFetchSnapshot),
  AddRaftVoter: wired(addRaftVoterRequest, addRaftVoterResponse, 1, (raft) => raft.handleAddRaftVoter),
  RemoveRaftVoter: wired(removeRaftVoterRequest, removeRaftVoterResponse, 0, (raft) => raft.handleRemoveRaftVoter),
  UpdateRaftVoter: wired(updateRaftVoterRequest, updateRaftVoterResponse, 0, (raft) => raft.handleUpdateRaftVoter),
  // What the broker around a raft node answers.
  ApiVersions: wired(apiVersionsRequest, apiVersionsResponse, 4, () => (_request, _context, reply) => {
    reply({ supportedFeatures: [{ name: 'kraft.version', minVersion: 0, maxVersion: 1 }] });
  }),
};

/** Hands a request to a node and its response back, both encoded and decoded in the newest version. */
export function deliverOverWire<A extends keyof WireApis>(
  raft: RaftNode,
  api: A,
  request: WireApis[A]['request'],
  answer: (response: WireApis[A]['response']) => void,
): void {
  DELIVERIES[api](raft, request, answer);
}
