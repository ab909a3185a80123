import { KafkaError } from '../base/kafka-error.ts';
import { errorNameOf } from '../protocol/error-codes.ts';
import { metadataRequest, metadataResponse } from '../protocol/messages/03-metadata.ts';
import type { Decoded, DecodedFields, Fields, InputFields, MessageSchema } from '../protocol/schema.ts';
import { ExponentialBackoff } from './backoff.ts';
import { bootstrapNodes } from './bootstrap.ts';
import { ClientConfig, type ClientKind } from './client-config.ts';
import type { ConfigDefinitions } from './config-parser.ts';
import type { Connection } from './connection.ts';
import { type ClientEnvironment, defaultEnvironment } from './environment.ts';
import { errorOf, isRetriable, isStaleMetadata, notServedByControllers, timeoutError } from './errors.ts';
import { ClusterMetadata } from './metadata.ts';
import { Network } from './network.ts';
import type { VersionBounds } from './node-versions.ts';
import { isAuthenticationFailure } from './open-connection.ts';
import type { Node } from './types.ts';

/** Which node may serve a call: any, the controller (with KRaft any broker hands it on), or the broker with an id. */
export type NodeChoice = 'any' | 'controller' | number;

/** A call as Kafka's Admin client knows it: tried again until it works, fails for good, or its time is up. */
export interface Call<T> {
  /** Kafka's name of the call; part of the text of a timeout. */
  readonly name: string;
  readonly node: NodeChoice;
  /** All attempts together, in ms. */
  readonly timeoutMs?: number | undefined;
  /** Whether the call works when the client speaks to controllers (`bootstrap.controllers`). */
  readonly servedByControllers?: boolean;
  /** One attempt with `timeoutMs` left for it. A retriable KafkaError that it throws brings another attempt. */
  readonly attempt: (connection: Connection, timeoutMs: number) => Promise<T>;
}

/** A request as one call: what `KafkaClient.request` takes. */
export interface RequestCall<Q extends Fields, P extends Fields> extends VersionBounds {
  readonly name: string;
  readonly node: NodeChoice;
  readonly timeoutMs?: number | undefined;
  readonly servedByControllers?: boolean;
  readonly request: MessageSchema<Q>;
  readonly response: MessageSchema<P>;
  /** Makes the body for the time that is left and the version that was chosen. */
  readonly body: (timeoutMs: number, version: number) => InputFields<Q>;
}

/**
 * A client of a cluster: its configuration, its connections and what it knows of the cluster. `src/client/admin` has
 * the calls of Kafka's Admin client as functions that take one; producer and fetcher build on it too.
 */
export class KafkaClient {
  readonly config: ClientConfig;
  readonly environment: ClientEnvironment;
  readonly network: Network;
  readonly metadata = new ClusterMetadata();
  readonly #bootstrap: readonly Node[];
  readonly #retryBackoff: ExponentialBackoff;
  #refreshing: Promise<void> | undefined;
  #isClosed = false;

  /**
   * @param properties Kafka's property names (`bootstrap.servers`, `security.protocol`, …)
   * @param definitions of settings that only this kind of client has
   * @throws ClientError with the text of Kafka's ConfigException when a setting is wrong or no address resolves
   */
  static async create(
    kind: ClientKind,
    properties: ReadonlyMap<string, string>,
    environment: Partial<ClientEnvironment> = {},
    definitions: ConfigDefinitions = {},
  ): Promise<KafkaClient> {
    const whole = { ...defaultEnvironment, ...environment };
    const config = new ClientConfig(kind, properties, definitions);
    const setting = config.usesControllers ? 'bootstrap.controllers' : 'bootstrap.servers';
    const nodes = await bootstrapNodes(config.bootstrapServers, setting, whole.logger);
    return new KafkaClient(config, nodes, whole);
  }

  constructor(config: ClientConfig, bootstrap: readonly Node[], environment: ClientEnvironment) {
    this.config = config;
    this.environment = environment;
    this.network = new Network(config, environment);
    this.#bootstrap = bootstrap;
    this.#retryBackoff = new ExponentialBackoff(config.retryBackoffMs, config.retryBackoffMaxMs, environment.random);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Ends all connections; calls under way fail. */
  close(): void {
    this.#isClosed = true;
    this.network.close();
  }

  /** Waits on the client's clock. */
  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.environment.clock.schedule(delayMs, resolve));
  }

  /** How long to wait before attempt `attempts` + 1, in ms. */
  retryBackoffMs(attempts: number): number {
    return this.#retryBackoff.delayMs(attempts);
  }

  /**
   * Runs a call as Kafka's Admin client does. Rejects with the first error that is not retriable, or with a
   * REQUEST_TIMED_OUT (TimeoutException) in Kafka's words.
   */
  async call<T>(call: Call<T>): Promise<T> {
    if (this.config.usesControllers && call.servedByControllers !== true) throw notServedByControllers();
    const { clock } = this.environment;
    const deadlineMs = clock.nowMs() + (call.timeoutMs ?? this.config.defaultApiTimeoutMs);
    for (let tries = 0; ; ) {
      const connection = await this.assign(call.node, deadlineMs, call.name);
      try {
        return await call.attempt(connection, this.#attemptMs(deadlineMs));
      } catch (error) {
        const backoffMs = this.retryBackoffMs(tries++);
        const nowMs = clock.nowMs();
        const isOver = nowMs >= deadlineMs || (isRetriable(error) && (tries > this.config.retries || this.#isClosed));
        if (isOver) throw timedOut(call.name, deadlineMs, tries, nowMs, nowMs + backoffMs, error);
        if (!isRetriable(error) && !isNotController(error)) throw error;
        await this.sleep(Math.min(backoffMs, Math.max(0, deadlineMs - nowMs)));
        if (isNotController(error) || isStaleMetadata(error)) await this.#tryRefresh(deadlineMs);
      }
    }
  }

  #attemptMs(deadlineMs: number): number {
    return Math.max(1, Math.min(this.config.requestTimeoutMs, deadlineMs - this.environment.clock.nowMs()));
  }

  /** One request as a call of its own; error codes in the response are the caller's to look at. */
  request<Q extends Fields, P extends Fields>(call: RequestCall<Q, P>): Promise<DecodedFields<P>> {
    const { request, response, body, minVersion, maxVersion } = call;
    return this.call({
      ...call,
      attempt: (connection, timeoutMs) =>
        connection.send(request, response, (version: number) => body(timeoutMs, version), {
          timeoutMs,
          minVersion,
          maxVersion,
        }),
    });
  }

  /**
   * A connection to a node that may serve a call; tries until `deadlineMs` (wall time). Rejects with REQUEST_TIMED_OUT
   * in Kafka's words, or with an authentication failure.
   */
  async assign(choice: NodeChoice, deadlineMs: number, callName: string): Promise<Connection> {
    for (;;) {
      const node = await this.#choose(choice, deadlineMs);
      let waitMs = this.config.reconnectBackoffMs;
      if (node !== undefined) {
        waitMs = this.network.backoffMs(node);
        if (waitMs === 0) {
          const connection = await this.#tryConnect(node, deadlineMs);
          if (connection !== undefined) return connection;
          waitMs = choice === 'any' ? 0 : this.network.backoffMs(node);
        }
      }
      const leftMs = deadlineMs - this.environment.clock.nowMs();
      if (leftMs <= 0 || this.#isClosed) {
        throw timeoutError(`Timed out waiting for a node assignment. Call: ${callName}`);
      }
      await this.sleep(Math.min(Math.max(waitMs, 1), leftMs));
    }
  }

  async #tryConnect(node: Node, deadlineMs: number): Promise<Connection | undefined> {
    const leftMs = deadlineMs - this.environment.clock.nowMs();
    let stop = (): void => {};
    const expired = new Promise<undefined>((resolve) => {
      const timer = this.environment.clock.schedule(leftMs, () => resolve(undefined));
      stop = () => timer.cancel();
    });
    try {
      return await Promise.race([this.network.connect(node), expired]);
    } catch (error) {
      if (isAuthenticationFailure(error) || !isRetriable(error)) throw error;
      this.#warnOfBootstrap(node);
      return undefined;
    } finally {
      stop();
    }
  }

  // Kafka's producers and consumers say this on top of the connection's own warning, its Admin client does not.
  #warnOfBootstrap(node: Node): void {
    if (this.config.kind === 'admin' || this.metadata.isReady || this.#isClosed) return;
    const text = `Bootstrap broker ${node.host}:${node.port} (id: ${node.id} rack: null isFenced: false) disconnected`;
    this.environment.logger.warn(this.config.logPrefix + text);
  }

  async #choose(choice: NodeChoice, deadlineMs: number): Promise<Node | undefined> {
    if (typeof choice === 'number') {
      const known = this.metadata.brokers.get(choice);
      if (known === undefined) await this.#tryRefresh(deadlineMs);
      return this.metadata.brokers.get(choice);
    }
    if (this.config.usesControllers && !this.metadata.isReady) await this.#tryRefresh(deadlineMs);
    if (choice === 'controller' || this.config.usesControllers) {
      const controller = this.metadata.brokers.get(this.metadata.controllerId);
      if (controller !== undefined && this.network.backoffMs(controller) === 0) return controller;
    }
    return this.network.leastLoaded(this.#nodes());
  }

  /** The brokers, or the bootstrap addresses while none is known or none can be reached (KIP-899). */
  #nodes(): readonly Node[] {
    const brokers = [...this.metadata.brokers.values()];
    const isReachable = brokers.some((node) => this.network.backoffMs(node) === 0);
    if (isReachable || this.config.values.string('metadata.recovery.strategy') === 'none') {
      return brokers.length > 0 ? brokers : this.#bootstrap;
    }
    return this.#bootstrap;
  }

  /** Refreshes; failures that time may mend are left for the next attempt. */
  async #tryRefresh(deadlineMs: number): Promise<void> {
    try {
      await this.refreshNodes(deadlineMs);
    } catch (error) {
      if (isAuthenticationFailure(error) || !isRetriable(error)) throw error;
    }
  }

  /** Learns the brokers (or controllers) anew; calls at the same time share one request. */
  async refreshNodes(deadlineMs = this.environment.clock.nowMs() + this.config.defaultApiTimeoutMs): Promise<void> {
    this.#refreshing ??= this.#refresh(deadlineMs).finally(() => {
      this.#refreshing = undefined;
    });
    await this.#refreshing;
  }

  async #refresh(deadlineMs: number): Promise<void> {
    if (this.config.usesControllers) {
      const { describeControllers } = await import('./controllers.ts');
      return describeControllers(this, await this.#anyConnection(deadlineMs), this.#attemptMs(deadlineMs));
    }
    await this.fetchMetadata([], deadlineMs);
  }

  #anyConnection(deadlineMs: number): Promise<Connection> {
    return this.#connectionTo(this.#nodes(), deadlineMs);
  }

  async #connectionTo(nodes: readonly Node[], deadlineMs: number): Promise<Connection> {
    for (;;) {
      const node = this.network.leastLoaded(nodes);
      const connection = node === undefined ? undefined : await this.#tryConnect(node, deadlineMs);
      if (connection !== undefined) return connection;
      const leftMs = deadlineMs - this.environment.clock.nowMs();
      if (leftMs <= 0 || this.#isClosed)
        throw timeoutError('Timed out waiting for a node assignment. Call: fetchMetadata');
      const backoffMs = Math.min(...nodes.map((one) => this.network.backoffMs(one)));
      await this.sleep(Math.min(Math.max(backoffMs, 1), leftMs));
    }
  }

  /**
   * Asks one broker for metadata of topics (null = all, [] = only the brokers) and takes it over.
   * Resolves to the answer. Rejects with REQUEST_TIMED_OUT when no broker can be reached, or what `send` rejects with.
   */
  async fetchMetadata(
    topics: readonly string[] | null,
    deadlineMs: number,
    allowAutoTopicCreation = false,
  ): Promise<Decoded<typeof metadataResponse>> {
    const connection = await this.#anyConnection(deadlineMs);
    const correlationId = connection.nextCorrelationId;
    const response = await connection.send(
      metadataRequest,
      metadataResponse,
      (version) => ({
        topics: topicsField(topics, version),
        ...(version >= 4 ? { allowAutoTopicCreation } : {}),
      }),
      { timeoutMs: this.#attemptMs(deadlineMs) },
    );
    const error = errorOf(response.errorCode);
    if (error !== undefined) throw error;
    if (response.brokers.length > 0) this.takeMetadata(response);
    this.#warnOfTopics(response, correlationId);
    return response;
  }

  // As Kafka's producers and consumers; calls of its Admin client report such errors themselves.
  #warnOfTopics(response: Decoded<typeof metadataResponse>, correlationId: number): void {
    if (this.config.kind === 'admin') return;
    const errors = response.topics
      .filter((topic) => topic.errorCode !== 0)
      .map((topic) => `${topic.name ?? topic.topicId}=${errorNameOf(topic.errorCode)}`);
    if (errors.length === 0) return;
    const text = `The metadata response from the cluster reported a recoverable issue with correlation id ${correlationId} : {${errors.join(', ')}}`;
    this.environment.logger.warn(this.config.logPrefix + text);
  }

  /** Takes over an answer to Metadata and lets bootstrap connections serve the brokers that they lead to. */
  takeMetadata(response: Decoded<typeof metadataResponse>): void {
    const isFirst = !this.metadata.isReady;
    this.metadata.update(response);
    if (isFirst) this.adoptBootstrapConnections();
  }

  adoptBootstrapConnections(): void {
    for (const bootstrap of this.#bootstrap) {
      for (const node of this.metadata.brokers.values()) {
        if (node.host === bootstrap.host && node.port === bootstrap.port) this.network.adopt(bootstrap, node);
      }
    }
  }
}

// Version 0 has no null: there the empty list means all topics.
function topicsField(topics: readonly string[] | null, version: number): { name: string }[] | null {
  if (topics === null) return version === 0 ? [] : null;
  return topics.map((name) => ({ name }));
}

function isNotController(error: unknown): boolean {
  return error instanceof KafkaError && error.errorName === 'NOT_CONTROLLER';
}

function timedOut(
  name: string,
  deadlineMs: number,
  tries: number,
  nowMs: number,
  nextMs: number,
  cause: unknown,
): unknown {
  if (cause instanceof KafkaError && cause.errorName === 'REQUEST_TIMED_OUT') return cause;
  const call = `Call(callName=${name}, deadlineMs=${deadlineMs}, tries=${tries}, nextAllowedTryMs=${nextMs})`;
  return timeoutError(`${call} timed out at ${nowMs} after ${tries} attempt(s)`, cause);
}
