/** How long until a broker answers, how much memory it takes, how long a tool takes. */
import { join } from 'node:path';
import { apacheKafka, removeFolder, repository, run, temporaryFolder } from '../test/support/processes.ts';
import { compare, hasApacheKafka, type Row, type System, startBroker, systems } from './support.ts';

/** From spawn to the first answered Metadata, on a folder that was used before and stopped cleanly. */
export async function startTime(runs: number): Promise<Row[]> {
  const folders = new Map<System, string>();
  for (const system of systems) {
    const folder = temporaryFolder();
    folders.set(system, folder);
    await (await startBroker(system, { folder })).stop({ keepFolder: true });
  }
  const found = await compare(Math.max(runs, 5), async (system) => {
    const broker = await startBroker(system, { folder: folders.get(system) ?? '' });
    await broker.stop({ keepFolder: true });
    return broker.startMs;
  });
  for (const folder of folders.values()) removeFolder(folder);
  return [{ name: 'spawn to first answered Metadata', unit: 'ms', ...found, goal: { atMost: 1 / 20 } }];
}

export async function memory(runs: number): Promise<Row[]> {
  const loaded = { ottla: [] as number[], kafka: [] as number[] };
  const idle = await compare(Math.min(runs, 3), async (system) => {
    const broker = await startBroker(system);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const before = broker.residentMiB();
    const input = Buffer.from(`${'m'.repeat(1023)}\n`.repeat(300_000));
    await run('kcat', ['-P', '-b', broker.bootstrap, '-t', 'memory'], { input, timeoutMs: 120_000 });
    await run('kcat', ['-C', '-b', broker.bootstrap, '-t', 'memory', '-e', '-q', '-f', ''], { timeoutMs: 120_000 });
    loaded[system].push(broker.residentMiB());
    await broker.stop();
    return before;
  });
  const after = { ottla: Math.max(...loaded.ottla), ...(hasApacheKafka ? { kafka: Math.max(...loaded.kafka) } : {}) };
  return [
    { name: 'resident memory, idle', unit: 'MiB', ...idle, goal: { atMost: 1 / 5 } },
    { name: 'resident memory after 300 MB in and out', unit: 'MiB', ...after, goal: { atMost: 1 / 5 } },
  ];
}

/** Wall time of `kafka-topics --list`, ours and Kafka's, both against our broker. */
export async function toolTime(runs: number): Promise<Row[]> {
  const broker = await startBroker('ottla');
  const list = ['--bootstrap-server', broker.bootstrap, '--list'];
  const found = await compare(Math.max(runs, 5), async (system) => {
    const started = performance.now();
    if (system === 'ottla') await run(process.execPath, [join(repository, 'bin/kafka-topics'), ...list]);
    else await run(apacheKafka, ['kafka-topics', ...list]);
    return performance.now() - started;
  });
  await broker.stop();
  return [{ name: 'kafka-topics --list', unit: 'ms', ...found, goal: { atMost: 1 / 8 } }];
}
