import { KafkaError } from '../../base/kafka-error.ts';
import { exceptionName, namedError } from '../../client/errors.ts';
import { type BatchResult, Producer } from '../../client/producer.ts';
import { type ArgparseSpec, parseArgparse } from '../shared/argparse-command.ts';
import { clientLogger } from '../shared/client-logger.ts';
import { sleep, Throttle } from '../shared/throttle.ts';
import type { Tool, ToolIo } from '../shared/tool.ts';
import { PRODUCER_PERF_TEST_PARSER } from './options.ts';
import { PayloadSource } from './payloads.ts';
import { type PerfSettings, readSettings, wantsTransactions } from './settings.ts';
import { PerfStats } from './stats.ts';

const SPEC: ArgparseSpec = {
  parser: PRODUCER_PERF_TEST_PARSER,
  helpExitCode: 1,
  helpWithoutArguments: true,
  examples: [
    {
      does: 'a million records of 100 bytes, as fast as it goes',
      line: '--bootstrap-server localhost:9092 --topic t --num-records 1000000 --record-size 100 --throughput -1',
    },
  ],
};

/** After this many bytes the loop lets the network have its turn. */
const TURN_BYTES = 1024 * 1024;

/** One run: sends all records and gathers what became of them. */
class PerfRun {
  readonly #settings: PerfSettings;
  readonly #io: ToolIo;
  readonly #stats: PerfStats;
  #steady: PerfStats | undefined;
  #steadyFromMs = Number.POSITIVE_INFINITY;
  #failed = 0;
  #batches = 0;
  #bytes = 0;

  constructor(settings: PerfSettings, io: ToolIo) {
    this.#settings = settings;
    this.#io = io;
    this.#stats = this.#newStats(settings.numRecords, false);
  }

  #newStats(expected: number, isSteady: boolean): PerfStats {
    const print = (line: string) => this.#io.stdout.write(`${line}\n`);
    return new PerfStats(this.#io.clock, print, expected, this.#settings.reportingIntervalMs, isSteady);
  }

  batchDone(result: BatchResult): void {
    const nowMs = this.#io.clock.nowMs();
    this.#batches++;
    this.#bytes += result.sizeBytes;
    const { error } = result;
    result.forEachRecord((cursor) => {
      if (error !== undefined) {
        this.#lost(error);
        return;
      }
      const latencyMs = nowMs - cursor.timestamp;
      const bytes = Math.max(cursor.valueLength, 0);
      this.#stats.record(latencyMs, bytes, nowMs);
      if (cursor.timestamp >= this.#steadyFromMs) this.#steady?.record(latencyMs, bytes, nowMs);
    });
  }

  #lost(error: KafkaError): void {
    this.#failed++;
    this.#io.stderr.write(`${exceptionName(error)}: ${error.message}\n`);
  }

  async send(producer: Producer): Promise<void> {
    const { clock } = this.#io;
    const { topic, numRecords, warmupRecords, throughput } = this.#settings;
    const payloads = new PayloadSource(this.#settings);
    await producer.connectTopic(topic);
    const throttle = new Throttle(clock, throughput);
    let turnBytes = 0;
    for (let i = 0; i < numRecords; i++) {
      if (warmupRecords > 0 && i === warmupRecords) this.#enterSteadyState();
      const { source, keyStart, keyLength, valueStart, valueLength } = payloads.next(i);
      try {
        const hasRoom = producer.sendSlice(topic, -1, -1, source, keyStart, keyLength, valueStart, valueLength);
        if (!hasRoom) await producer.drained();
      } catch (error) {
        if (!(error instanceof KafkaError)) throw error;
        this.#lost(error);
      }
      const delayMs = throttle.delayMs(i + 1);
      turnBytes += valueLength;
      if (delayMs === 0 && turnBytes < TURN_BYTES) continue;
      turnBytes = 0;
      await sleep(clock, delayMs);
    }
    await producer.flush();
  }

  #enterSteadyState(): void {
    this.#steady = this.#newStats(this.#settings.numRecords - this.#settings.warmupRecords, true);
    this.#steadyFromMs = this.#io.clock.nowMs();
    this.#stats.isQuiet = true;
  }

  printTotals(json: boolean): void {
    if (json) {
      this.#io.stdout.write(`${JSON.stringify({ ...this.#stats.summary(), failed: this.#failed })}\n`);
      return;
    }
    this.#stats.printTotal();
    this.#steady?.printTotal();
  }

  printMetrics(clientId: string): void {
    const records = this.#stats.count + this.#failed;
    const metrics = {
      'batch-size-avg': this.#bytes / Math.max(this.#batches, 1),
      'outgoing-byte-total': this.#bytes,
      'record-error-total': this.#failed,
      'record-send-total': this.#stats.count,
      'records-per-request-avg': records / Math.max(this.#batches, 1),
    };
    const rows = Object.entries(metrics).map(([name, value]) => ({
      name: `producer-metrics:${name}:{client-id=${clientId}}`,
      value: value.toFixed(3),
    }));
    const width = Math.max(...rows.map(({ name }) => name.length));
    this.#io.stdout.write(`\n${'Metric Name'.padEnd(width)}   Value\n`);
    for (const { name, value } of rows) this.#io.stdout.write(`${name.padEnd(width)} : ${value}\n`);
  }
}

/** kafka-producer-perf-test */
export const tool: Tool = {
  name: 'kafka-producer-perf-test',
  summary: 'measure how fast records can be produced',
  async run(argv, io) {
    const args = parseArgparse(SPEC, argv, io);
    const settings = readSettings(args, io);
    if (wantsTransactions(args, settings.properties)) {
      throw namedError('UNSUPPORTED_VERSION', 'kafka-producer-perf-test cannot produce in transactions yet');
    }
    const { warmupRecords } = settings;
    if (warmupRecords > 0) {
      const text = `Warmup first ${warmupRecords} records. Steady state results will print after the complete test summary.`;
      io.stdout.write(`${text}\n`);
    }
    const run = new PerfRun(settings, io);
    const producer = await Producer.create(settings.properties, {
      environment: { clock: io.clock, random: io.random, logger: clientLogger(io) },
      onBatch: (result) => run.batchDone(result),
    });
    try {
      await run.send(producer);
    } finally {
      await producer.close();
    }
    run.printTotals(args.output === 'json');
    if (settings.printMetrics) run.printMetrics(settings.properties.get('client.id') ?? '');
    return 0;
  },
};
