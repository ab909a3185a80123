import { createHash } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { identifyProcess, isSameProcess } from '../base/process-identity.ts';
import { ClusterError } from './layout.ts';
import { delay } from './node-process.ts';

const POLL_MS = 20;

/**
 * Does `act` while no other launcher starts a cluster in the same folder; waits for its turn. The lock is a file outside
 * the folder, which may be removed meanwhile; one that a killed launcher left behind does not count. Throws ClusterError
 * when `isCancelled` says so before it is our turn.
 */
export async function withLauncherLock<T>(
  directory: string,
  clock: Clock,
  isCancelled: () => boolean,
  act: () => Promise<T>,
): Promise<T> {
  const name = createHash('sha256').update(directory).digest('hex').slice(0, 16);
  const path = join(tmpdir(), `ottla-cluster-${name}.lock`);
  while (!tryLock(path)) {
    if (isCancelled()) throw new ClusterError('interrupted');
    await delay(clock, POLL_MS);
  }
  try {
    return await act();
  } finally {
    rmSync(path, { force: true });
  }
}

// A link appears with its content, so that nobody reads a lock that does not say yet whose it is.
function tryLock(path: string): boolean {
  const own = `${path}.${process.pid}`;
  writeFileSync(own, JSON.stringify(identifyProcess(process.pid)));
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (!isHeld(path)) rmSync(path, { force: true });
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

function isHeld(path: string): boolean {
  try {
    const holder = JSON.parse(readFileSync(path, 'utf8')) as { pid?: unknown; startedAt?: unknown };
    const { pid, startedAt } = holder;
    return typeof pid === 'number' && typeof startedAt === 'string' && isSameProcess({ pid, startedAt });
  } catch {
    // Given free in this moment, or no lock of ours: either way the next attempt finds out.
    return false;
  }
}
