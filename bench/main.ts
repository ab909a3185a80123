/**
 * `npm run bench` measures ottla, and Apache Kafka 4.4 in the same run where Java and the released jars are at hand.
 *
 *     npm run bench                        everything, three runs each
 *     npm run bench -- --only start,tools  a choice (the usage line of an unknown one names them)
 *     npm run bench -- --runs 5
 */
import { cpus } from 'node:os';
import { clientThroughput, cpuPerGigabyte } from './broker-load.ts';
import { clusterOfThree } from './cluster.ts';
import { consoleTools } from './console-tools.ts';
import { endToEndLatency } from './latency.ts';
import { manyConnections, manyPartitions } from './scale.ts';
import { memory, startTime, toolTime } from './start.ts';
import { hasApacheKafka, type Row, table } from './support.ts';

// With it Node reads all root certificates at every start, some 70 ms that say nothing of what is measured here.
delete process.env['NODE_EXTRA_CA_CERTS'];

const groups: Record<string, (runs: number) => Promise<Row[]>> = {
  start: startTime,
  memory,
  tools: toolTime,
  cpu: cpuPerGigabyte,
  throughput: clientThroughput,
  console: consoleTools,
  latency: endToEndLatency,
  partitions: manyPartitions,
  connections: manyConnections,
  cluster: clusterOfThree,
  // Parts of ottla alone, which print what they find themselves.
  codec: () => import('./protocol.ts').then(() => []),
  log: () => import('./log.ts').then(() => []),
};

function option(name: string): string | undefined {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}

const runs = Number(option('--runs') ?? 3);
const only = option('--only')?.split(',') ?? Object.keys(groups);
const unknown = only.filter((name) => !(name in groups));
if (unknown.length > 0 || !Number.isInteger(runs) || runs < 1) {
  process.stderr.write(`usage: npm run bench -- [--runs N] [--only ${Object.keys(groups).join(',')}]\n`);
  process.exitCode = 2;
} else {
  const rows: Row[] = [];
  for (const name of only) {
    process.stderr.write(`measuring ${name} ...\n`);
    try {
      const measured = (await groups[name]?.(runs)) ?? [];
      rows.push(...measured);
      // The whole takes half an hour: what is known is not to be lost when the rest is cut off.
      if (measured.length > 0) process.stderr.write(`${table(measured)}\n`);
    } catch (error) {
      process.stderr.write(`${name} failed: ${error instanceof Error ? error.stack : error}\n`);
      process.exitCode = 1;
    }
  }
  const machine = `${cpus().length} cores ${cpus()[0]?.model.trim()}, Node ${process.version}`;
  process.stdout.write(`${new Date().toISOString().slice(0, 10)}, ${machine}, medians of ${runs} runs`);
  process.stdout.write(`${hasApacheKafka ? '' : ', without Apache Kafka (no Java here)'}\n\n${table(rows)}\n`);
}
