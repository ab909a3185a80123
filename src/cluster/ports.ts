import { createServer, type Server } from 'node:net';
import { ClusterError } from './layout.ts';

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'is in use by another process' : `cannot be used (${error.code})`;
      reject(new ClusterError(`port ${port} ${why}; choose others with --port, or --port 0 for free ones`));
    });
    server.listen(port, 'localhost', () => resolve(server));
  });
}

/**
 * Makes sure that all of `wanted` can be listened on, all at one time, and lets go of them again; 0 stands for any free
 * port. Returns the ports in the same order. Throws ClusterError that names the port that is in use.
 */
export async function claimPorts(wanted: readonly number[]): Promise<number[]> {
  const servers: Server[] = [];
  try {
    for (const port of wanted) servers.push(await listen(port));
    return servers.map((server) => {
      const address = server.address();
      if (address === null || typeof address === 'string') throw new ClusterError('the system gave no port');
      return address.port;
    });
  } finally {
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}
