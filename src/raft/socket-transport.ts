import type { Clock } from '../base/clock.ts';
import { KafkaError } from '../base/kafka-error.ts';
import { fetchRequest, fetchResponse } from '../protocol/messages/01-fetch.ts';
import { apiVersionsRequest, apiVersionsResponse } from '../protocol/messages/18-api-versions.ts';
import { voteRequest, voteResponse } from '../protocol/messages/52-vote.ts';
import { beginQuorumEpochRequest, beginQuorumEpochResponse } from '../protocol/messages/53-begin-quorum-epoch.ts';
import { endQuorumEpochRequest, endQuorumEpochResponse } from '../protocol/messages/54-end-quorum-epoch.ts';
import { fetchSnapshotRequest, fetchSnapshotResponse } from '../protocol/messages/59-fetch-snapshot.ts';
import { addRaftVoterRequest, addRaftVoterResponse } from '../protocol/messages/80-add-raft-voter.ts';
import { removeRaftVoterRequest, removeRaftVoterResponse } from '../protocol/messages/81-remove-raft-voter.ts';
import { updateRaftVoterRequest, updateRaftVoterResponse } from '../protocol/messages/82-update-raft-voter.ts';
import type { DecodedFields, Fields, InputFields, MessageSchema } from '../protocol/schema.ts';
import { type Connector, PeerConnection, tcpConnector } from './peer-connection.ts';
import type { RaftApi, RaftApis, RaftDestination, RaftResult, RaftTransport } from './raft-types.ts';

/** Larger than any response that was asked for: fetches ask for 1 MiB, and one batch has at most 8 MiB. */
const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;
/** Fetches of the metadata topic carry epochs and leaders from version 12 on, its topic id from 13 on. */
const MIN_FETCH_VERSION = 13;

type Send<A extends RaftApi> = (
  connection: PeerConnection,
  request: RaftApis[A]['request'],
  timeoutMs: number,
  done: (result: RaftResult<A>) => void,
) => void;

function sending<Q extends Fields, S extends Fields>(
  request: MessageSchema<Q>,
  response: MessageSchema<S>,
  minVersion = 0,
) {
  return (
    connection: PeerConnection,
    body: InputFields<Q>,
    timeoutMs: number,
    done: (
      result: { response: DecodedFields<S>; error?: undefined } | { error: KafkaError; response?: undefined },
    ) => void,
  ): void => connection.send(request, response, body, timeoutMs, done, minVersion);
}

const SENDERS: { readonly [A in RaftApi]: Send<A> } = {
  Vote: sending(voteRequest, voteResponse),
  BeginQuorumEpoch: sending(beginQuorumEpochRequest, beginQuorumEpochResponse),
  EndQuorumEpoch: sending(endQuorumEpochRequest, endQuorumEpochResponse),
  Fetch: sending(fetchRequest, fetchResponse, MIN_FETCH_VERSION),
  FetchSnapshot: sending(fetchSnapshotRequest, fetchSnapshotResponse),
  ApiVersions: sending(apiVersionsRequest, apiVersionsResponse),
  AddRaftVoter: sending(addRaftVoterRequest, addRaftVoterResponse),
  RemoveRaftVoter: sending(removeRaftVoterRequest, removeRaftVoterResponse),
  UpdateRaftVoter: sending(updateRaftVoterRequest, updateRaftVoterResponse),
};

export interface SocketTransportOptions {
  readonly nodeId: number;
  readonly clock: Clock;
  /** How a controller listener is dialled; plain TCP when left out (TLS and SASL come in by another one). */
  readonly connector?: Connector;
}

interface Link {
  readonly destination: RaftDestination;
  readonly connection: PeerConnection;
}

/** Raft's requests over sockets, one connection a node, as client `raft-client-<id>`. */
export class SocketRaftTransport implements RaftTransport {
  readonly #options: SocketTransportOptions;
  readonly #links = new Map<number, Link>();
  #isClosed = false;

  constructor(options: SocketTransportOptions) {
    this.#options = options;
  }

  send<A extends RaftApi>(
    destination: RaftDestination,
    api: A,
    request: RaftApis[A]['request'],
    timeoutMs: number,
    done: (result: RaftResult<A>) => void,
  ): void {
    if (this.#isClosed) {
      const error = new KafkaError('BROKER_NOT_AVAILABLE', 'this node is closed');
      this.#options.clock.schedule(0, () => done({ error }));
      return;
    }
    SENDERS[api](this.#connection(destination), request, timeoutMs, done);
  }

  #connection(destination: RaftDestination): PeerConnection {
    const { id, host, port } = destination;
    const link = this.#links.get(id);
    if (link !== undefined) {
      const isSame = link.destination.host === host && link.destination.port === port;
      if (isSame && !link.connection.isClosed) return link.connection;
      link.connection.close('the node has another address now');
    }
    const { nodeId, clock, connector } = this.#options;
    const connection = new PeerConnection({
      host,
      port,
      clientId: `raft-client-${nodeId}`,
      connector: connector ?? tcpConnector,
      clock,
      maxResponseBytes: MAX_RESPONSE_BYTES,
      onClosed: () => {
        if (this.#links.get(id)?.connection === connection) this.#links.delete(id);
      },
    });
    this.#links.set(id, { destination, connection });
    return connection;
  }

  close(): void {
    this.#isClosed = true;
    for (const { connection } of [...this.#links.values()]) connection.close('this node is closed');
    this.#links.clear();
  }
}
