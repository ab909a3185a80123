import { KafkaError } from '../../base/kafka-error.ts';
import { listOffsets } from '../../client/admin/offsets.ts';
import { describeTopics, listTopics, type TopicDescription } from '../../client/admin/topics.ts';
import { type KafkaClient, partitionName } from '../../client/index.ts';
import { fetchReplicas } from '../../client/replica-fetch.ts';
import { asExecution, withAdmin } from '../shared/admin-session.ts';
import { executionException, JavaException } from '../shared/java-errors.ts';
import { logDate, logLine } from '../shared/java-log.ts';
import { printJson } from '../shared/json-output.ts';
import { NO_PROGRESS, type Progress, startProgress } from '../shared/progress.ts';
import { EXIT_CODE_OF, type Interrupt, type ToolIo } from '../shared/tool.ts';
import { TopicFilter } from '../shared/topic-filter.ts';
import { LOGGER, type VerificationLine } from './command.ts';
import { Comparison, type Difference, type ReplicatedPartition } from './comparison.ts';

/** A broker that does not answer is asked anew after this time, as Kafka's consumers have it. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Compares the replicas until Ctrl-C, or until two differ in an offset. Returns the exit code. */
export function verifyReplicas(line: VerificationLine, io: ToolIo): Promise<number> {
  return withAdmin(io, { bootstrapServer: line.valueOf('broker-list') }, async (admin) => {
    const topics = await matchingTopics(admin, line);
    if (topics.length === 0) {
      const what = '[topics-include] if specified, is either filtering out all topics or there is no topic.';
      logLine(io, 'ERROR', `No topics found. ${what}`, LOGGER);
      return 1;
    }
    const partitions = topics.flatMap(({ name, partitions: of }) =>
      of.map(({ partition, replicas }) => ({ topic: name, partition, replicas: replicas.map(({ id }) => id) })),
    );
    const offsets = await initialOffsets(admin, partitions, line.longOf('time') ?? -1);
    const comparison = new Comparison(partitions, offsets);
    const topicIds = new Map(topics.map(({ name, topicId }) => [name, topicId]));
    return new Verification(admin, comparison, topicIds, line, io).run();
  });
}

async function matchingTopics(admin: KafkaClient, line: VerificationLine): Promise<TopicDescription[]> {
  const names = (await asExecution(listTopics(admin, { listInternal: true }))).map(({ name }) => name);
  const filter = filterOf(line.valueOf('topics-include') ?? '.*');
  const described = await asExecution(describeTopics(admin, names));
  return [...described.values()].flatMap((topic) => {
    if (topic instanceof KafkaError) throw executionException(topic);
    return filter.allows(topic.name, false) ? [topic] : [];
  });
}

function filterOf(pattern: string): TopicFilter {
  try {
    return new TopicFilter(pattern);
  } catch {
    // Without the full stop that the other tools have here.
    throw new JavaException('java.lang.RuntimeException', `${pattern} is an invalid regex`);
  }
}

async function initialOffsets(
  admin: KafkaClient,
  partitions: readonly ReplicatedPartition[],
  timestamp: number,
): Promise<Map<string, number>> {
  const queries = partitions.map(({ topic, partition }) => ({ topic, partition, timestamp }));
  const offsets = new Map<string, number>();
  for (const [name, result] of await listOffsets(admin, queries)) {
    if (result instanceof KafkaError) throw result;
    if (result.offset < 0) {
      throw new JavaException('java.lang.NullPointerException', `${name} has no record at or after time ${timestamp}`);
    }
    offsets.set(name, result.offset);
  }
  return offsets;
}

class Verification {
  readonly #admin: KafkaClient;
  readonly #comparison: Comparison;
  readonly #topicIds: ReadonlyMap<string, string>;
  readonly #io: ToolIo;
  readonly #isJson: boolean;
  readonly #reportIntervalMs: number;
  readonly #limits: { partitionMaxBytes: number; maxWaitMs: number; timeoutMs: number };
  readonly #byBroker = new Map<number, ReplicatedPartition[]>();
  readonly #progress: Progress;
  #endedBy: Interrupt | undefined;

  constructor(
    admin: KafkaClient,
    comparison: Comparison,
    topicIds: ReadonlyMap<string, string>,
    line: VerificationLine,
    io: ToolIo,
  ) {
    this.#admin = admin;
    this.#comparison = comparison;
    this.#topicIds = topicIds;
    this.#io = io;
    this.#isJson = line.output === 'json';
    const show = { what: 'Comparing', unit: 'records', total: 0, isEndless: true } as const;
    this.#progress = this.#isJson ? NO_PROGRESS : startProgress(io, show);
    this.#reportIntervalMs = line.longOf('report-interval-ms') ?? 30_000;
    this.#limits = {
      partitionMaxBytes: line.integerOf('fetch-size') ?? 1_048_576,
      maxWaitMs: line.integerOf('max-wait-ms') ?? 1000,
      timeoutMs: REQUEST_TIMEOUT_MS,
    };
    for (const partition of comparison.partitions) {
      for (const id of partition.replicas) {
        this.#byBroker.set(id, [...(this.#byBroker.get(id) ?? []), partition]);
      }
    }
  }

  async run(): Promise<number> {
    const { clock, stdout } = this.#io;
    const unhook = this.#io.onInterrupt((signal) => {
      this.#endedBy = signal;
      this.#admin.close();
    });
    try {
      let reportedMs = clock.nowMs();
      if (!this.#isJson) this.#print('verification process is started');
      while (!stdout.closed) {
        await Promise.all([...this.#byBroker.keys()].map((id) => this.#fetchFrom(id)));
        if (this.#endedBy !== undefined) return EXIT_CODE_OF[this.#endedBy];
        const differences = this.#comparison.compare();
        const { compared, total } = this.#comparison.progress;
        this.#progress.advanceTo(compared, total);
        for (const difference of differences) this.#tell(difference);
        if (differences.at(-1)?.kind === 'offset') return 1;
        if (clock.nowMs() - reportedMs <= this.#reportIntervalMs) continue;
        this.#report();
        reportedMs = clock.nowMs();
      }
      return 0;
    } finally {
      this.#progress.stop();
      unhook();
    }
  }

  // A broker that is down has nothing for this round; its partitions wait until it is back.
  async #fetchFrom(brokerId: number): Promise<void> {
    const partitions = this.#byBroker.get(brokerId) ?? [];
    const names = partitions.map(({ topic, partition }) => partitionName(topic, partition));
    const fetches = partitions.map(({ topic, partition }, i) => ({
      topic,
      partition,
      topicId: this.#topicIds.get(topic) ?? '',
      fetchOffset: this.#comparison.offsetOf(names[i] ?? ''),
    }));
    try {
      const answers = await fetchReplicas(this.#admin, brokerId, fetches, this.#limits);
      for (const [name, answer] of answers) this.#comparison.add(name, brokerId, answer);
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      for (const name of names) this.#comparison.add(name, brokerId, { highWatermark: -1, records: null });
    }
  }

  #print(text: string): void {
    this.#progress.makeRoom();
    this.#io.stdout.write(`${logDate(this.#io.clock.nowMs())}: ${text}\n`);
    // Before the bar is drawn again.
    void this.#io.stdout.drained();
  }

  #tell(difference: Difference): void {
    const { partition, kind, offset, first, other } = difference;
    if (this.#isJson) {
      printJson(this.#io, difference);
    } else if (kind === 'offset') {
      const whose = `replica ${first.replica}'s offset ${first.value} doesn't match replica ${other.replica}'s offset`;
      this.#print(`partition ${partition}: ${whose} ${other.value}`);
    } else {
      const sides = [first, other].map(({ replica, value }) => `replica ${replica}'s checksum ${value}`).join('; ');
      this.#print(`partition ${partition} has unmatched checksum at offset ${offset}; ${sides}`);
    }
  }

  #report(): void {
    const { lag, partition, offset } = this.#comparison.maxLag;
    const count = this.#comparison.partitions.length;
    if (this.#isJson) printJson(this.#io, { maxLag: lag, partition, offset, partitions: count });
    else this.#print(`max lag is ${lag} for partition ${partition} at offset ${offset} among ${count} partitions`);
  }
}
