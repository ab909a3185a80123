import { KafkaError } from '../base/kafka-error.ts';
import type { ControllerReply } from '../metadata/controller/controller.ts';
import type { ControllerApi } from '../metadata/controller/controller-api.ts';
import { defaultPrincipalData } from '../protocol/control-records.ts';
import { ErrorCode, errorNameOf } from '../protocol/error-codes.ts';
import { decodeWhole, encodeRequest, readResponseHeader } from '../protocol/header.ts';
import { type EnvelopeResponse, envelopeRequest, envelopeResponse } from '../protocol/messages/58-envelope.ts';
import { Reader } from '../protocol/reader.ts';
import type { DecodedFields, Fields, InputFields, MessageSchema } from '../protocol/schema.ts';
import { Writer } from '../protocol/writer.ts';
import type { PeerResult } from '../raft/peer-connection.ts';
import type { ActiveControllerChannel } from './controller-channel.ts';
import type { KafkaPrincipal, RegisteredHandler, RequestContext, ResponseSink } from './handler.ts';
import { addressBytes } from './host-address.ts';
import type { NodeLink } from './node-network.ts';
import type { BrokerServices } from './services.ts';

const SIZE_BYTES = 4;
const PRINCIPAL_VERSION = 0;

/** A principal as Kafka's brokers tell it to the controller. */
export function encodePrincipal({ type, name }: KafkaPrincipal): Buffer {
  const writer = new Writer();
  writer.int16(PRINCIPAL_VERSION);
  defaultPrincipalData.encode(writer, PRINCIPAL_VERSION, { type, name, tokenAuthenticated: false });
  return writer.finishWhole();
}

/** Throws KafkaError PRINCIPAL_DESERIALIZATION_FAILURE. */
export function decodePrincipal(bytes: Buffer | null): KafkaPrincipal {
  try {
    if (bytes === null) throw new KafkaError('INVALID_REQUEST', 'there is no principal');
    const reader = new Reader(bytes);
    const version = reader.int16();
    if (version < PRINCIPAL_VERSION) throw new KafkaError('INVALID_REQUEST', `it has version ${version}`);
    const { type, name } = defaultPrincipalData.decode(reader, PRINCIPAL_VERSION);
    return { type, name };
  } catch (cause) {
    throw new KafkaError('PRINCIPAL_DESERIALIZATION_FAILURE', 'the principal of a forwarded request cannot be read', {
      cause,
    });
  }
}

/** A response ready to be sent, or what is done in its place. */
type Answer = (sink: ResponseSink) => void;

/** A request that is passed on by the handler itself, after it has looked at it. */
export interface PassedOn<Q extends Fields, P extends Fields, R extends object> {
  readonly request: MessageSchema<Q>;
  readonly response: MessageSchema<P>;
  readonly body: InputFields<Q>;
  readonly context: RequestContext;
  /** How it is done by the controller in this process. */
  local(controller: ControllerApi, reply: ControllerReply<R>): void;
  /** The result that another controller's response stands for. */
  remote(response: DecodedFields<P>): R;
  readonly done: (result: R) => void;
  readonly failed: (error: KafkaError) => void;
}

/**
 * Hands what only the active controller can do to it: in this process, or in an Envelope with the client's principal and
 * address (KIP-590). Another controller is looked for when it was the wrong one.
 */
export class Forwarder {
  readonly #channel: ActiveControllerChannel;
  readonly #link: NodeLink;
  readonly #timeoutMs: number;

  /** @param timeoutMs `request.timeout.ms` */
  constructor(channel: ActiveControllerChannel, timeoutMs: number) {
    this.#channel = channel;
    this.#link = channel.link();
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Passes a client's request on as it came. Throws KafkaError INVALID_REQUEST when it is none.
   * @param reader stands at the request's body
   */
  forward(
    handler: RegisteredHandler,
    services: BrokerServices,
    frame: Buffer,
    reader: Reader,
    context: RequestContext,
    sink: ResponseSink,
  ): void {
    const request = handler.decode(reader, context);
    this.#channel.ask<Answer>({
      local: (_controller, reply) => request.handle(services, collect(reply)),
      remote: (reply, timeoutMs) => this.#send(frame, context, timeoutMs, reply, answerWith),
      done: (answer) => answer(sink),
      failed: (error) => request.refuse(services, error, sink),
      timeoutMs: this.#timeoutMs,
    });
  }

  /** Passes on what is left of a request after its handler has dealt with the rest. */
  passOn<Q extends Fields, P extends Fields, R extends object>(passedOn: PassedOn<Q, P, R>): void {
    const { request, response, body, context, local, remote, done, failed } = passedOn;
    const { correlationId, clientId } = context.header;
    const frame = Buffer.concat(encodeRequest(request, context.apiVersion, correlationId, clientId, body)).subarray(
      SIZE_BYTES,
    );
    const use = (bytes: Buffer): R => {
      const reader = new Reader(bytes);
      readResponseHeader(response, context.apiVersion, reader);
      return remote(decodeWhole(response, context.apiVersion, reader));
    };
    this.#channel.ask<R>({
      local,
      remote: (reply, timeoutMs) => this.#send(frame, context, timeoutMs, reply, use),
      done,
      failed,
      timeoutMs: this.#timeoutMs,
    });
  }

  #send<T>(
    requestData: Buffer,
    context: RequestContext,
    timeoutMs: number,
    reply: ControllerReply<T>,
    use: (responseData: Buffer) => T,
  ): void {
    const envelope = {
      requestData,
      requestPrincipal: encodePrincipal(context.principal),
      clientHostAddress: addressBytes(context.connection.remoteAddress),
    };
    this.#link.send(envelopeRequest, envelopeResponse, envelope, timeoutMs, (result) => {
      const bytes = unwrap(result);
      try {
        reply(bytes instanceof KafkaError ? bytes : use(bytes));
      } catch (error) {
        if (!(error instanceof KafkaError)) throw error;
        reply(new KafkaError('UNKNOWN_SERVER_ERROR', 'the controller sent what is no response', { cause: error }));
      }
    });
  }
}

// An error of the envelope itself is nothing that the client could understand, but for who is the controller.
function unwrap({ response, error }: PeerResult<EnvelopeResponse>): Buffer | KafkaError {
  if (error !== undefined) return error;
  const { errorCode, responseData } = response;
  if (errorCode === ErrorCode.NOT_CONTROLLER) return new KafkaError('NOT_CONTROLLER');
  if (errorCode === ErrorCode.NONE && responseData !== null) return Buffer.from(responseData);
  return new KafkaError('UNKNOWN_SERVER_ERROR', `the controller refused the envelope: ${errorNameOf(errorCode)}`);
}

function answerWith(responseData: Buffer): Answer {
  const size = Buffer.alloc(SIZE_BYTES);
  size.writeInt32BE(responseData.length);
  return (sink) => sink.send([size, responseData]);
}

/** Takes the answer of a handler, unless it is that this is not the active controller. */
function collect(reply: ControllerReply<Answer>): ResponseSink {
  return {
    send: (chunks) => reply((sink) => sink.send(chunks)),
    nothing: () => reply((sink) => sink.nothing()),
    disconnect: (reason) => reply((sink) => sink.disconnect(reason)),
    takesError: (error) => {
      if (!(error instanceof KafkaError) || error.errorName !== 'NOT_CONTROLLER') return false;
      reply(error);
      return true;
    },
  };
}
