import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Clock } from '../base/clock.ts';
import type { FileSystem } from '../base/file-system.ts';
import { identifyProcess, isSameProcess, type ProcessIdentity } from '../base/process-identity.ts';
import { ClusterError, type ClusterLayout } from './layout.ts';

/** How a node stands, seen from outside. */
export type NodeState = 'running' | 'paused' | 'stopped';

/** Program and first arguments that run ottla; the node's own arguments follow. */
export interface OttlaCommand {
  readonly program: string;
  readonly args: readonly string[];
}

interface ProcessFile extends ProcessIdentity {
  /** Stopped with SIGSTOP by `ottla cluster pause`. */
  readonly isPaused: boolean;
}

const POLL_MS = 20;
const LAST_LINES = 15;
/** More lines than any start prints. */
const START_LINES = 1000;

/** The process of one node: started on its own, so that it outlives the launcher, and found again by what it wrote. */
export class NodeProcess {
  readonly id: number;
  readonly #layout: ClusterLayout;
  readonly #fileSystem: FileSystem;
  readonly #clock: Clock;

  constructor(id: number, layout: ClusterLayout, fileSystem: FileSystem, clock: Clock) {
    this.id = id;
    this.#layout = layout;
    this.#fileSystem = fileSystem;
    this.#clock = clock;
  }

  /**
   * Starts the node in a session of its own, its output going to its log file. With `endsWithUs` it stops when this
   * process is gone, however that ended: it sees the end of its stdin then. Throws ClusterError when it runs already or
   * cannot be started.
   */
  async start(command: OttlaCommand, args: readonly string[], endsWithUs = false): Promise<void> {
    if (this.state() !== 'stopped') throw new ClusterError(`node ${this.id} is running already`);
    const log = openSync(this.#layout.logPath(this.id), 'a');
    const all = [...command.args, ...args, ...(endsWithUs ? ['--until-stdin-ends'] : [])];
    const stdin = endsWithUs ? 'pipe' : 'ignore';
    // Node reads all root certificates at start when it is told of extra ones; that takes longer than the rest of a node's
    // start, and no node speaks TLS.
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: undefined };
    const child = spawn(command.program, all, { detached: true, stdio: [stdin, log, log], env });
    closeSync(log);
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', () => resolve());
      child.once('error', (error) => {
        reject(new ClusterError(`node ${this.id} could not be started: ${error.message}`, { cause: error }));
      });
    });
    child.unref();
    if (child.stdin instanceof Socket) child.stdin.on('error', () => {}).unref();
    const identity = child.pid === undefined ? undefined : identifyProcess(child.pid);
    if (identity === undefined) throw new ClusterError(`node ${this.id} ended at once: ${this.lastLines()}`);
    this.#writeFile({ ...identity, isPaused: false });
  }

  /** Which process the node is; undefined when it does not run. A file that a crash left behind is not believed. */
  identity(): ProcessIdentity | undefined {
    const found = this.#find();
    return found === undefined ? undefined : { pid: found.pid, startedAt: found.startedAt };
  }

  state(): NodeState {
    const found = this.#find();
    if (found === undefined) return 'stopped';
    return found.isPaused ? 'paused' : 'running';
  }

  // A launcher that was killed may not have noted the process that it had just started; that holds the data folder's lock.
  #find(): ProcessFile | undefined {
    const noted = this.#readFile();
    if (noted !== undefined && isSameProcess(noted)) return noted;
    const holder = this.#readLock();
    return holder !== undefined && isSameProcess(holder) ? { ...holder, isPaused: false } : undefined;
  }

  /** Asks the node to shut down cleanly and waits until it has. A paused one is woken first. */
  async stop(timeoutMs: number): Promise<void> {
    const identity = this.identity();
    if (identity === undefined) return;
    if (this.state() === 'paused') this.resume();
    this.#signal(identity, 'SIGTERM');
    if (await this.#waitForEnd(identity, timeoutMs)) return;
    this.#signal(identity, 'SIGKILL');
    await this.#waitForEnd(identity, timeoutMs);
    throw new ClusterError(`node ${this.id} did not stop within ${timeoutMs} ms and was killed`);
  }

  /** Ends the node with SIGKILL, as a crash would. Throws ClusterError when it does not run. */
  async kill(): Promise<void> {
    const identity = this.#running();
    this.#signal(identity, 'SIGKILL');
    await this.#waitForEnd(identity, 10_000);
  }

  /** Freezes the node (SIGSTOP). */
  pause(): void {
    const identity = this.#running();
    this.#signal(identity, 'SIGSTOP');
    this.#writeFile({ ...identity, isPaused: true });
  }

  /** Lets a frozen node go on (SIGCONT). */
  resume(): void {
    const identity = this.#running();
    this.#signal(identity, 'SIGCONT');
    this.#writeFile({ ...identity, isPaused: false });
  }

  /** The last lines that the node printed. */
  lastLines(count = LAST_LINES): string {
    const path = this.#layout.logPath(this.id);
    if (!this.#fileSystem.exists(path)) return '';
    return this.#fileSystem.readFile(path).toString().trimEnd().split('\n').slice(-count).join('\n');
  }

  /** What the node has warned of since its last start, before it was ready. */
  startWarnings(): string[] {
    const lines = this.lastLines(START_LINES).split('\n');
    const ready = lines.findLastIndex((line) => line.startsWith('{"event":"ready"'));
    const before = lines.slice(0, Math.max(0, ready));
    return before
      .slice(before.findLastIndex((line) => line.startsWith('{"event":"ready"')) + 1)
      .filter((line) => line.endsWith(' has no effect'))
      .map((line) => line.replace(/^ottla: /, ''));
  }

  #running(): ProcessIdentity {
    const identity = this.identity();
    if (identity === undefined) throw new ClusterError(`node ${this.id} does not run`);
    return identity;
  }

  #signal(identity: ProcessIdentity, signal: NodeJS.Signals): void {
    try {
      process.kill(identity.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return;
      throw new ClusterError(`node ${this.id} (pid ${identity.pid}) cannot be signalled: ${(error as Error).message}`);
    }
  }

  async #waitForEnd(identity: ProcessIdentity, timeoutMs: number): Promise<boolean> {
    const deadline = this.#clock.monotonicMs() + timeoutMs;
    while (isSameProcess(identity)) {
      if (this.#clock.monotonicMs() > deadline) return false;
      await delay(this.#clock, POLL_MS);
    }
    this.#fileSystem.remove(this.#layout.processPath(this.id));
    return true;
  }

  #readFile(): ProcessFile | undefined {
    const path = this.#layout.processPath(this.id);
    if (!this.#fileSystem.exists(path)) return undefined;
    try {
      const value = JSON.parse(this.#fileSystem.readFile(path).toString()) as Partial<ProcessFile>;
      if (typeof value.pid !== 'number' || typeof value.startedAt !== 'string') return undefined;
      return { pid: value.pid, startedAt: value.startedAt, isPaused: value.isPaused === true };
    } catch {
      return undefined;
    }
  }

  #readLock(): ProcessIdentity | undefined {
    const path = this.#layout.lockPath(this.id);
    if (!this.#fileSystem.exists(path)) return undefined;
    const [, pid, startedAt] = /^(\d+) (.*)$/.exec(this.#fileSystem.readFile(path).toString().trim()) ?? [];
    return startedAt === undefined ? undefined : { pid: Number(pid), startedAt };
  }

  #writeFile(file: ProcessFile): void {
    this.#fileSystem.writeFileAtomically(this.#layout.processPath(this.id), JSON.stringify(file));
  }
}

/** Resolves after `delayMs`. */
export function delay(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.schedule(delayMs, resolve);
  });
}
