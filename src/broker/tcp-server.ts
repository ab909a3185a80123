import { createServer, Socket, type SocketConstructorOpts } from 'node:net';
import type { Duplex } from 'node:stream';
import { receiveBuffer } from './frame-reader.ts';

/** Takes the bytes of a stream. */
export interface ByteReader {
  /** Where the next bytes go; asked once before they come. Never empty. */
  target(): Buffer;
  /** So many bytes lie at the start of the last target. Must not throw. */
  received(count: number): void;
}

/** A connection that came in: a socket, or a simulated one. */
export interface AcceptedStream extends Duplex {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  setNoDelay(on: boolean): unknown;
  /** Ends the stream once all that was written has been sent. */
  destroySoon(): void;
  /** Where it exists: reads into the reader's buffers, the first bytes into the receiveBuffer, instead of 'data' events. */
  readInto?(reader: ByteReader): void;
}

/** A port that is listened on. */
export interface ListeningServer {
  readonly port: number;
  /** Takes no more connections; those that are there live on. */
  close(): void;
}

/** Where to listen, and who is told. */
export interface ListenOptions {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly backlog: number;
  readonly onStream: (stream: AcceptedStream) => void;
  /** The server failed later on; it may still go on. */
  readonly onError: (error: Error) => void;
}

/** Binds a port. Rejects with Node's system errors (`EADDRINUSE`, `EACCES`, …). */
export type ListenFunction = (options: ListenOptions) => Promise<ListeningServer>;

/** `handle` is how Node itself makes the sockets of its servers. */
interface HandleOptions extends SocketConstructorOpts {
  readonly handle: object;
  readonly pauseOnCreate: boolean;
  readonly onread: {
    readonly buffer: () => Uint8Array;
    readonly callback: (count: number) => boolean;
  };
}

function moveField(name: string, from: object, to: object): void {
  Reflect.set(to, name, Reflect.get(from, name));
  Reflect.set(from, name, null);
}

/**
 * The same connection as a socket that reads into buffers of ours (`onread`, which Node offers to clients but not to its
 * servers' sockets). Undefined where Node's internals are not as they were from version 20 to 24.
 */
function directSocket(socket: Socket): AcceptedStream | undefined {
  const handle: unknown = Reflect.get(socket, '_handle');
  if (typeof handle !== 'object' || handle === null || !('useUserBuffer' in handle)) return undefined;
  let reader: ByteReader | undefined;
  const onread: HandleOptions['onread'] = {
    buffer: () => reader?.target() ?? receiveBuffer,
    callback: (count) => {
      reader?.received(count);
      return true;
    },
  };
  const options: HandleOptions = { handle, onread, pauseOnCreate: true };
  const direct = new Socket(options);
  // The former socket must neither close the connection nor be counted by the server any more.
  Reflect.set(socket, '_handle', null);
  moveField('server', socket, direct);
  moveField('_server', socket, direct);
  return Object.assign(direct, {
    readInto: (wanted: ByteReader) => {
      reader = wanted;
    },
  });
}

/** Plain TCP. */
export const tcpListen: ListenFunction = ({ host, port, backlog, onStream, onError }) => {
  const server = createServer({ noDelay: true, pauseOnConnect: true }, (socket) => {
    onStream(directSocket(socket) ?? socket);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog }, () => {
      server.removeListener('error', reject);
      server.on('error', onError);
      const address = server.address();
      resolve({
        port: address === null || typeof address === 'string' ? port : address.port,
        close: () => server.close(),
      });
    });
  });
};
