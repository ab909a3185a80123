/** A million 99-byte lines into the console producer and out of the console consumer: ours, Kafka's and kcat. */
import { join } from 'node:path';
import { apacheKafka, isInstalled, repository, run } from '../test/support/processes.ts';
import { hasApacheKafka, median, type Row, startBroker } from './support.ts';

const LINES = 1_000_000;

type Tool = 'ottla' | 'kafka' | 'kcat';

async function timed(command: string, args: string[], input?: Buffer): Promise<number> {
  const started = performance.now();
  const { code, stderr, stdout } = await run(command, args, {
    timeoutMs: 120_000,
    ...(input === undefined ? {} : { input }),
  });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${stderr}`);
  if (input === undefined && stdout.length !== LINES * 99) throw new Error(`${command} gave ${stdout.length} bytes`);
  return (performance.now() - started) / 1000;
}

export async function consoleTools(runs: number): Promise<Row[]> {
  const broker = await startBroker('ottla');
  const server = ['--bootstrap-server', broker.bootstrap];
  const input = Buffer.concat(Array.from({ length: LINES }, (_, i) => Buffer.from(`${String(i).padStart(98, '0')}\n`)));
  const tools: Tool[] = [
    'ottla',
    ...(hasApacheKafka ? (['kafka'] as const) : []),
    ...(isInstalled('kcat') ? (['kcat'] as const) : []),
  ];
  const produced: Record<Tool, number[]> = { ottla: [], kafka: [], kcat: [] };
  const consumed: Record<Tool, number[]> = { ottla: [], kafka: [], kcat: [] };
  const launch = (tool: Tool, name: string, args: string[]): [string, string[]] =>
    tool === 'ottla' ? [process.execPath, [join(repository, 'bin', name), ...args]] : [apacheKafka, [name, ...args]];
  for (let i = 0; i < runs; i++) {
    for (const tool of tools) {
      const topic = `lines-${tool}-${i}`;
      const read = ['--topic', topic, '--from-beginning', '--max-messages', String(LINES)];
      if (tool === 'kcat') {
        produced.kcat.push(await timed('kcat', ['-P', '-b', broker.bootstrap, '-t', topic, '-p', '0'], input));
        consumed.kcat.push(await timed('kcat', ['-C', '-b', broker.bootstrap, '-t', topic, '-e', '-q']));
      } else {
        produced[tool].push(
          await timed(...launch(tool, 'kafka-console-producer', [...server, '--topic', topic]), input),
        );
        consumed[tool].push(await timed(...launch(tool, 'kafka-console-consumer', [...server, ...read])));
      }
    }
  }
  await broker.stop();
  const row = (name: string, found: Record<Tool, number[]>): Row => ({
    name,
    unit: 's',
    ottla: median(found.ottla),
    kafka: found.kafka.length > 0 ? median(found.kafka) : undefined,
    note: `kcat ${median(found.kcat).toFixed(2)} s; goal: no slower than kcat`,
  });
  return [
    row('a million lines through the console producer', produced),
    row('a million lines out of the console consumer', consumed),
  ];
}
