import { findCoordinatorRequest, findCoordinatorResponse } from '../../protocol/messages/10-find-coordinator.ts';
import type { DecodedFields, Fields, InputFields, MessageSchema } from '../../protocol/schema.ts';
import type { KafkaClient } from '../client.ts';
import type { Connection } from '../connection.ts';
import { disconnectError, errorOf, isRetriable } from '../errors.ts';
import type { VersionBounds } from '../node-versions.ts';
import type { Node } from '../types.ts';

/** Ids of the extra connections to coordinators, as in Java's client: far from those of brokers. */
const COORDINATOR_ID_BASE = 0x7fffffff;

/**
 * The way to a group's coordinator: a connection of its own, because a broker answers one request of a connection at a
 * time and a fetch or a join may be held back there for long.
 */
export class GroupCoordinator {
  readonly groupId: string;
  readonly #client: KafkaClient;
  #node: Node | undefined;
  #finding: Promise<Node> | undefined;

  constructor(client: KafkaClient, groupId: string) {
    this.#client = client;
    this.groupId = groupId;
  }

  /** Where the coordinator is; asks until a broker says so. Rejects when it never will, or the client is closed. */
  async find(): Promise<Node> {
    if (this.#node !== undefined) return this.#node;
    this.#finding ??= this.#find().finally(() => {
      this.#finding = undefined;
    });
    return this.#finding;
  }

  /** The next request asks anew where the coordinator is. */
  forget(): void {
    this.#node = undefined;
  }

  /**
   * Sends one request, once; the answer's error code is the caller's to look at. Rejects with NETWORK_EXCEPTION
   * when the connection ends, after which the coordinator is looked up again.
   * @param apart on the broker's ordinary connection, past a request that is held back on the coordinator's own
   */
  async send<Q extends Fields, P extends Fields>(
    request: MessageSchema<Q>,
    response: MessageSchema<P>,
    body: InputFields<Q>,
    options: VersionBounds & { readonly timeoutMs?: number; readonly apart?: boolean } = {},
  ): Promise<DecodedFields<P>> {
    const connection = await this.#connect(options.apart === true);
    const timeoutMs = options.timeoutMs ?? this.#client.config.requestTimeoutMs;
    try {
      return await connection.send(request, response, body, { ...options, timeoutMs });
    } catch (error) {
      if (isRetriable(error)) this.forget();
      throw error;
    }
  }

  async #connect(apart: boolean): Promise<Connection> {
    const { id, host, port, rack } = await this.find();
    const node = apart ? { id, host, port, rack } : { id: COORDINATOR_ID_BASE - id, host, port, rack };
    const backoffMs = this.#client.network.backoffMs(node);
    if (backoffMs > 0) await this.#client.sleep(backoffMs);
    try {
      return await this.#client.network.connect(node);
    } catch (error) {
      if (isRetriable(error)) this.forget();
      throw error;
    }
  }

  async #find(): Promise<Node> {
    for (let tries = 0; ; tries++) {
      if (this.#client.isClosed) throw disconnectError('The client is closed.');
      try {
        this.#node = await this.#ask();
        return this.#node;
      } catch (error) {
        if (!isRetriable(error)) throw error;
      }
      await this.#client.sleep(this.#client.retryBackoffMs(tries));
    }
  }

  async #ask(): Promise<Node> {
    const key = this.groupId;
    const response = await this.#client.request({
      name: 'findCoordinator',
      node: 'any',
      request: findCoordinatorRequest,
      response: findCoordinatorResponse,
      body: (_, version) => {
        if (version >= 4) return { keyType: 0, coordinatorKeys: [key] };
        return version >= 1 ? { key, keyType: 0 } : { key };
      },
    });
    const found = response.coordinators[0] ?? response;
    const error = errorOf(found.errorCode, found.errorMessage);
    if (error !== undefined) throw error;
    return { id: found.nodeId, host: found.host, port: found.port, rack: null };
  }
}
