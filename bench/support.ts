/** What the benchmarks share: brokers as processes, their CPU time and memory, medians, the table. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { metadataRequest, metadataResponse } from '../src/protocol/messages/03-metadata.ts';
import {
  apacheKafka,
  BackgroundProcess,
  freePort,
  isInstalled,
  removeFolder,
  repository,
  temporaryFolder,
} from '../test/support/processes.ts';
import { connectTo } from '../test/support/raw-client.ts';

export type System = 'ottla' | 'kafka';

/** One line of the table. `ottla` and `kafka` are medians in `unit`; `goal` is the largest ratio that is good. */
export interface Row {
  readonly name: string;
  readonly unit: string;
  readonly ottla: number;
  readonly kafka?: number | undefined;
  /** Wanted: ottla/kafka at most this (`atMost`) or at least this (`atLeast`). */
  readonly goal?: { readonly atMost?: number; readonly atLeast?: number };
  readonly note?: string;
}

export interface Broker {
  readonly system: System;
  readonly bootstrap: string;
  readonly pid: number;
  /** Wall time from spawn to the first answered Metadata, in ms. */
  readonly startMs: number;
  readonly folder: string;
  /** CPU seconds that the process has used so far. */
  cpuSeconds(): number;
  /** The part of them that it did not spend in the kernel. */
  userSeconds(): number;
  /** Resident memory in MiB. */
  residentMiB(): number;
  stop(options?: { signal?: NodeJS.Signals; keepFolder?: boolean }): Promise<void>;
}

export const hasApacheKafka = isInstalled(apacheKafka) && isInstalled('java');

/** The systems to be measured, ours first. */
export const systems: readonly System[] = hasApacheKafka ? ['ottla', 'kafka'] : ['ottla'];

const TICKS_PER_SECOND = 100;

/** User and system time, in seconds, that a process has used so far. */
function processTimes(pid: number): { user: number; system: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { user: Number(fields[11]) / TICKS_PER_SECOND, system: Number(fields[12]) / TICKS_PER_SECOND };
}

export function cpuSeconds(pid: number): number {
  const { user, system } = processTimes(pid);
  return user + system;
}

export function residentMiB(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}

async function answersMetadata(bootstrap: string): Promise<boolean> {
  try {
    const connection = await connectTo(bootstrap);
    const answer = connection.send(metadataRequest, metadataResponse, 9, { topics: [] });
    const response = await Promise.race([answer, connection.closed]);
    connection.close();
    return response !== undefined && response.brokers.length > 0;
  } catch {
    return false;
  }
}

/** Starts a broker on a folder (a new one by default) and waits until it answers Metadata with a broker in it. */
export async function startBroker(
  system: System,
  options: { folder?: string; overrides?: string[] } = {},
): Promise<Broker> {
  const folder = options.folder ?? temporaryFolder();
  const port = await freePort();
  const overrides = options.overrides ?? [];
  const bootstrap = `localhost:${port}`;
  const started = performance.now();
  const child =
    system === 'ottla'
      ? new BackgroundProcess(process.execPath, [
          ...[join(repository, 'bin/ottla'), 'serve', '--host', 'localhost', '--port', String(port)],
          ...['--data-dir', join(folder, 'data'), ...overrides.flatMap((override) => ['--override', override])],
        ])
      : new BackgroundProcess(apacheKafka, [
          'broker',
          folder,
          String(port),
          'group.initial.rebalance.delay.ms=0',
          ...overrides,
        ]);
  while (!(await answersMetadata(bootstrap))) {
    if (child.exit !== undefined)
      throw new Error(`${system} ended: ${child.stdout.slice(-2000)}${child.stderr.slice(-2000)}`);
    if (performance.now() - started > 120_000) throw new Error(`${system} does not answer`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const startMs = performance.now() - started;
  const pid = child.child.pid ?? 0;
  return {
    system,
    bootstrap,
    pid,
    startMs,
    folder,
    cpuSeconds: () => cpuSeconds(pid),
    userSeconds: () => processTimes(pid).user,
    residentMiB: () => residentMiB(pid),
    stop: async ({ signal = 'SIGTERM', keepFolder = false } = {}) => {
      await child.stop(signal, 60_000);
      if (!keepFolder) removeFolder(folder);
    },
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export function percentile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? Number.NaN;
}

/** Runs `measure` several times for each system, in turn, and returns the median for each. */
export async function compare(
  runs: number,
  measure: (system: System) => Promise<number>,
): Promise<{ ottla: number; kafka?: number }> {
  const found: Record<System, number[]> = { ottla: [], kafka: [] };
  for (let i = 0; i < runs; i++) for (const system of systems) found[system].push(await measure(system));
  return hasApacheKafka ? { ottla: median(found.ottla), kafka: median(found.kafka) } : { ottla: median(found.ottla) };
}

function shown(value: number | undefined): string {
  if (value === undefined) return '-';
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function verdict(row: Row): string {
  if (row.goal === undefined) return '';
  if (row.kafka === undefined) return 'not compared';
  const ratio = row.ottla / row.kafka;
  const { atMost, atLeast } = row.goal;
  if (atMost !== undefined) return `${ratio <= atMost ? 'met' : 'MISSED'} (at most ${Number(atMost.toFixed(3))})`;
  return `${ratio >= (atLeast ?? 0) ? 'met' : 'MISSED'} (at least ${atLeast})`;
}

/** The rows as a Markdown table. */
export function table(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const ratio = row.kafka === undefined ? '-' : (row.ottla / row.kafka).toFixed(3);
    return `| ${row.name} | ${row.unit} | ${shown(row.ottla)} | ${shown(row.kafka)} | ${ratio} | ${verdict(row)} | ${row.note ?? ''} |`;
  });
  return [
    '| what | unit | ottla | Apache Kafka | ratio | goal | note |',
    '|---|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}
