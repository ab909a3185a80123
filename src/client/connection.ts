import type { Socket } from 'node:net';
import type { Timer } from '../base/clock.ts';
import { KafkaError } from '../base/kafka-error.ts';
import { FrameSplitter } from '../protocol/frame-splitter.ts';
import { decodeWhole, encodeRequest, readResponseHeader } from '../protocol/header.ts';
import { Reader } from '../protocol/reader.ts';
import type { DecodedFields, Fields, InputFields, MessageSchema } from '../protocol/schema.ts';
import type { ClientEnvironment } from './environment.ts';
import { disconnectError } from './errors.ts';
import { NodeVersions, type VersionBounds } from './node-versions.ts';
import type { Node } from './types.ts';

/** Larger answers are refused before they are allocated; also catches peers that speak another protocol. */
const MAX_RESPONSE_BYTES = 256 * 1024 * 1024;

/** A request body, or how to make it for the version that was chosen. */
export type Body<F extends Fields> = InputFields<F> | ((version: number) => InputFields<F>);

export interface SendOptions extends VersionBounds {
  /** How long to wait for the answer; then the connection is closed, as Kafka's clients do. */
  readonly timeoutMs: number;
}

/** Gets either the error or the response. */
type Done<P> = (error: KafkaError | undefined, response: P | undefined) => void;

interface InFlight {
  readonly correlationId: number;
  /** Reads the answer and hands it on. */
  readonly complete: (frame: Buffer) => void;
  readonly fail: (error: KafkaError) => void;
  timer: Timer | undefined;
}

/**
 * One connection to a node: requests go out at once, answers come back in the order of the requests. Made by
 * `openConnection`, which negotiates versions and authenticates before anybody else gets it.
 */
export class Connection {
  /** Whom it leads to; a bootstrap connection gets its broker's once that is known. */
  node: Node;
  readonly clientId: string;
  /** Of the node; empty until ApiVersions was answered. */
  versions: NodeVersions = NO_VERSIONS;
  /** Called once when the connection ends, with the reason. */
  onClose: (error: KafkaError) => void = () => {};
  readonly #socket: Socket;
  readonly #environment: ClientEnvironment;
  readonly #splitter: FrameSplitter;
  readonly #inFlight: InFlight[] = [];
  #firstInFlight = 0;
  #nextCorrelationId = 0;
  #closedBy: KafkaError | undefined;

  /** @param socket connected; the connection owns it from now on */
  constructor(node: Node, clientId: string, socket: Socket, environment: ClientEnvironment) {
    this.node = node;
    this.clientId = clientId;
    this.#socket = socket;
    this.#environment = environment;
    this.#splitter = new FrameSplitter(MAX_RESPONSE_BYTES, (frame) => this.#receive(frame));
    socket.on('data', (chunk: Buffer) => this.#push(chunk));
    socket.on('error', (error) => this.close(this.#disconnected(error)));
    socket.on('close', () => this.close(this.#disconnected(undefined)));
  }

  get isOpen(): boolean {
    return this.#closedBy === undefined;
  }

  /** Requests that wait for their answer. */
  get inFlightCount(): number {
    return this.#inFlight.length - this.#firstInFlight;
  }

  /** The correlation id that the next request gets. */
  get nextCorrelationId(): number {
    return this.#nextCorrelationId;
  }

  /** Bytes that the socket has not taken yet. */
  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  /**
   * Sends a request in the newest version that the node, the schemas and the bounds allow. Rejects with KafkaError:
   * UNSUPPORTED_VERSION, or NETWORK_EXCEPTION (a DisconnectException) when no answer comes. An error code inside the
   * response is the caller's to look at.
   */
  send<Q extends Fields, P extends Fields>(
    request: MessageSchema<Q>,
    response: MessageSchema<P>,
    body: Body<Q>,
    options: SendOptions,
  ): Promise<DecodedFields<P>> {
    return new Promise((resolve, reject) => {
      const version = this.versions.choose(request, options);
      this.request(request, response, version, body, options.timeoutMs, (error, decoded) => {
        if (decoded === undefined) reject(error);
        else resolve(decoded);
      });
    });
  }

  /** As {@link send} in a given version and with a callback; for hot paths and for the handshake. */
  request<Q extends Fields, P extends Fields>(
    request: MessageSchema<Q>,
    response: MessageSchema<P>,
    version: number,
    body: Body<Q>,
    timeoutMs: number,
    done: Done<DecodedFields<P>>,
  ): void {
    this.requestRaw(request, version, body, timeoutMs, (error, frame) => {
      if (frame === undefined) {
        done(error, undefined);
        return;
      }
      let decoded: DecodedFields<P>;
      try {
        const reader = new Reader(frame);
        readResponseHeader(response, version, reader);
        decoded = decodeWhole(response, version, reader);
      } catch (cause) {
        if (!(cause instanceof KafkaError)) throw cause;
        done(cause, undefined);
        return;
      }
      done(undefined, decoded);
    });
  }

  /** As {@link request}, but hands on the answer's frame as it came, header included. */
  requestRaw<Q extends Fields>(
    request: MessageSchema<Q>,
    version: number,
    body: Body<Q>,
    timeoutMs: number,
    done: Done<Buffer>,
  ): void {
    if (this.#closedBy !== undefined) {
      done(this.#closedBy, undefined);
      return;
    }
    const correlationId = this.#write(request, version, body);
    const waiting: InFlight = {
      correlationId,
      complete: (frame) => done(undefined, frame),
      fail: (error) => done(error, undefined),
      timer: undefined,
    };
    waiting.timer = this.#environment.clock.schedule(timeoutMs, () => this.#timeOut());
    this.#inFlight.push(waiting);
  }

  /** Sends a request that gets no answer (Produce with acks=0). */
  sendOneWay<Q extends Fields>(request: MessageSchema<Q>, version: number, body: Body<Q>): void {
    if (this.#closedBy === undefined) this.#write(request, version, body);
  }

  #write<Q extends Fields>(request: MessageSchema<Q>, version: number, body: Body<Q>): number {
    const correlationId = this.#nextCorrelationId;
    const value = typeof body === 'function' ? body(version) : body;
    const chunks = encodeRequest(request, version, correlationId, this.clientId, value);
    this.#nextCorrelationId = (correlationId + 1) & 0x7fffffff;
    const only = chunks.length === 1 ? chunks[0] : undefined;
    if (only !== undefined) {
      this.#socket.write(only);
      return correlationId;
    }
    this.#socket.cork();
    for (const chunk of chunks) this.#socket.write(chunk);
    this.#socket.uncork();
    return correlationId;
  }

  #push(chunk: Buffer): void {
    try {
      this.#splitter.push(chunk);
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      const { host, port } = this.node;
      this.close(disconnectError(`The answer of ${host}:${port} is no Kafka response: ${error.message}`, error));
    }
  }

  #receive(frame: Buffer): void {
    const waiting = this.#inFlight[this.#firstInFlight];
    if (waiting === undefined) throw new KafkaError('INVALID_REQUEST', 'an answer came that nobody asked for');
    const correlationId = frame.length < 4 ? undefined : frame.readInt32BE(0);
    if (correlationId !== waiting.correlationId) {
      throw new KafkaError(
        'INVALID_REQUEST',
        `Correlation id for response (${correlationId}) does not match request (${waiting.correlationId})`,
      );
    }
    this.#takeFirst();
    waiting.timer?.cancel();
    waiting.complete(frame);
  }

  // Moves a cursor and drops the answered ones from time to time, instead of shifting the array for every answer.
  #takeFirst(): void {
    this.#firstInFlight++;
    if (this.#firstInFlight === this.#inFlight.length || this.#firstInFlight > 64) {
      this.#inFlight.splice(0, this.#firstInFlight);
      this.#firstInFlight = 0;
    }
  }

  #timeOut(): void {
    this.#environment.logger.info(`Disconnecting from node ${this.node.id} due to request timeout.`);
    this.close(disconnectError(`The node ${this.node.id} did not answer in time.`));
  }

  #disconnected(cause: Error | undefined): KafkaError {
    return disconnectError(`The node ${this.node.id} (${this.node.host}:${this.node.port}) disconnected.`, cause);
  }

  /** Ends the connection; what waits for an answer fails with `error`. Harmless when it has ended already. */
  close(error: KafkaError = disconnectError('The connection was closed by the client.')): void {
    if (this.#closedBy !== undefined) return;
    this.#closedBy = error;
    this.#socket.destroy();
    const waiting = this.#inFlight.splice(this.#firstInFlight);
    this.#inFlight.length = 0;
    this.#firstInFlight = 0;
    for (const one of waiting) one.timer?.cancel();
    this.onClose(error);
    for (const one of waiting) one.fail(error);
  }
}

const NO_VERSIONS = new NodeVersions({
  errorCode: 0,
  apiKeys: [],
  throttleTimeMs: 0,
  supportedFeatures: [],
  finalizedFeaturesEpoch: -1,
  finalizedFeatures: [],
  zkMigrationReady: false,
});
