/**
 * `npm run bench` measures ottla, and Apache Kafka 4.4 in the same run where Java and the released jars are at hand.
 *
 *     npm run bench                        everything, three runs each
 *     npm run bench -- --only start,tools  a choice (the usage line of an unknown one names them)
 *     npm run bench -- --runs 5
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { clientThroughput, cpuPerGigabyte } from './broker-load.ts';
import { clusterOfThree } from './cluster.ts';
import { consoleTools } from './console-tools.ts';
import { failoverTimes } from './failover.ts';
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
  failover: failoverTimes,
  // Parts of ottla alone, which print what they find themselves.
  codec: () => import('./protocol.ts').then(() => []),
  log: () => import('./log.ts').then(() => []),
};

const usage = `usage: npm run bench -- [--runs N] [--only ${Object.keys(groups).join(',')}]

  npm run bench                                everything; half an hour where Java is present
  npm run bench -- --only start,tools --runs 5 a choice, medians of five runs (default 3)
`;

/** What is to be measured, how many times. Throws an error that names the argument that makes no sense. */
function parseChoice(args: string[]): { only: string[]; runs: number; help: boolean } {
  const { values } = parseArgs({
    args,
    options: { only: { type: 'string' }, runs: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  const only = values.only?.split(',') ?? Object.keys(groups);
  const unknown = only.find((name) => !(name in groups));
  if (unknown !== undefined) throw new Error(`--only names groups, and "${unknown}" is none`);
  const runs = Number(values.runs ?? 3);
  if (!Number.isInteger(runs) || runs < 1)
    throw new Error(`--runs must be a positive whole number, not "${values.runs}"`);
  return { only, runs, help: values.help === true };
}

async function measureAll(only: readonly string[], runs: number): Promise<void> {
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

// The brokers under measurement end with this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
try {
  const { only, runs, help } = parseChoice(process.argv.slice(2));
  if (help) process.stdout.write(usage);
  else await measureAll(only, runs);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}`);
  process.exitCode = 2;
}
