import { GroupConsumer } from '../../client/group-consumer.ts';
import type { TopicPartition } from '../../client/types.ts';
import { ArgumentError, argumentErrorText, type ParsedArguments } from '../shared/argparse.ts';
import { type ArgparseSpec, parseArgparse } from '../shared/argparse-command.ts';
import { clientLogger } from '../shared/client-logger.ts';
import { javaToString } from '../shared/java-errors.ts';
import { logLine } from '../shared/java-log.ts';
import { readPropertiesFile } from '../shared/properties.ts';
import { EXIT_CODE_OF, type Tool, ToolExit, type ToolIo } from '../shared/tool.ts';
import { VERIFIABLE_CONSUMER_PARSER } from './options.ts';

const SPEC: ArgparseSpec = {
  parser: VERIFIABLE_CONSUMER_PARSER,
  helpExitCode: 1,
  helpWithoutArguments: true,
  examples: [
    {
      does: 'join a group and report on a thousand records',
      line: '--bootstrap-server localhost:9092 --topic t --group-id g --max-messages 1000',
    },
  ],
};
const LOGGER = 'org.apache.kafka.tools.VerifiableConsumer';
const POLL_MS = 1000;

function propertiesOf(args: ParsedArguments, io: ToolIo): Map<string, string> {
  if (args.has('consumer.config') && args.has('command-config')) {
    const error = new ArgumentError(
      'Options --consumer.config and --command-config are mutually exclusive.',
      undefined,
    );
    throw new ToolExit(1, { stderr: argumentErrorText(VERIFIABLE_CONSUMER_PARSER, error) });
  }
  if (args.has('consumer.config')) {
    io.stdout.write(
      'Option --consumer.config has been deprecated and will be removed in a future version. Use --command-config instead.\n',
    );
  }
  const path = args.valueOf(args.has('consumer.config') ? 'consumer.config' : 'command-config');
  const properties = path === undefined ? new Map<string, string>() : readPropertiesFile(path, io.cwd);
  const set = (name: string, value: string | undefined) => {
    if (value !== undefined) properties.set(name, value);
  };
  const protocol = args.valueOf('group-protocol') ?? 'classic';
  set('group.protocol', protocol);
  if (protocol.toLowerCase() === 'consumer') set('group.remote.assignor', args.valueOf('group-remote-assignor'));
  else set('partition.assignment.strategy', args.valueOf('assignment-strategy'));
  set('session.timeout.ms', args.valueOf('session-timeout'));
  set('group.id', args.valueOf('group-id'));
  set('group.instance.id', args.valueOf('group-instance-id'));
  set('bootstrap.servers', args.valueOf('bootstrap-server'));
  set('enable.auto.commit', String(args.has('enable-autocommit')));
  set('auto.offset.reset', args.valueOf('reset-policy'));
  return properties;
}

interface Summary {
  readonly topic: string;
  readonly partition: number;
  count: number;
  readonly minOffset: number;
  maxOffset: number;
}

/** Consumes and says in JSON what happens. */
class VerifiableRun {
  readonly #args: ParsedArguments;
  readonly #io: ToolIo;
  readonly #maxMessages: number;
  #consumed = 0;
  #isStopped = false;
  #resolveStopped: (value: undefined) => void = () => {};
  readonly #stopped: Promise<undefined>;

  constructor(args: ParsedArguments, io: ToolIo) {
    this.#args = args;
    this.#io = io;
    this.#maxMessages = args.numberOf('max-messages') ?? -1;
    this.#stopped = new Promise((resolve) => {
      this.#resolveStopped = resolve;
    });
  }

  print(name: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#io.stdout.write(`${JSON.stringify({ timestamp: this.#io.clock.nowMs(), name, ...fields })}\n`);
  }

  printPartitions(name: string, partitions: readonly TopicPartition[]): void {
    this.print(name, { partitions: partitions.map(({ topic, partition }) => ({ topic, partition })) });
  }

  stop(): void {
    this.#isStopped = true;
    this.#resolveStopped(undefined);
  }

  get #isFinished(): boolean {
    return this.#maxMessages >= 0 && this.#consumed >= this.#maxMessages;
  }

  async run(consumer: GroupConsumer): Promise<void> {
    const autoCommit = this.#args.has('enable-autocommit');
    while (!this.#isFinished && !this.#isStopped) {
      const summaries = await this.#poll(consumer);
      if (summaries === undefined) continue;
      if (!autoCommit) await this.#commit(consumer, summaries);
    }
  }

  async #poll(consumer: GroupConsumer): Promise<Summary[] | undefined> {
    const summaries = new Map<string, Summary>();
    const records: Record<string, unknown>[] = [];
    const verbose = this.#args.has('verbose');
    const count = await Promise.race([
      consumer.poll(POLL_MS, (cursor, topic, partition) => {
        if (this.#isFinished) return;
        this.#consumed++;
        const { offset } = cursor;
        const known = summaries.get(`${topic}-${partition}`);
        if (known === undefined) {
          summaries.set(`${topic}-${partition}`, { topic, partition, count: 1, minOffset: offset, maxOffset: offset });
        } else {
          known.count++;
          known.maxOffset = offset;
        }
        if (!verbose) return;
        const key = cursor.key()?.toString() ?? null;
        records.push({ key, value: cursor.value()?.toString() ?? null, topic, partition, offset });
      }),
      this.#stopped,
    ]);
    if (count === undefined || count === 0) return undefined;
    for (const record of records) this.print('record_data', record);
    this.print('records_consumed', { count, partitions: [...summaries.values()] });
    return [...summaries.values()];
  }

  async #commit(consumer: GroupConsumer, summaries: readonly Summary[]): Promise<void> {
    const offsets = summaries.map(({ topic, partition, maxOffset }) => ({ topic, partition, offset: maxOffset + 1 }));
    try {
      await consumer.commit(offsets);
      this.print('offsets_committed', { offsets, success: true });
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.print('offsets_committed', { offsets, error: text, success: false });
    }
  }
}

/** kafka-verifiable-consumer */
export const tool: Tool = {
  name: 'kafka-verifiable-consumer',
  summary: 'consume and report on what happens',
  async run(argv, io) {
    const args = parseArgparse(SPEC, argv, io);
    const properties = propertiesOf(args, io);
    const run = new VerifiableRun(args, io);
    let interrupted: number | undefined;
    const unhook = io.onInterrupt((signal) => {
      interrupted = EXIT_CODE_OF[signal];
      run.print('shutdown_requested');
      run.stop();
    });
    run.print('startup_complete');
    const consumer = await GroupConsumer.create(
      properties,
      { topics: [args.valueOf('topic') ?? ''] },
      {
        environment: { clock: io.clock, random: io.random, logger: clientLogger(io) },
        listener: {
          partitionsAssigned: (added) => run.printPartitions('partitions_assigned', added),
          partitionsRevoked: (revoked) => run.printPartitions('partitions_revoked', revoked),
        },
      },
    );
    try {
      await run.run(consumer);
    } catch (error) {
      logLine(io, 'ERROR', 'Error during processing, terminating consumer process: ', LOGGER);
      io.stderr.write(`${javaToString(error)}\n`);
    }
    await consumer.close();
    run.print('shutdown_complete');
    unhook();
    // Kafka's tool says so from its exit hook, at the very end unless a signal came first.
    if (interrupted === undefined) run.print('shutdown_requested');
    return interrupted ?? 0;
  },
};
