import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/**
 * A process, told apart from a later one that got the same number: `startedAt` is what the system says of its start, in
 * a form that is only good for comparing.
 */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startedAt: string;
}

/** When the process `pid` was started; undefined when there is none (a zombie counts as none). */
function startOf(pid: number): string | undefined {
  if (process.platform === 'linux') return startFromProc(pid);
  if (process.platform === 'win32') return isRunning(pid) ? '' : undefined;
  try {
    // Loaded where it is needed: it takes 2 ms.
    const { execFileSync } = createRequire(import.meta.url)(
      'node:child_process',
    ) as typeof import('node:child_process');
    const start = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return start === '' ? undefined : start;
  } catch {
    return undefined;
  }
}

function startFromProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything; the fields behind it are separated by single blanks.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The identity of a running process; undefined when there is none. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const startedAt = startOf(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** Whether the very process that was identified still runs. */
export function isSameProcess(identity: ProcessIdentity): boolean {
  return startOf(identity.pid) === identity.startedAt;
}
