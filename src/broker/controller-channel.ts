import type { Clock, Timer } from '../base/clock.ts';
import { KafkaError } from '../base/kafka-error.ts';
import type { ControllerReply } from '../metadata/controller/controller.ts';
import type { ControllerApi } from '../metadata/controller/controller-api.ts';
import type { RaftDestination } from '../raft/raft-types.ts';
import * as calls from './controller-calls.ts';
import type { NodeLink, NodeNetwork } from './node-network.ts';

/** One kind of request to the active controller. */
export type ControllerMethod<C> =
  C extends calls.ControllerCall<infer Q, infer P>
    ? (request: Q, done: (response: P) => void, failed: (error: KafkaError) => void, timeoutMs?: number) => void
    : never;

/**
 * How this node asks the active controller, wherever that is: in this process, or at the other end of a connection.
 *
 * Every method calls one of `done` and `failed` exactly once, now or later. A controller that is not (or no longer)
 * active, cannot be reached or does not answer is no failure: the active one is looked for and asked again, until
 * `timeoutMs` (default: for ever) have passed; then `failed` gets REQUEST_TIMED_OUT. Any other error that the controller
 * gave for the request as a whole goes to `failed`; errors of topics and partitions are in the response. A request may
 * so be done twice; all of these bear that.
 */
export interface ControllerChannel {
  readonly registerBroker: ControllerMethod<typeof calls.registerBroker>;
  readonly heartbeat: ControllerMethod<typeof calls.heartbeat>;
  readonly registerController: ControllerMethod<typeof calls.registerController>;
  /** In version 3: the ISR is in newIsrWithEpochs, newIsr is empty. */
  readonly alterPartition: ControllerMethod<typeof calls.alterPartition>;
  readonly allocateProducerIds: ControllerMethod<typeof calls.allocateProducerIds>;
  readonly assignReplicasToDirs: ControllerMethod<typeof calls.assignReplicasToDirs>;
  /** For internal topics and those that clients' requests for metadata create. */
  readonly createTopics: ControllerMethod<typeof calls.createTopics>;
}

export interface ControllerChannelOptions {
  readonly nodeId: number;
  readonly clock: Clock;
  readonly network: NodeNetwork;
  /** The controller in this process; answers NOT_CONTROLLER while it is not active. */
  controller(): ControllerApi;
  /** Who leads the quorum and where its controller listener is; undefined while that is not known. */
  leader(): RaftDestination | undefined;
}

/** Between two tries while the active controller is not to be found, in ms. */
const RETRY_MS = 20;
/** How long one request may go unanswered before it is sent anew: Kafka's request.timeout.ms. */
const REQUEST_TIMEOUT_MS = 30_000;

/** A request that is waiting for the active controller, or with it. */
interface Call {
  readonly attempt: () => void;
  readonly fail: (error: KafkaError) => void;
}

/** See {@link ControllerChannel}. Each kind of request has a connection of its own, as none is to wait for another. */
export class ActiveControllerChannel implements ControllerChannel {
  readonly #options: ControllerChannelOptions;
  readonly #links: NodeLink[] = [];
  readonly #waiting = new Set<Call>();
  #retryTimer: Timer | undefined;
  #isClosed = false;

  readonly registerBroker: ControllerChannel['registerBroker'];
  readonly heartbeat: ControllerChannel['heartbeat'];
  readonly registerController: ControllerChannel['registerController'];
  readonly alterPartition: ControllerChannel['alterPartition'];
  readonly allocateProducerIds: ControllerChannel['allocateProducerIds'];
  readonly assignReplicasToDirs: ControllerChannel['assignReplicasToDirs'];
  readonly createTopics: ControllerChannel['createTopics'];

  constructor(options: ControllerChannelOptions) {
    this.#options = options;
    this.registerBroker = this.#method(calls.registerBroker);
    this.heartbeat = this.#method(calls.heartbeat);
    this.registerController = this.#method(calls.registerController);
    this.alterPartition = this.#method(calls.alterPartition);
    this.allocateProducerIds = this.#method(calls.allocateProducerIds);
    this.assignReplicasToDirs = this.#method(calls.assignReplicasToDirs);
    this.createTopics = this.#method(calls.createTopics);
  }

  #method<Q, P extends object>(call: calls.ControllerCall<Q, P>) {
    const link = this.link();
    return (request: Q, done: (response: P) => void, failed: (error: KafkaError) => void, timeoutMs?: number): void => {
      this.ask({
        local: (controller, reply) => call.local(controller, request, reply),
        remote: (reply, requestTimeoutMs) => call.remote(link, request, requestTimeoutMs, reply),
        done,
        failed,
        timeoutMs,
      });
    };
  }

  /** A connection of its own to whoever is the active controller. */
  link(): NodeLink {
    const { nodeId, network, leader } = this.#options;
    const link = network.link(String(nodeId), leader);
    this.#links.push(link);
    return link;
  }

  /** Has something done by the active controller, here or there; see {@link ControllerChannel}. */
  ask<T extends object>(question: Question<T>): void {
    const { clock } = this.#options;
    const deadlineMs = question.timeoutMs === undefined ? Infinity : clock.monotonicMs() + question.timeoutMs;
    let timer: Timer | undefined;
    let isSettled = false;
    const settle = (tell: () => void): void => {
      if (isSettled) return;
      isSettled = true;
      timer?.cancel();
      this.#waiting.delete(call);
      tell();
    };
    const call: Call = {
      attempt: () => this.#attempt(call, question, deadlineMs, settle),
      fail: (error) => settle(() => question.failed(error)),
    };
    if (question.timeoutMs !== undefined) {
      timer = clock.schedule(question.timeoutMs, () =>
        call.fail(new KafkaError('REQUEST_TIMED_OUT', 'the active controller did not answer in time')),
      );
    }
    call.attempt();
  }

  #attempt<T extends object>(
    call: Call,
    question: Question<T>,
    deadlineMs: number,
    settle: (tell: () => void) => void,
  ): void {
    if (this.#isClosed) {
      call.fail(new KafkaError('BROKER_NOT_AVAILABLE', 'this node is closed'));
      return;
    }
    const { nodeId, clock, controller, leader } = this.#options;
    let isAnswered = false;
    const answered = (result: T | KafkaError): void => {
      if (isAnswered) return;
      isAnswered = true;
      if (!(result instanceof KafkaError)) settle(() => question.done(result));
      else if (RETRIED.has(result.errorName)) this.#wait(call);
      else call.fail(result);
    };
    if (controller().isActive) {
      question.local(controller(), answered);
      return;
    }
    const destination = leader();
    if (destination === undefined || destination.id === nodeId) this.#wait(call);
    else question.remote(answered, Math.min(REQUEST_TIMEOUT_MS, deadlineMs - clock.monotonicMs()));
  }

  #wait(call: Call): void {
    this.#waiting.add(call);
    this.#retryTimer ??= this.#options.clock.schedule(RETRY_MS, () => this.#retry());
  }

  #retry(): void {
    this.#retryTimer?.cancel();
    this.#retryTimer = undefined;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const call of waiting) call.attempt();
  }

  /** Another node leads the quorum, or its leader has become active: what waits for it is sent to it now. */
  leaderChanged(): void {
    // What the one before was asked may never be answered: it may be frozen or cut off.
    for (const link of this.#links) link.disconnectIfMoved();
    if (this.#waiting.size > 0) this.#retry();
  }

  close(): void {
    this.#isClosed = true;
    this.#retryTimer?.cancel();
    for (const link of this.#links) link.close();
    for (const call of [...this.#waiting]) call.attempt();
  }
}

/** Something that only the active controller can do. */
export interface Question<T extends object> {
  local(controller: ControllerApi, reply: ControllerReply<T>): void;
  remote(reply: ControllerReply<T>, timeoutMs: number): void;
  readonly done: (response: T) => void;
  readonly failed: (error: KafkaError) => void;
  /** undefined = for ever. */
  readonly timeoutMs: number | undefined;
}

/** What says that the active controller is another one, or was not reached. */
const RETRIED: ReadonlySet<string> = new Set(['NOT_CONTROLLER', 'BROKER_NOT_AVAILABLE', 'REQUEST_TIMED_OUT']);
