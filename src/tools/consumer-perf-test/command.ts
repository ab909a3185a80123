import { GroupConsumer } from '../../client/group-consumer.ts';
import { partitionName, type TopicPartition } from '../../client/types.ts';
import { clientLogger } from '../shared/client-logger.ts';
import { type CommandLine, type CommandLineSpec, parseCommandLine } from '../shared/command-line.ts';
import { illegalArgument, javaMessageOf, javaToString } from '../shared/java-errors.ts';
import type { OptionDeclaration } from '../shared/option-types.ts';
import { NO_PROGRESS, startProgress } from '../shared/progress.ts';
import { type Properties, parseKeyValues, readPropertiesFile } from '../shared/properties.ts';
import { type Tool, ToolExit, type ToolIo } from '../shared/tool.ts';
import { dateFormat } from './date-format.ts';
import { CONSUMER_PERF_OPTIONS } from './options.ts';

type Options = Omit<typeof CONSUMER_PERF_OPTIONS, 'group'> & { readonly group: OptionDeclaration };
type Line = CommandLine<Options>;

const POLL_MS = 100;
const BYTES_PER_MB = 1024 * 1024;
const NEW_FIELDS = 'rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec';
const OLD_FIELDS = 'data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec';
/**
 * Kafka's tool takes a number below 100,000. Of those ours takes only the ones of five digits, so that the help, which
 * shows the number in a padded column, is as wide each time.
 */
const FIRST_RANDOM_GROUP = 10_000;
const RANDOM_GROUPS_END = 100_000;

function specFor(io: ToolIo): CommandLineSpec<Options> {
  const number = FIRST_RANDOM_GROUP + io.random.int(RANDOM_GROUPS_END - FIRST_RANDOM_GROUP);
  const group = { ...CONSUMER_PERF_OPTIONS.group, defaults: [`perf-consumer-${number}`] };
  return {
    name: 'kafka-consumer-perf-test',
    options: { ...CONSUMER_PERF_OPTIONS, group },
    helpSentence: 'This tool is used to verify the consumer performance.',
    parserErrors: 'message and usage',
    examples: [
      {
        does: 'read a million records',
        line: '--bootstrap-server localhost:9092 --topic t --num-records 1000000',
      },
    ],
  };
}

function checkLine(line: Line, io: ToolIo): void {
  line.require('bootstrap-server');
  const exactlyOne = (a: 'topic' | 'messages', b: 'include' | 'num-records') => {
    if (line.count(a, b) !== 1) {
      const names = [a, b].sort().map((name) => `[${name}]`);
      line.refuse(`Exactly one of the following arguments is required: ${names.join(', ')}`);
    }
  };
  exactlyOne('topic', 'include');
  exactlyOne('messages', 'num-records');
  line.forbidWith('consumer.config', 'command-config');
  const warn = (before: 'messages' | 'consumer.config', now: string) => {
    if (line.has(before)) io.stdout.write(`Warning: --${before} is deprecated. Use --${now} instead.\n`);
  };
  warn('messages', 'num-records');
  warn('consumer.config', 'command-config');
}

function propertiesOf(line: Line, io: ToolIo): Properties {
  const path = line.valueOf(line.has('consumer.config') ? 'consumer.config' : 'command-config');
  const properties: Properties = path === undefined ? new Map() : readPropertiesFile(path, io.cwd);
  for (const [name, value] of parseKeyValues(line.valuesOf('command-property'))) properties.set(name, value);
  properties.set('bootstrap.servers', line.valueOf('bootstrap-server') ?? '');
  properties.set('group.id', line.valueOf('group') ?? '');
  properties.set('receive.buffer.bytes', String(line.integerOf('socket-buffer-size')));
  properties.set('max.partition.fetch.bytes', String(line.integerOf('fetch-size')));
  properties.set('auto.offset.reset', line.has('from-latest') ? 'latest' : 'earliest');
  properties.set('check.crcs', 'false');
  if (!properties.has('client.id')) properties.set('client.id', 'perf-consumer-client');
  return properties;
}

/** How long the member was without partitions. */
class JoinTimes {
  readonly #io: ToolIo;
  readonly #assigned = new Set<string>();
  #startMs: number;
  totalMs = 0;
  roundMs = 0;

  constructor(io: ToolIo) {
    this.#io = io;
    this.#startMs = io.clock.nowMs();
  }

  assigned(partitions: readonly TopicPartition[]): void {
    if (this.#assigned.size === 0) {
      const elapsedMs = this.#io.clock.nowMs() - this.#startMs;
      this.totalMs += elapsedMs;
      this.roundMs += elapsedMs;
    }
    for (const { topic, partition } of partitions) this.#assigned.add(partitionName(topic, partition));
  }

  revoked(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) this.#assigned.delete(partitionName(topic, partition));
    if (this.#assigned.size === 0) this.#startMs = this.#io.clock.nowMs();
  }
}

interface Totals {
  records: number;
  bytes: number;
}

/** Columns from `data.consumed.in.MB` on, for what was read between two moments. */
function figures(total: Totals, before: Totals, elapsedMs: number, joinMs: number): string {
  const mb = (total.bytes - before.bytes) / BYTES_PER_MB;
  const records = total.records - before.records;
  const fetchMs = elapsedMs - joinMs;
  const perSec = (value: number, ms: number) => ((value * 1000) / ms).toFixed(4);
  const all = `${(total.bytes / BYTES_PER_MB).toFixed(4)}, ${perSec(mb, elapsedMs)}, ${total.records}, ${perSec(records, elapsedMs)}`;
  return `${all}, ${joinMs}, ${fetchMs}, ${perSec(mb, fetchMs)}, ${perSec(records, fetchMs)}`;
}

class PerfRun {
  readonly #line: Line;
  readonly #io: ToolIo;
  readonly #joins: JoinTimes;
  readonly #format: (timeMs: number) => string;
  readonly #intervalMs: number;
  readonly #total: Totals = { records: 0, bytes: 0 };
  #reported: Totals = { records: 0, bytes: 0 };
  #reportedAtMs: number;

  constructor(line: Line, io: ToolIo) {
    this.#line = line;
    this.#io = io;
    this.#joins = new JoinTimes(io);
    this.#format = dateFormat(line.valueOf('date-format') ?? '');
    this.#intervalMs = line.longOf('reporting-interval') ?? 0;
    if (this.#intervalMs <= 0) throw illegalArgument('Reporting interval must be greater than 0.');
    this.#reportedAtMs = io.clock.nowMs();
  }

  async run(): Promise<void> {
    const { clock, stdout } = this.#io;
    const topic = this.#line.valueOf('topic');
    const request =
      topic === undefined
        ? { pattern: new RegExp(`^(?:${this.#line.valueOf('include') ?? ''})$`), excludeInternal: true }
        : { topics: [topic] };
    const startMs = clock.nowMs();
    const consumer = await GroupConsumer.create(propertiesOf(this.#line, this.#io), request, {
      environment: { clock, random: this.#io.random, logger: clientLogger(this.#io) },
      listener: {
        partitionsAssigned: (added) => this.#joins.assigned(added),
        partitionsRevoked: (revoked) => this.#joins.revoked(revoked),
      },
    });
    try {
      await this.#consume(consumer);
      const endMs = clock.nowMs();
      if (!this.#line.has('show-detailed-stats')) {
        const columns = figures(this.#total, { records: 0, bytes: 0 }, endMs - startMs, this.#joins.totalMs);
        stdout.write(`${this.#format(startMs)}, ${this.#format(endMs)}, ${columns}\n`);
      }
      if (this.#line.has('print-metrics')) this.#printMetrics();
    } finally {
      await consumer.close();
    }
  }

  async #consume(consumer: GroupConsumer): Promise<void> {
    const { clock, stdout } = this.#io;
    const wanted = this.#line.longOf(this.#line.has('messages') ? 'messages' : 'num-records') ?? 0;
    const timeoutMs = this.#line.longOf('timeout') ?? 0;
    const total = this.#total;
    let nowMs = clock.nowMs();
    let lastMs = nowMs;
    // With detailed stats its own lines show how far it is.
    const isShown = !this.#line.has('show-detailed-stats');
    const show = { what: 'Consuming', unit: 'records', total: wanted };
    const progress = isShown ? startProgress(this.#io, show) : NO_PROGRESS;
    try {
      while (total.records < wanted && nowMs - lastMs <= timeoutMs) {
        const count = await consumer.poll(POLL_MS, (cursor) => {
          total.records++;
          total.bytes += Math.max(cursor.keyLength, 0) + Math.max(cursor.valueLength, 0);
        });
        nowMs = clock.nowMs();
        if (count > 0) lastMs = nowMs;
        if (count > 0 && nowMs - this.#reportedAtMs >= this.#intervalMs) this.#report(nowMs);
        progress.advanceTo(total.records);
      }
    } finally {
      progress.stop();
    }
    if (total.records >= wanted) return;
    const why = `timeout (${timeoutMs} ms) exceeded. You can use the --timeout option to increase the timeout.`;
    stdout.write(`WARNING: Exiting before consuming the expected number of records: ${why}\n`);
  }

  #report(nowMs: number): void {
    if (this.#line.has('show-detailed-stats')) {
      const columns = figures(this.#total, this.#reported, nowMs - this.#reportedAtMs, this.#joins.roundMs);
      this.#io.stdout.write(`${this.#format(nowMs)}, 0, ${columns}\n`);
    }
    this.#joins.roundMs = 0;
    this.#reportedAtMs = nowMs;
    this.#reported = { ...this.#total };
  }

  #printMetrics(): void {
    const clientId = propertiesOf(this.#line, this.#io).get('client.id') ?? '';
    const rows = [
      { name: `consumer-fetch-manager-metrics:bytes-consumed-total:{client-id=${clientId}}`, value: this.#total.bytes },
      {
        name: `consumer-fetch-manager-metrics:records-consumed-total:{client-id=${clientId}}`,
        value: this.#total.records,
      },
    ];
    const width = Math.max(...rows.map(({ name }) => name.length));
    this.#io.stdout.write(`\n${'Metric Name'.padEnd(width)}   Value\n`);
    for (const { name, value } of rows) {
      this.#io.stdout.write(`${name.padEnd(width)} : ${value.toFixed(3)}\n`);
    }
  }
}

/** kafka-consumer-perf-test */
export const tool: Tool = {
  name: 'kafka-consumer-perf-test',
  summary: 'measure how fast records can be consumed',
  async run(argv, io) {
    const line = parseCommandLine(specFor(io), argv, io);
    checkLine(line, io);
    try {
      const run = new PerfRun(line, io);
      if (!line.has('hide-header')) {
        const first = line.has('show-detailed-stats') ? 'time, threadId' : 'start.time, end.time';
        io.stdout.write(`${first}, ${OLD_FIELDS}, ${NEW_FIELDS}\n`);
      }
      await run.run();
      return 0;
    } catch (error) {
      if (error instanceof ToolExit) throw error;
      io.stderr.write(`${javaMessageOf(error)}\n${javaToString(error)}\n\n`);
      return 1;
    }
  },
};
