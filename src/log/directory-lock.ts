import { readFileSync, realpathSync, statSync } from 'node:fs';
import type { FileSystem } from '../base/file-system.ts';
import { KafkaError } from '../base/kafka-error.ts';

const LOCK_FILE = '.lock';

/** What a lock needs to know of the machine's processes. */
export interface ProcessTable {
  readonly ownPid: number;
  /** When a process started, in ticks since boot; undefined when the system does not tell. */
  startTicks(pid: number): string | undefined;
  isAlive(pid: number): boolean;
  /** The process that holds an OS lock on a file, as a JVM's Kafka does; undefined when none or unknown. */
  lockHolder(path: string): number | undefined;
}

/** What Linux tells of a process: its state, …, and its start as the 20th. Undefined when it tells nothing. */
function processFields(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may hold spaces.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

const startTicks = (pid: number): string | undefined => processFields(pid)?.[19];

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie has ended; its parent only has not asked how.
    return processFields(pid)?.[0] !== 'Z';
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function lockHolder(path: string): number | undefined {
  try {
    const { ino } = statSync(path);
    for (const line of readFileSync('/proc/locks', 'utf8').split('\n')) {
      // "1: POSIX  ADVISORY  WRITE 1234 fe:00:5678 0 EOF": pid, then device and inode.
      const fields = line.trim().split(/\s+/);
      if (fields[5]?.endsWith(`:${ino}`) === true) return Number(fields[4]);
    }
  } catch {
    // Not Linux: only ottla's own content of the file counts.
  }
  return undefined;
}

/** The machine's own processes. */
export const systemProcesses: ProcessTable = { ownPid: process.pid, startTicks, isAlive, lockHolder };

// Directories that this process holds: two brokers of one test share a pid.
const heldHere = new Set<string>();

function resolved(directory: string): string {
  try {
    return realpathSync(directory);
  } catch {
    return directory;
  }
}

/**
 * Holds a data dir for one process. Node cannot take an OS file lock, so `.lock` says who holds it: a process id and,
 * where known, when that process started. A file left behind by a process that died does not count.
 */
export class DirectoryLock {
  readonly #fileSystem: FileSystem;
  readonly #directory: string;

  private constructor(fileSystem: FileSystem, directory: string) {
    this.#fileSystem = fileSystem;
    this.#directory = directory;
  }

  /** Takes the lock. Throws KAFKA_STORAGE_ERROR when another broker holds it. */
  static acquire(fileSystem: FileSystem, directory: string, processes: ProcessTable = systemProcesses): DirectoryLock {
    const path = `${directory}/${LOCK_FILE}`;
    if (heldHere.has(resolved(directory))) throw inUse(directory, processes.ownPid);
    if (fileSystem.exists(path)) {
      const holder = processes.lockHolder(path) ?? holderOf(fileSystem.readFile(path).toString(), processes);
      if (holder !== undefined) throw inUse(directory, holder);
    }
    const { ownPid } = processes;
    const handle = fileSystem.open(path, 'write');
    try {
      handle.truncate(0);
      handle.write([Buffer.from(`${ownPid} ${processes.startTicks(ownPid) ?? ''}\n`)], 0);
    } finally {
      handle.close();
    }
    heldHere.add(resolved(directory));
    return new DirectoryLock(fileSystem, directory);
  }

  /** Gives the directory free. */
  release(): void {
    heldHere.delete(resolved(this.#directory));
    this.#fileSystem.remove(`${this.#directory}/${LOCK_FILE}`);
  }

  /** Leaves the file behind, as a killed process does; for simulated crashes. */
  abandon(): void {
    heldHere.delete(resolved(this.#directory));
  }
}

function holderOf(content: string, processes: ProcessTable): number | undefined {
  const match = /^(\d+) (\d*)/.exec(content);
  if (match?.[1] === undefined) return undefined;
  const pid = Number(match[1]);
  if (pid === processes.ownPid || !processes.isAlive(pid)) return undefined;
  const started = processes.startTicks(pid);
  const isSameProcess = match[2] === '' || started === undefined || started === match[2];
  return isSameProcess ? pid : undefined;
}

function inUse(directory: string, pid: number): KafkaError {
  return new KafkaError(
    'KAFKA_STORAGE_ERROR',
    `Failed to acquire lock on file ${LOCK_FILE} in ${directory}. A Kafka instance in another process or thread is using this directory (process ${pid}).`,
  );
}
