import { createServer } from 'node:net';
import type { Duplex } from 'node:stream';

/** A connection that came in: a socket, or a simulated one. */
export interface AcceptedStream extends Duplex {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  setNoDelay(on: boolean): unknown;
  /** Ends the stream once all that was written has been sent. */
  destroySoon(): void;
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

/** Plain TCP. */
export const tcpListen: ListenFunction = ({ host, port, backlog, onStream, onError }) => {
  const server = createServer({ noDelay: true }, onStream);
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
