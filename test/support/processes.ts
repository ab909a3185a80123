import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The nearest folder above this file that has a package.json; a bundled benchmark lies elsewhere than its source. */
function findRepository(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

/** The repository's root folder. */
export const repository = findRepository();
/** Runs the released Apache Kafka 4.4.0 where it is at hand: any of its tools, or a broker. */
export const apacheKafka = join(repository, '../shared/kafka/kafka');
/** The conformance kit, where it is at hand. */
export const conformanceKit = join(repository, '../shared/conformance/conformance');

export interface Finished {
  readonly stdout: string;
  readonly stderr: string;
  /** null when a signal ended it. */
  readonly code: number | null;
}

export interface RunOptions {
  readonly input?: string | Buffer;
  readonly timeoutMs?: number;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** Runs a command to its end. Throws when it takes longer than `timeoutMs` (default 60 s), with what it said so far. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const child = spawn(command, args, { cwd: options.cwd ?? repository, env: { ...process.env, ...options.env } });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  // A child that ends without reading its input is the test's own business.
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const timeoutMs = options.timeoutMs ?? 60_000;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      const said = `${Buffer.concat(stdout)}\n${Buffer.concat(stderr)}`.slice(-4000);
      reject(new Error(`${command} ${args.join(' ')} took longer than ${timeoutMs} ms; it said: ${said}`));
    }, timeoutMs);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString(), code });
    });
  });
}

/** Runs one of ottla's own tools as a process. */
export function ottla(tool: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return run(process.execPath, [join(repository, 'bin', tool), ...args], options);
}

/** Waits until `probe` returns something other than undefined or false; throws after `timeoutMs`. */
export async function until<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`timed out after ${timeoutMs} ms waiting until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A process that runs beside the test, with all that it has said. */
const running = new Set<ChildProcessWithoutNullStreams>();
// A test that failed, or a benchmark that was stopped, leaves no broker behind.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class BackgroundProcess {
  readonly child: ChildProcessWithoutNullStreams;
  stdout = '';
  stderr = '';
  /** undefined while it runs. */
  exit: { code: number | null; signal: NodeJS.Signals | null } | undefined;

  constructor(command: string, args: readonly string[], options: RunOptions = {}) {
    this.child = spawn(command, args, { cwd: options.cwd ?? repository, env: { ...process.env, ...options.env } });
    running.add(this.child);
    this.child.stdout.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString();
    });
    this.child.stderr.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
    this.child.stdin.on('error', () => {});
    this.child.on('close', (code, signal) => {
      this.exit = { code, signal };
      running.delete(this.child);
    });
  }

  /** Waits until stdout has a match; throws, with what it said, when the process ends first. */
  async untilPrinted(pattern: RegExp, timeoutMs = 30_000): Promise<RegExpExecArray> {
    return until(
      `${this.child.spawnfile} prints ${pattern}; it said: ${this.stdout.slice(-1000)} ${this.stderr.slice(-1000)}`,
      () => {
        const match = pattern.exec(this.stdout);
        if (match !== null) return match;
        if (this.exit !== undefined) throw new Error(`it ended with ${this.exit.code}: ${this.stdout} ${this.stderr}`);
        return undefined;
      },
      timeoutMs,
    );
  }

  /** Sends a signal and waits for the end. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', timeoutMs = 30_000): Promise<{ code: number | null }> {
    if (this.exit === undefined) this.child.kill(signal);
    return until(`${this.child.spawnfile} ends after ${signal}`, () => this.exit, timeoutMs);
  }
}

/** What `ottla serve --output json` prints when it is ready. */
export interface ServeReady {
  readonly event: 'ready';
  readonly nodeId: number;
  readonly clusterId: string;
  readonly bootstrapServers: string;
  readonly dataDir: string;
  readonly pid: number;
}

/** A broker process. */
export interface ServedBroker {
  readonly process: BackgroundProcess;
  readonly ready: ServeReady;
  readonly bootstrap: string;
  stop(signal?: NodeJS.Signals): Promise<{ code: number | null }>;
}

/** Starts `ottla serve` on a free port. Without `dataDir` it is ephemeral. */
export async function serve(
  args: readonly string[] = [],
  options: RunOptions & { dataDir?: string } = {},
): Promise<ServedBroker> {
  const where = options.dataDir === undefined ? ['--ephemeral'] : ['--data-dir', options.dataDir];
  const port = args.includes('--port') ? [] : ['--port', '0'];
  const all = [join(repository, 'bin/ottla'), 'serve', '--output', 'json', ...port, ...where, ...args];
  const broker = new BackgroundProcess(process.execPath, all, options);
  const [line] = await broker.untilPrinted(/\{.*"event":"ready".*\}/);
  const ready = JSON.parse(line) as ServeReady;
  return { process: broker, ready, bootstrap: ready.bootstrapServers, stop: (signal) => broker.stop(signal) };
}

const FIRST_PORT = 20_000;
/** Below the ports that systems give to outgoing connections and to whoever asks for port 0. */
const PORT_GROUPS = 3000;
const PORTS_A_GROUP = 4;

function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** A TCP port of five digits that is free, as are the three behind it, for programs that cannot pick one themselves. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = FIRST_PORT + PORTS_A_GROUP * Math.floor(Math.random() * PORT_GROUPS);
    const group = Array.from({ length: PORTS_A_GROUP }, (_, i) => isPortFree(port + i));
    if ((await Promise.all(group)).every(Boolean)) return port;
  }
  throw new Error('there are no free ports');
}

/** A folder of its own for a test; remove it with {@link removeFolder}. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'ottla-test-'));
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** Whether a command is on the PATH (or, with a slash in it, exists). */
export function isInstalled(command: string): boolean {
  if (command.includes('/')) return existsSync(command);
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, command)));
}

/**
 * Whether tests against a foreign program are to be left out because it is not here. With OTTLA_INTEROP=required, as in
 * CI, a missing program is an error instead.
 */
export function isMissing(...commands: string[]): boolean {
  const missing = commands.filter((command) => !isInstalled(command));
  if (missing.length > 0 && process.env['OTTLA_INTEROP'] === 'required') {
    throw new Error(`OTTLA_INTEROP=required, but these are not installed: ${missing.join(', ')}`);
  }
  return missing.length > 0;
}
