/** What a gigabyte costs a broker, and how much goes through it, with clients that others wrote. */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { apacheKafka, isInstalled, run } from '../test/support/processes.ts';
import {
  type Broker,
  compare,
  hasApacheKafka,
  median,
  type Row,
  type System,
  startBroker,
  systems,
} from './support.ts';

const SIZES = [
  { recordBytes: 100, records: 3_000_000 },
  { recordBytes: 1024, records: 500_000 },
];

/** Both brokers have just-in-time compilers, which need a while; a fetch moves about a MB, so that a GB is a thousand calls. */
const WARM_UP_ROUNDS = 3;
const ROUND_BYTES = 1e9;

/**
 * Writes and removes more than the broker and its client will need in the round, so that their pages come from memory that
 * was in use just before. Memory that a virtual machine never touched is handed to it page by page, which costs several
 * times what the write itself does, and has nothing to do with the broker.
 */
function warmPageCache(folder: string, sizeBytes: number): void {
  const file = join(folder, 'page-cache-warmer');
  const block = Buffer.alloc(1 << 20, 1);
  const descriptor = openSync(file, 'w');
  for (let at = 0; at < sizeBytes * 3; at += block.length) writeSync(descriptor, block);
  closeSync(descriptor);
  rmSync(file);
}

function lines(recordBytes: number, sizeBytes: number): Buffer {
  return Buffer.alloc(Math.floor(sizeBytes / recordBytes) * recordBytes, `${'r'.repeat(recordBytes - 1)}\n`);
}

/** kcat as producer, then as consumer; the broker's CPU seconds per GB of payload, and payload MB/s. */
async function load(broker: Broker, input: Buffer, topic: string) {
  const gigabytes = input.length / 1e9;
  warmPageCache(broker.folder, input.length);
  const cpuBefore = broker.cpuSeconds();
  const userBefore = broker.userSeconds();
  const started = performance.now();
  const produced = await run('kcat', ['-P', '-b', broker.bootstrap, '-t', topic, '-p', '0'], {
    input,
    timeoutMs: 300_000,
  });
  if (produced.code !== 0) throw new Error(`kcat could not produce: ${produced.stderr}`);
  const cpuProduced = broker.cpuSeconds();
  const producedAt = performance.now();
  const count = ['-C', '-b', broker.bootstrap, '-t', topic, '-p', '0', '-e', '-q', '-f', ''];
  await run('kcat', count, { timeoutMs: 300_000 });
  return {
    produceCpu: (cpuProduced - cpuBefore) / gigabytes,
    consumeCpu: (broker.cpuSeconds() - cpuProduced) / gigabytes,
    userCpu: (broker.userSeconds() - userBefore) / gigabytes,
    produceMBps: input.length / 1e3 / (producedAt - started),
    consumeMBps: input.length / 1e3 / (performance.now() - producedAt),
  };
}

type Load = Awaited<ReturnType<typeof load>>;

export async function cpuPerGigabyte(runs: number): Promise<Row[]> {
  if (!isInstalled('kcat')) throw new Error('kcat is not installed');
  const rows: Row[] = [];
  for (const { recordBytes } of SIZES) {
    const input = lines(recordBytes, ROUND_BYTES);
    const found: Record<System, Load[]> = { ottla: [], kafka: [] };
    const brokers = new Map<System, Broker>();
    for (const system of systems) brokers.set(system, await startBroker(system));
    // In turn, so that what else the machine does meets both.
    for (let i = -WARM_UP_ROUNDS; i < runs; i++) {
      for (const [system, broker] of brokers) {
        const measured = await load(broker, input, `load-${i + WARM_UP_ROUNDS}`);
        if (i >= 0) found[system].push(measured);
      }
    }
    for (const broker of brokers.values()) await broker.stop();
    const both = (pick: (load: Load) => number) => ({
      ottla: median(found.ottla.map(pick)),
      ...(hasApacheKafka ? { kafka: median(found.kafka.map(pick)) } : {}),
    });
    const size = `${recordBytes} B records, kcat`;
    const part = { note: 'part of the first' };
    rows.push(
      {
        name: `broker CPU to take and serve a GB, ${size}`,
        unit: 's',
        ...both((l) => l.produceCpu + l.consumeCpu),
        goal: { atMost: 0.5 },
      },
      { name: `the same without the kernel's share, ${size}`, unit: 's', ...both((l) => l.userCpu), ...part },
      { name: `broker CPU to take a GB, ${size}`, unit: 's', ...both((l) => l.produceCpu), ...part },
      { name: `broker CPU to serve a GB, ${size}`, unit: 's', ...both((l) => l.consumeCpu), ...part },
      { name: `produced, ${size}`, unit: 'MB/s', ...both((l) => l.produceMBps), note: 'kcat shares the cores' },
      { name: `consumed, ${size}`, unit: 'MB/s', ...both((l) => l.consumeMBps), note: 'kcat shares the cores' },
    );
  }
  return rows;
}

/** Apache Kafka's own perf tools against both brokers. */
export async function clientThroughput(runs: number): Promise<Row[]> {
  if (!hasApacheKafka) return [];
  const rows: Row[] = [];
  for (const { recordBytes, records } of SIZES) {
    const consumed: Record<System, number[]> = { ottla: [], kafka: [] };
    const brokers = new Map<System, Broker>();
    for (const system of systems) brokers.set(system, await startBroker(system));
    let round = 0;
    const produced = await compare(runs, async (system) => {
      const bootstrap = brokers.get(system)?.bootstrap ?? '';
      const topic = `perf-${round++}`;
      const produce = ['--topic', topic, '--num-records', String(records), '--record-size', String(recordBytes)];
      const out = await run(
        apacheKafka,
        [
          'kafka-producer-perf-test',
          ...produce,
          '--throughput',
          '-1',
          '--producer-props',
          `bootstrap.servers=${bootstrap}`,
        ],
        { timeoutMs: 300_000 },
      );
      const consume = ['--bootstrap-server', bootstrap, '--topic', topic, '--num-records', String(records)];
      const read = await run(apacheKafka, ['kafka-consumer-perf-test', ...consume], { timeoutMs: 300_000 });
      consumed[system].push(Number(read.stdout.trimEnd().split('\n').at(-1)?.split(', ')[8]));
      return Number([...out.stdout.matchAll(/\(([\d.]+) MB\/sec\)/g)].at(-1)?.[1]);
    });
    for (const broker of brokers.values()) await broker.stop();
    const fetched = { ottla: median(consumed.ottla), kafka: median(consumed.kafka) };
    const goal = { atLeast: 1.5 };
    const note = 'the goal holds where the broker, not the client, is the limit';
    rows.push(
      { name: `kafka-producer-perf-test, ${recordBytes} B`, unit: 'MB/s', ...produced, goal, note },
      { name: `kafka-consumer-perf-test, ${recordBytes} B`, unit: 'MB/s of fetch', ...fetched, goal, note },
    );
  }
  return rows;
}
