import type { Clock } from '../base/clock.ts';
import { KafkaError } from '../base/kafka-error.ts';
import { ErrorCode } from '../protocol/error-codes.ts';
import { encodeResponse, type RequestHeader, readRequestHeader, skipTags } from '../protocol/header.ts';
import { apiVersionsResponse } from '../protocol/messages/18-api-versions.ts';
import { Reader } from '../protocol/reader.ts';
import { includesVersion } from '../protocol/versions.ts';
import {
  ANONYMOUS,
  type ConnectionInfo,
  type ForwardedClient,
  type KafkaPrincipal,
  type ListenerType,
  type PeerLink,
  type RegisteredHandler,
  type RequestContext,
  type ResponseSink,
} from './handler.ts';
import type { BrokerServices } from './services.ts';

const API_VERSIONS_KEY = 18;

/** One line of an ApiVersions answer. */
export interface AdvertisedApi {
  readonly apiKey: number;
  readonly minVersion: number;
  readonly maxVersion: number;
}

/** All handlers by their key. */
export class DispatchTable {
  readonly #handlers: readonly (RegisteredHandler | undefined)[];
  readonly #advertised: Readonly<Record<ListenerType, readonly AdvertisedApi[]>>;

  constructor(handlers: readonly RegisteredHandler[]) {
    const byKey: (RegisteredHandler | undefined)[] = [];
    for (const handler of handlers) {
      if (byKey[handler.apiKey] !== undefined) throw new RangeError(`two handlers for ${handler.name}`);
      byKey[handler.apiKey] = handler;
    }
    this.#handlers = byKey;
    this.#advertised = { broker: advertise(byKey, 'broker'), controller: advertise(byKey, 'controller') };
  }

  /** The handler of a key on a kind of listener, undefined when there is none. */
  lookup(apiKey: number, listenerType: ListenerType): RegisteredHandler | undefined {
    const handler = this.#handlers[apiKey];
    return handler?.listeners.includes(listenerType) === true ? handler : undefined;
  }

  /** What ApiVersions says on a kind of listener, keys ascending. */
  advertised(listenerType: ListenerType): readonly AdvertisedApi[] {
    return this.#advertised[listenerType];
  }
}

function advertise(handlers: readonly (RegisteredHandler | undefined)[], listenerType: ListenerType): AdvertisedApi[] {
  return handlers.flatMap((handler) => {
    if (handler === undefined || !handler.listeners.includes(listenerType)) return [];
    const { min, max } = handler.advertisedVersions;
    return [{ apiKey: handler.apiKey, minVersion: min, maxVersion: max }];
  });
}

/** Reads request frames and hands them to their handlers. */
export class Dispatcher {
  readonly #table: DispatchTable;
  readonly #services: BrokerServices;
  readonly #clock: Clock;

  constructor(table: DispatchTable, services: BrokerServices) {
    this.#table = table;
    this.#services = services;
    this.#clock = services.clock;
  }

  /**
   * Handles one frame. Throws KafkaError INVALID_REQUEST or UNSUPPORTED_VERSION when it is none that this listener
   * serves: as in Kafka the connection is then closed without an answer, except that ApiVersions of an unknown version
   * is told the versions that there are (KIP-511).
   */
  readonly handleFrame = (frame: Buffer, connection: ConnectionInfo, sink: ResponseSink, link: PeerLink): void => {
    const reader = new Reader(frame);
    const header = readRequestHeader(reader);
    const handler = this.#table.lookup(header.apiKey, connection.listener.type);
    if (handler === undefined) {
      const listener = connection.listener.name;
      throw new KafkaError('INVALID_REQUEST', `the ${listener} listener serves no request with key ${header.apiKey}`);
    }
    if (!includesVersion(handler.versions, header.apiVersion)) {
      if (header.apiKey !== API_VERSIONS_KEY) {
        throw new KafkaError('UNSUPPORTED_VERSION', `${handler.name} has no version ${header.apiVersion}`);
      }
      sink.send(unsupportedApiVersions(handler, header));
      return;
    }
    if (handler.isFlexible(header.apiVersion)) skipTags(reader);
    const context = new DispatchContext(header, connection, frame.length, this.#clock.monotonicMs(), link);
    if (handler.isPassedOn && connection.listener.type === 'broker') {
      this.#services.forwarder.forward(handler, this.#services, frame, reader, context, sink);
    } else handler.serve(this.#services, reader, context, sink);
  };

  /**
   * Handles a request that came in an envelope. Throws KafkaError INVALID_REQUEST or UNSUPPORTED_VERSION when it is none
   * that may come so.
   */
  readonly handleForwarded: BrokerServices['handleForwarded'] = (frame, client, envelope, sink) => {
    const reader = new Reader(frame);
    const header = readRequestHeader(reader);
    const handler = this.#table.lookup(header.apiKey, 'controller');
    if (handler?.forwarded !== true) {
      throw new KafkaError('INVALID_REQUEST', `a request with key ${header.apiKey} is not forwarded`);
    }
    if (!includesVersion(handler.versions, header.apiVersion)) {
      throw new KafkaError('UNSUPPORTED_VERSION', `${handler.name} has no version ${header.apiVersion}`);
    }
    if (handler.isFlexible(header.apiVersion)) skipTags(reader);
    const { connection, receivedAtMs, link } = envelope;
    const context = new DispatchContext(header, connection, frame.length, receivedAtMs, link, client);
    handler.serve(this.#services, reader, context, sink);
  };
}

// Version 0, whatever was asked: every client can read it.
function unsupportedApiVersions(handler: RegisteredHandler, header: RequestHeader): Uint8Array[] {
  const { min, max } = handler.advertisedVersions;
  return encodeResponse(apiVersionsResponse, 0, header.correlationId, {
    errorCode: ErrorCode.UNSUPPORTED_VERSION,
    apiKeys: [{ apiKey: API_VERSIONS_KEY, minVersion: min, maxVersion: max }],
  });
}

class DispatchContext implements RequestContext {
  readonly header: RequestHeader;
  readonly connection: ConnectionInfo;
  readonly requestSizeBytes: number;
  readonly receivedAtMs: number;
  readonly link: PeerLink;
  readonly #client: ForwardedClient | undefined;

  constructor(
    header: RequestHeader,
    connection: ConnectionInfo,
    requestSizeBytes: number,
    receivedAtMs: number,
    link: PeerLink,
    client?: ForwardedClient,
  ) {
    this.#client = client;
    this.header = header;
    this.connection = connection;
    this.requestSizeBytes = requestSizeBytes;
    this.receivedAtMs = receivedAtMs;
    this.link = link;
  }

  get apiVersion(): number {
    return this.header.apiVersion;
  }

  get clientId(): string {
    return this.header.clientId ?? '';
  }

  get clientHost(): string {
    return `/${this.#client?.clientAddress ?? this.connection.remoteAddress}`;
  }

  get principal(): KafkaPrincipal {
    return this.#client?.principal ?? ANONYMOUS;
  }

  get isForwarded(): boolean {
    return this.#client !== undefined;
  }

  get listener() {
    return this.connection.listener;
  }
}
