import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock, Timer } from '../base/clock.ts';
import { KafkaError } from '../base/kafka-error.ts';
import { ErrorCode, errorNameOf } from '../protocol/error-codes.ts';
import { FrameSplitter } from '../protocol/frame-splitter.ts';
import { decodeWhole, encodeRequest, readResponseHeader } from '../protocol/header.ts';
import { apiVersionsRequest, apiVersionsResponse } from '../protocol/messages/18-api-versions.ts';
import { Reader } from '../protocol/reader.ts';
import type { DecodedFields, Fields, InputFields, MessageSchema } from '../protocol/schema.ts';

/**
 * Opens a stream to a node, ready to be written to or about to be; errors come as events of the stream. With `receive`
 * the bytes may come there, in memory that is used again when it returns, instead of as `data` events.
 */
export type Connector = (host: string, port: number, receive?: (chunk: Buffer) => void) => Duplex;

const RECEIVE_BYTES = 256 * 1024;

/** Plain TCP. */
export const tcpConnector: Connector = (host, port, receive) => {
  const options = { host, port, noDelay: true, keepAlive: true };
  if (receive === undefined) return connect(options);
  const buffer = Buffer.allocUnsafeSlow(RECEIVE_BYTES);
  const callback = (sizeBytes: number): boolean => {
    receive(buffer.subarray(0, sizeBytes));
    return true;
  };
  return connect({ ...options, onread: { buffer, callback } });
};

export type PeerResult<T> =
  | { readonly response: T; readonly error?: undefined }
  | { readonly error: KafkaError; readonly response?: undefined };

/** A request that was not answered yet. */
interface Pending {
  /** Reads the response; throws KafkaError when it is none. */
  readonly complete: (reader: Reader) => void;
  readonly fail: (error: KafkaError) => void;
}

interface VersionRange {
  readonly min: number;
  readonly max: number;
}

export interface PeerConnectionOptions {
  readonly host: string;
  readonly port: number;
  readonly clientId: string;
  readonly connector: Connector;
  readonly clock: Clock;
  readonly maxResponseBytes: number;
  /**
   * Responses are received in memory that is used again: whoever gets one must keep none of its bytes when `done`
   * returns. Default: false.
   */
  readonly reusesMemory?: boolean;
  /** Called once when nothing can be sent any more. */
  readonly onClosed: () => void;
}

/** A lower version that every Kafka understands, when the peer does not know the newest ApiVersions. */
const OLDEST_API_VERSIONS = 0;

/**
 * One connection from this node to another: agrees on versions (ApiVersions first), then sends requests, each in the
 * highest version that both know. Requests that are sent before it is open wait for that.
 */
export class PeerConnection {
  readonly #options: PeerConnectionOptions;
  readonly #stream: Duplex;
  readonly #pending = new Map<number, Pending>();
  /** What waits until the versions are known. */
  #waiting: (() => void)[] = [];
  #versions: Map<number, VersionRange> | undefined;
  #nextCorrelationId = 0;
  #closedBy: KafkaError | undefined;

  constructor(options: PeerConnectionOptions) {
    this.#options = options;
    const { host, port, reusesMemory = false } = options;
    const splitter = new FrameSplitter(
      options.maxResponseBytes,
      (frame) => this.#handleFrame(frame),
      reusesMemory ? reusedMemory() : undefined,
    );
    const receive = (chunk: Buffer): void => {
      try {
        splitter.push(chunk);
      } catch (error) {
        this.close(`${host}:${port} sent what is no response (${error instanceof Error ? error.message : error})`);
      }
    };
    this.#stream = reusesMemory ? options.connector(host, port, receive) : options.connector(host, port);
    this.#stream.on('data', receive);
    this.#stream.on('error', (error) => this.close(`${host}:${port} cannot be reached (${error.message})`));
    this.#stream.on('close', () => this.close(`${host}:${port} closed the connection`));
    this.#negotiate(apiVersionsRequest.versions.max);
  }

  get isClosed(): boolean {
    return this.#closedBy !== undefined;
  }

  /**
   * Sends a request in a version of at least `minVersion`. `done` is called exactly once, never before this returns:
   * with UNSUPPORTED_VERSION when the peer has no version that can carry it, BROKER_NOT_AVAILABLE when the connection
   * breaks, REQUEST_TIMED_OUT when no answer comes within `timeoutMs` (the connection is then closed, as in Kafka).
   */
  send<Q extends Fields, S extends Fields>(
    request: MessageSchema<Q>,
    response: MessageSchema<S>,
    body: InputFields<Q>,
    timeoutMs: number,
    done: (result: PeerResult<DecodedFields<S>>) => void,
    minVersion = 0,
  ): void {
    const { clock, host, port } = this.#options;
    let timer: Timer | undefined;
    let isDone = false;
    const finish = (result: PeerResult<DecodedFields<S>>): void => {
      if (isDone) return;
      isDone = true;
      timer?.cancel();
      done(result);
    };
    const fail = (error: KafkaError): void => finish({ error });
    timer = clock.schedule(timeoutMs, () => {
      const error = new KafkaError('REQUEST_TIMED_OUT', `${host}:${port} does not answer within ${timeoutMs} ms`);
      fail(error);
      this.close(error.message);
    });
    const write = (): void => {
      if (isDone) return;
      if (this.#closedBy !== undefined) {
        const error = this.#closedBy;
        clock.schedule(0, () => fail(error));
        return;
      }
      try {
        const version = this.#commonVersion(request, minVersion);
        this.#write(request, version, body, {
          complete: (reader) => finish({ response: decodeWhole(response, version, reader) }),
          fail,
        });
      } catch (error) {
        if (!(error instanceof KafkaError)) throw error;
        clock.schedule(0, () => fail(error));
      }
    };
    if (this.#versions === undefined && this.#closedBy === undefined) this.#waiting.push(write);
    else write();
  }

  #commonVersion(request: MessageSchema, minVersion: number): number {
    const peer = this.#versions?.get(request.apiKey);
    const version = Math.min(request.versions.max, peer?.max ?? -1);
    if (peer === undefined || version < Math.max(request.versions.min, peer.min, minVersion)) {
      const { host, port } = this.#options;
      throw new KafkaError(
        'UNSUPPORTED_VERSION',
        `${host}:${port} has no version of ${request.name} in common with us`,
      );
    }
    return version;
  }

  #write<Q extends Fields>(request: MessageSchema<Q>, version: number, body: InputFields<Q>, pending: Pending): void {
    const correlationId = this.#nextCorrelationId;
    const chunks = encodeRequest(request, version, correlationId, this.#options.clientId, body);
    this.#nextCorrelationId = (correlationId + 1) & 0x7fffffff;
    this.#pending.set(correlationId, {
      complete: (reader) => {
        readResponseHeader(request, version, reader);
        pending.complete(reader);
      },
      fail: pending.fail,
    });
    for (const chunk of chunks) this.#stream.write(chunk);
  }

  #negotiate(version: number): void {
    const body = { clientSoftwareName: 'ottla', clientSoftwareVersion: '0.1.0' };
    this.#write(apiVersionsRequest, version, body, {
      complete: (reader) => {
        // A broker that does not know the version answers in version 0, with the versions that it knows.
        const isUnknown = reader.buffer.readInt16BE(reader.position) === ErrorCode.UNSUPPORTED_VERSION;
        const answer = decodeWhole(apiVersionsResponse, isUnknown ? OLDEST_API_VERSIONS : version, reader);
        const known = answer.apiKeys.find((one) => one.apiKey === apiVersionsRequest.apiKey);
        if (answer.errorCode === ErrorCode.NONE) {
          this.#open(new Map(answer.apiKeys.map((one) => [one.apiKey, { min: one.minVersion, max: one.maxVersion }])));
        } else if (isUnknown && version > OLDEST_API_VERSIONS) {
          this.#negotiate(Math.min(version - 1, known?.maxVersion ?? OLDEST_API_VERSIONS));
        } else {
          this.close(`ApiVersions was answered with ${errorNameOf(answer.errorCode)}`);
        }
      },
      fail: () => {},
    });
  }

  #open(versions: Map<number, VersionRange>): void {
    this.#versions = versions;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const write of waiting) write();
  }

  #handleFrame(frame: Buffer): void {
    const correlationId = new Reader(frame).int32();
    const pending = this.#pending.get(correlationId);
    if (pending === undefined) throw new KafkaError('INVALID_REQUEST', `nothing was asked with id ${correlationId}`);
    this.#pending.delete(correlationId);
    try {
      pending.complete(new Reader(frame));
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      pending.fail(new KafkaError('BROKER_NOT_AVAILABLE', error.message, { cause: error }));
      throw error;
    }
  }

  /** Ends the connection; everything that was not answered fails with BROKER_NOT_AVAILABLE and `why`. */
  close(why = 'the connection is closed'): void {
    if (this.#closedBy !== undefined) return;
    const error = new KafkaError('BROKER_NOT_AVAILABLE', why);
    this.#closedBy = error;
    this.#stream.destroy();
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#options.onClosed();
    // Not from within the call that closes.
    this.#options.clock.schedule(0, () => {
      for (const one of pending) one.fail(error);
    });
    for (const write of waiting) write();
  }
}

/** Gives out the same memory each time, as large as the largest that was asked for. */
function reusedMemory(): (sizeBytes: number) => Buffer {
  let memory = Buffer.alloc(0);
  return (sizeBytes) => {
    if (memory.length < sizeBytes) memory = Buffer.allocUnsafeSlow(sizeBytes);
    return memory.subarray(0, sizeBytes);
  };
}
