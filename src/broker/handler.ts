/**
 * The shape of an API's handler, one file an API in handlers/. The dispatch table, and so the ApiVersions answer, is
 * built from the handlers: what nobody handles is not advertised.
 *
 *     export const describeCluster = defineHandler({
 *       request: describeClusterRequest,
 *       response: describeClusterResponse,
 *       listeners: ['broker', 'controller'],
 *       handle(services, request, context, reply) {
 *         reply({ clusterId: services.clusterId, … });
 *       },
 *       errorResponse: (error) => ({ errorCode: error.code, errorMessage: error.message }),
 *     });
 */

import { KafkaError } from '../base/kafka-error.ts';
import { errorCodeOf, errorNameOf } from '../protocol/error-codes.ts';
import { encodeResponse, type RequestHeader } from '../protocol/header.ts';
import type { Reader } from '../protocol/reader.ts';
import type { DecodedFields, Fields, InputFields, MessageSchema } from '../protocol/schema.ts';
import type { VersionRange } from '../protocol/versions.ts';
import type { BrokerServices } from './services.ts';

/** The two kinds of listener (KIP-500): what clients talk to, and what controllers and brokers talk to. */
export type ListenerType = 'broker' | 'controller';

/** The listener that a request came in by. */
export interface ListenerInfo {
  /** `PLAINTEXT`, `CONTROLLER`, …: its name in `listeners`. */
  readonly name: string;
  readonly type: ListenerType;
  readonly securityProtocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';
  /** The host it is bound to as configured; empty = all addresses. */
  readonly boundHost: string;
}

/** What is known of the peer's connection. */
export interface ConnectionInfo {
  /** Kafka's connection id: `localHost:localPort-remoteHost:remotePort-index`. */
  readonly id: string;
  /** The address that the client connected to. */
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly listener: ListenerInfo;
  /** From ApiVersions v3 and later; `unknown` before. */
  clientSoftwareName: string;
  clientSoftwareVersion: string;
}

/** Whether somebody will read the answer. */
export interface PeerLink {
  isConnected(): boolean;
  /** Calls `run` once when the connection closes, unless the returned function was called before. */
  onClose(run: () => void): () => void;
}

/** Who sent a request. */
export interface KafkaPrincipal {
  /** `User`. */
  readonly type: string;
  readonly name: string;
}

/** `User:ANONYMOUS`, everyone on a listener without authentication. */
export const ANONYMOUS: KafkaPrincipal = { type: 'User', name: 'ANONYMOUS' };

/** Whom a request comes from that a broker passed on. */
export interface ForwardedClient {
  readonly principal: KafkaPrincipal;
  /** The address by which the client reached the broker. */
  readonly clientAddress: string;
}

/** All that a handler may want to know of a request beside its body. */
export interface RequestContext {
  readonly header: RequestHeader;
  /** Version of the request and of its response; the same as header.apiVersion. */
  readonly apiVersion: number;
  /** Empty when the client sent none. */
  readonly clientId: string;
  /** As group members show it: `/127.0.0.1`. */
  readonly clientHost: string;
  readonly connection: ConnectionInfo;
  readonly listener: ListenerInfo;
  readonly principal: KafkaPrincipal;
  /** Set when a broker wrapped the request in an Envelope; `connection` is then that broker's. */
  readonly isForwarded: boolean;
  /** Bytes of the request's frame. */
  readonly requestSizeBytes: number;
  /** clock.monotonicMs() when the request was read. */
  readonly receivedAtMs: number;
  /** Of the connection: whether it is still there. */
  readonly link: PeerLink;
}

/**
 * Answers a request, now or later. The first call counts, later ones are ignored; answers to one connection leave in the
 * order of its requests whatever the order of these calls.
 */
export interface Reply<P extends Fields> {
  (response: InputFields<P>): void;
  /** Answers with the handler's errorResponse; anything but a KafkaError is logged and becomes UNKNOWN_SERVER_ERROR. */
  fail(error: unknown): void;
  /** Sends nothing (Produce with acks=0). */
  nothing(): void;
  /** Closes the connection without an answer. */
  disconnect(reason: string): void;
}

/** What {@link ApiHandler.errorResponse} is to put into the response. */
export interface HandlerError {
  readonly code: number;
  /** Kafka's name of the error. */
  readonly name: string;
  /** Null when the error came without a message of its own. */
  readonly message: string | null;
}

/** One API. */
export interface ApiHandler<Q extends Fields = Fields, P extends Fields = Fields> {
  readonly request: MessageSchema<Q>;
  readonly response: MessageSchema<P>;
  /** Versions that are honoured; default: all of the schema. */
  readonly versions?: VersionRange;
  /** Versions that ApiVersions shows, where they differ (Produce, KAFKA-18659). */
  readonly advertisedVersions?: VersionRange;
  /** The listeners that serve it. */
  readonly listeners: readonly ListenerType[];
  /** Only the active controller can do it: a broker that is not passes it on in an Envelope (KIP-590). */
  readonly forwarded?: boolean;
  /** The handler itself passes it on, through services.forwarder, after checks that the client's broker has to make. */
  readonly forwardsItself?: boolean;
  /**
   * Does the request. Never async: state is read and changed without `await` in between; a request that must wait is
   * kept as an object and answered by `reply` later. A KafkaError thrown here becomes errorResponse.
   */
  handle(services: BrokerServices, request: DecodedFields<Q>, context: RequestContext, reply: Reply<P>): void;
  /** The response that says that the whole request failed, with the error where this API's versions have it. */
  errorResponse(error: HandlerError, request: DecodedFields<Q>, context: RequestContext): InputFields<P>;
}

/** Where the answer to one request goes. */
export interface ResponseSink {
  /** The response as it goes over the wire, its size and header included. */
  send(chunks: Uint8Array[]): void;
  nothing(): void;
  disconnect(reason: string): void;
  /** Asked before an error response is made; true = the error is dealt with and no response is wanted. */
  takesError?(error: unknown): boolean;
}

/** A request that was read and can be handled any number of times. */
export interface DecodedRequest {
  handle(services: BrokerServices, sink: ResponseSink): void;
  /** Answers with an error. */
  refuse(services: BrokerServices, error: unknown, sink: ResponseSink): void;
}

/** A handler whose message types are closed in: what the dispatch table holds. */
export interface RegisteredHandler {
  readonly apiKey: number;
  readonly name: string;
  readonly versions: VersionRange;
  readonly advertisedVersions: VersionRange;
  readonly listeners: readonly ListenerType[];
  /** Whether the active controller alone can do it. */
  readonly forwarded: boolean;
  /** Whether a broker is to pass it on as it came. */
  readonly isPassedOn: boolean;
  /** Whether a version has header version 2. */
  isFlexible(version: number): boolean;
  /**
   * Decodes the body at the reader, handles it and encodes its answer into the sink. Throws KafkaError INVALID_REQUEST
   * when the bytes are no such request; the connection is then of no more use.
   */
  serve(services: BrokerServices, reader: Reader, context: RequestContext, sink: ResponseSink): void;
  /** The same in two steps. */
  decode(reader: Reader, context: RequestContext): DecodedRequest;
}

/** Gives the handler's parameters their types from its schemas, and closes them in. */
export function defineHandler<Q extends Fields, P extends Fields>(
  handler: ApiHandler<Q, P>,
): RegisteredHandler & { readonly definition: ApiHandler<Q, P> } {
  const versions = handler.versions ?? handler.request.versions;
  return {
    definition: handler,
    apiKey: handler.request.apiKey,
    name: handler.request.name,
    versions,
    advertisedVersions: handler.advertisedVersions ?? versions,
    listeners: handler.listeners,
    forwarded: handler.forwarded ?? false,
    isPassedOn: handler.forwarded === true && handler.forwardsItself !== true,
    isFlexible: (version) => handler.request.isFlexible(version),
    serve(services, reader, context, sink) {
      run(handler, services, handler.request.decode(reader, context.apiVersion), context, sink);
    },
    decode(reader, context) {
      const request = handler.request.decode(reader, context.apiVersion);
      return {
        handle: (services, sink) => run(handler, services, request, context, sink),
        refuse: (services, error, sink) => makeReply(handler, services, request, context, sink).fail(error),
      };
    },
  };
}

function run<Q extends Fields, P extends Fields>(
  handler: ApiHandler<Q, P>,
  services: BrokerServices,
  request: DecodedFields<Q>,
  context: RequestContext,
  sink: ResponseSink,
): void {
  const reply = makeReply(handler, services, request, context, sink);
  try {
    handler.handle(services, request, context, reply);
  } catch (error) {
    reply.fail(error);
  }
}

function makeReply<Q extends Fields, P extends Fields>(
  handler: ApiHandler<Q, P>,
  services: BrokerServices,
  request: DecodedFields<Q>,
  context: RequestContext,
  sink: ResponseSink,
): Reply<P> {
  let isDone = false;
  const encode = (response: InputFields<P>): Uint8Array[] =>
    encodeResponse(handler.response, context.apiVersion, context.header.correlationId, response);
  const fail = (error: unknown): void => {
    if (isDone) return;
    isDone = true;
    if (sink.takesError?.(error) === true) return;
    const name = handler.request.name;
    if (!(error instanceof KafkaError)) services.logger.error(`${name} failed unexpectedly`, error);
    try {
      sink.send(encode(handler.errorResponse(handlerError(error), request, context)));
    } catch (encodeError) {
      services.logger.error(`the error response of ${name} v${context.apiVersion} cannot be encoded`, encodeError);
      sink.disconnect('no response could be made');
    }
  };
  const reply = (response: InputFields<P>): void => {
    if (isDone) return;
    let chunks: Uint8Array[];
    try {
      chunks = encode(response);
    } catch (error) {
      fail(error);
      return;
    }
    isDone = true;
    sink.send(chunks);
  };
  const nothing = (): void => {
    if (isDone) return;
    isDone = true;
    sink.nothing();
  };
  const disconnect = (reason: string): void => {
    if (isDone) return;
    isDone = true;
    sink.disconnect(reason);
  };
  return Object.assign(reply, { fail, nothing, disconnect });
}

/** What a thrown value says to a client: the details of an unexpected error stay in the log, as in Kafka. */
export function handlerError(error: unknown): HandlerError {
  const code = errorCodeOf(error);
  const message = error instanceof KafkaError && error.message !== error.errorName ? error.message : null;
  return { code, name: errorNameOf(code), message };
}
