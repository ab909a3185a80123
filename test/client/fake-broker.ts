import { createServer, type Server, type Socket } from 'node:net';
import { ApiKey } from '../../src/protocol/api-keys.ts';
import { FrameSplitter } from '../../src/protocol/frame-splitter.ts';
import { encodeResponse, type RequestHeader, readRequestHeader, skipTags } from '../../src/protocol/header.ts';
import { apis } from '../../src/protocol/messages/all.ts';
import { Reader } from '../../src/protocol/reader.ts';
import type { DecodedFields, Fields, InputFields, MessageSchema } from '../../src/protocol/schema.ts';

/** What a script makes of a request: an answer, no answer at all, or the end of the connection. */
type Outcome = object | 'silence' | 'close';
type Script = (body: never, header: RequestHeader) => Outcome | Promise<Outcome>;

/** A request that came, decoded. */
export interface SeenRequest {
  readonly apiKey: number;
  readonly version: number;
  readonly body: unknown;
}

/** A broker that answers by script. It advertises what its scripts serve, in all versions unless limited. */
export class FakeBroker {
  readonly seen: SeenRequest[] = [];
  readonly sockets = new Set<Socket>();
  /** Upper bounds of versions by API key. */
  readonly maxVersions = new Map<number, number>();
  nodeId = 1;
  connections = 0;
  readonly #scripts = new Map<number, Script>();
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => this.#serve(socket));
    this.script(ApiKey.ApiVersions, () => ({ apiKeys: this.#apiKeys() }));
  }

  static async start(port = 0): Promise<FakeBroker> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return new FakeBroker(server);
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the fake broker does not listen');
    return address.port;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  script(apiKey: number, script: Script): this {
    this.#scripts.set(apiKey, script);
    return this;
  }

  /** Answers requests of a schema with a typed body. */
  on<Q extends Fields, P extends Fields>(
    request: MessageSchema<Q>,
    _response: MessageSchema<P>,
    answer: (
      body: DecodedFields<Q>,
      header: RequestHeader,
    ) => InputFields<P> | 'silence' | 'close' | Promise<InputFields<P>>,
  ): this {
    return this.script(request.apiKey, answer);
  }

  /** Bodies of the requests of an API that came so far. */
  bodies<Q extends Fields>(request: MessageSchema<Q>): DecodedFields<Q>[] {
    return this.seen.filter((one) => one.apiKey === request.apiKey).map((one) => one.body as DecodedFields<Q>);
  }

  #apiKeys() {
    return [...this.#scripts.keys()].map((apiKey) => {
      const range = apis.get(apiKey)?.request.versions;
      const maxVersion = Math.min(range?.max ?? 0, this.maxVersions.get(apiKey) ?? 32767);
      return { apiKey, minVersion: range?.min ?? 0, maxVersion };
    });
  }

  #serve(socket: Socket): void {
    this.connections++;
    this.sockets.add(socket);
    const splitter = new FrameSplitter(100_000_000, (frame) => {
      queue = queue.then(() => this.#answer(socket, frame));
    });
    let queue = Promise.resolve();
    socket.on('data', (chunk) => {
      try {
        splitter.push(chunk);
      } catch {
        socket.destroy();
      }
    });
    socket.on('error', () => {});
    socket.on('close', () => this.sockets.delete(socket));
  }

  async #answer(socket: Socket, frame: Buffer): Promise<void> {
    const reader = new Reader(frame);
    const header = readRequestHeader(reader);
    const { apiKey, apiVersion, correlationId } = header;
    const api = apis.get(apiKey);
    const script = this.#scripts.get(apiKey);
    if (api === undefined || script === undefined) {
      socket.destroy();
      return;
    }
    const isTooNew = apiVersion > (this.maxVersions.get(apiKey) ?? 32767);
    if (apiKey === ApiKey.ApiVersions && isTooNew) {
      const refusal = { errorCode: 35, apiKeys: this.#apiKeys().filter((one) => one.apiKey === apiKey) };
      for (const chunk of encodeResponse(api.response, 0, correlationId, refusal)) socket.write(chunk);
      return;
    }
    if (api.request.isFlexible(apiVersion)) skipTags(reader);
    const body = api.request.decode(reader, apiVersion);
    this.seen.push({ apiKey, version: apiVersion, body });
    const outcome = await script(body as never, header);
    if (outcome === 'close') socket.destroy();
    else if (typeof outcome === 'object') {
      for (const chunk of encodeResponse(api.response, apiVersion, correlationId, outcome)) socket.write(chunk);
    }
  }

  dropConnections(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.dropConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
