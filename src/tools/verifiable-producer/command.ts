import { KafkaError } from '../../base/kafka-error.ts';
import { exceptionName } from '../../client/errors.ts';
import { type BatchResult, Producer } from '../../client/producer.ts';
import { ArgumentError, argumentErrorText, type ParsedArguments } from '../shared/argparse.ts';
import { type ArgparseSpec, parseArgparse } from '../shared/argparse-command.ts';
import { clientLogger } from '../shared/client-logger.ts';
import { readPropertiesFile } from '../shared/properties.ts';
import { Throttle } from '../shared/throttle.ts';
import { EXIT_CODE_OF, type Tool, ToolExit, type ToolIo } from '../shared/tool.ts';
import { VERIFIABLE_PRODUCER_PARSER } from './options.ts';

const SPEC: ArgparseSpec = {
  parser: VERIFIABLE_PRODUCER_PARSER,
  helpExitCode: 1,
  helpWithoutArguments: true,
  examples: [
    {
      does: 'a thousand numbers, acknowledged by all',
      line: '--bootstrap-server localhost:9092 --topic t --max-messages 1000',
    },
  ],
};

/** After so many records without a pause the network has its turn. */
const TURN_RECORDS = 1000;

function propertiesOf(args: ParsedArguments, io: ToolIo): Map<string, string> {
  if (args.has('producer.config') && args.has('command-config')) {
    const error = new ArgumentError(
      'Options --producer.config and --command-config are mutually exclusive.',
      undefined,
    );
    throw new ToolExit(1, { stderr: argumentErrorText(VERIFIABLE_PRODUCER_PARSER, error) });
  }
  const properties = new Map([
    ['bootstrap.servers', args.valueOf('bootstrap-server') ?? ''],
    ['acks', args.valueOf('acks') ?? '-1'],
    ['retries', '0'],
  ]);
  if (args.has('producer.config')) {
    io.stdout.write(
      'Option --producer.config has been deprecated and will be removed in a future version. Use --command-config instead.\n',
    );
  }
  const path = args.valueOf(args.has('producer.config') ? 'producer.config' : 'command-config');
  if (path !== undefined) for (const [name, value] of readPropertiesFile(path, io.cwd)) properties.set(name, value);
  return properties;
}

/** Sends numbers and says in JSON what became of each. */
class VerifiableRun {
  readonly #args: ParsedArguments;
  readonly #io: ToolIo;
  readonly #topic: string;
  readonly #maxMessages: number;
  readonly #throughput: number;
  #sent = 0;
  #acked = 0;
  #startedMs = 0;
  #isStopped = false;
  #wake: () => void = () => {};

  constructor(args: ParsedArguments, io: ToolIo) {
    this.#args = args;
    this.#io = io;
    this.#topic = args.valueOf('topic') ?? '';
    this.#maxMessages = args.numberOf('max-messages') ?? -1;
    this.#throughput = args.numberOf('throughput') ?? -1;
  }

  /** Whether everything that was sent was acknowledged, and all that was asked for was sent. */
  get isComplete(): boolean {
    return this.#sent === this.#acked && (this.#maxMessages < 0 || this.#sent === this.#maxMessages);
  }

  stop(): void {
    this.#isStopped = true;
    this.#wake();
  }

  #print(name: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#io.stdout.write(`${JSON.stringify({ timestamp: this.#io.clock.nowMs(), name, ...fields })}\n`);
  }

  batchDone(result: BatchResult): void {
    const { topic, partition, error } = result;
    result.forEachRecord((cursor) => {
      const key = cursor.key()?.toString() ?? null;
      const value = cursor.value()?.toString() ?? null;
      if (error !== undefined) {
        this.#failed(key, value, error);
        return;
      }
      this.#acked++;
      const offset = result.baseOffset < 0 ? -1 : result.baseOffset + cursor.offsetDelta;
      this.#print('producer_send_success', { key, value, partition, offset, topic });
    });
  }

  #failed(key: string | null, value: string | null, error: KafkaError): void {
    const exception = `class ${exceptionName(error)}`;
    this.#print('producer_send_error', { exception, message: error.message, topic: this.#topic, key, value });
  }

  async run(producer: Producer): Promise<void> {
    this.#startedMs = this.#io.clock.nowMs();
    this.#print('startup_complete');
    const throttle = new Throttle(this.#io.clock, this.#throughput);
    const limit = this.#maxMessages < 0 ? Number.POSITIVE_INFINITY : this.#maxMessages;
    const repeatingKeys = this.#args.numberOf('repeating-keys');
    const prefix = this.#args.valueOf('value-prefix');
    let createTimeMs = this.#args.numberOf('message-create-time') ?? -1;
    let isConnected = false;
    for (let i = 0; i < limit && !this.#isStopped; i++) {
      const key = repeatingKeys === undefined ? null : String(i % repeatingKeys);
      const value = prefix === undefined ? String(i) : `${prefix}.${i}`;
      this.#sent++;
      try {
        if (!isConnected) await producer.connectTopic(this.#topic);
        isConnected = true;
        const record = { key: key === null ? null : Buffer.from(key), value: Buffer.from(value) };
        if (!producer.send(this.#topic, { ...record, timestampMs: createTimeMs })) await producer.drained();
      } catch (error) {
        if (!(error instanceof KafkaError)) throw error;
        this.#failed(key, value, error);
      }
      if (createTimeMs >= 0) createTimeMs += this.#io.clock.nowMs() - this.#startedMs;
      const delayMs = throttle.delayMs(i + 1);
      if (delayMs > 0 || i % TURN_RECORDS === TURN_RECORDS - 1) await this.#pause(delayMs);
    }
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#io.clock.schedule(delayMs, resolve);
      this.#wake = () => {
        timer.cancel();
        resolve();
      };
    });
  }

  printSummary(): void {
    this.#print('shutdown_complete');
    const elapsedMs = this.#io.clock.nowMs() - this.#startedMs;
    const averages = { target_throughput: this.#throughput, avg_throughput: (1000 * this.#acked) / elapsedMs };
    this.#print('tool_data', { sent: this.#sent, acked: this.#acked, ...averages });
  }
}

/** kafka-verifiable-producer */
export const tool: Tool = {
  name: 'kafka-verifiable-producer',
  summary: 'send increasing numbers and report on each',
  async run(argv, io) {
    const args = parseArgparse(SPEC, argv, io);
    const run = new VerifiableRun(args, io);
    const producer = await Producer.create(propertiesOf(args, io), {
      environment: { clock: io.clock, random: io.random, logger: clientLogger(io) },
      onBatch: (result) => run.batchDone(result),
    });
    let interrupted: number | undefined;
    const unhook = io.onInterrupt((signal) => {
      interrupted = EXIT_CODE_OF[signal];
      run.stop();
    });
    await run.run(producer);
    await producer.close();
    unhook();
    run.printSummary();
    return interrupted ?? (run.isComplete ? 0 : 1);
  },
};
