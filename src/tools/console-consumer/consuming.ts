import { KafkaError } from '../../base/kafka-error.ts';
import { exceptionName } from '../../client/errors.ts';
import type { VisitRecord } from '../../client/group-consumer.ts';
import { JavaException, javaMessageOf } from '../shared/java-errors.ts';
import { logLine } from '../shared/java-log.ts';
import type { ToolIo } from '../shared/tool.ts';
import { SerializationError } from './deserializers.ts';
import type { MessageFormatter, RecordOrigin } from './formatter.ts';
import { OutputBuffer } from './output-buffer.ts';

/** What the loop needs of a consumer, in a group or not. */
export interface RecordSource {
  poll(timeoutMs: number, visit: VisitRecord, maxRecords?: number): Promise<number>;
  close(): Promise<void>;
}

export interface ConsumeOptions {
  /** Infinity = no limit. */
  readonly maxMessages: number;
  /** undefined = for ever. */
  readonly timeoutMs: number | undefined;
  readonly skipMessageOnError: boolean;
}

const LOGGER = 'org.apache.kafka.tools.consumer.ConsoleConsumer';
/** How long one poll waits; only how soon a closed output is noticed depends on it. */
const POLL_MS = 1000;

/** `class: message` of a failure, the class alone when it has no message. */
export function exceptionText(error: unknown): string {
  if (error instanceof SerializationError) {
    return `org.apache.kafka.common.errors.SerializationException: ${error.message}`;
  }
  if (error instanceof KafkaError) return `${exceptionName(error)}: ${error.message}`;
  if (error instanceof JavaException) {
    return error.message === '' ? error.className : `${error.className}: ${error.message}`;
  }
  return `java.lang.RuntimeException: ${javaMessageOf(error)}`;
}

/** Logs an ERROR of the tool with the exception in the next line. */
export function logError(io: ToolIo, message: string, error: unknown): void {
  // Kafka's texts end with a blank of their own before the one in front of the logger.
  logLine(io, 'ERROR', message, LOGGER);
  io.stderr.write(`${exceptionText(error)}\n`);
}

/** Prints records until the limit, the timeout, a failure, a closed output or {@link MessageLoop.stop}. */
export class MessageLoop {
  readonly #source: RecordSource;
  readonly #formatter: MessageFormatter;
  readonly #options: ConsumeOptions;
  readonly #io: ToolIo;
  readonly #output: OutputBuffer;
  readonly #stopped: Promise<undefined>;
  #resolveStopped: (value: undefined) => void = () => {};
  #isStopped = false;
  /** The reader is slower than this tool: no more records until it has caught up. */
  #mustDrain = false;
  #count = 0;
  #origin: RecordOrigin & { topic: string; partition: number } = NO_ORIGIN;
  /** What the formatter threw; ends the tool. */
  #formatterError: { readonly error: unknown } | undefined;

  constructor(source: RecordSource, formatter: MessageFormatter, options: ConsumeOptions, io: ToolIo) {
    this.#source = source;
    this.#formatter = formatter;
    this.#options = options;
    this.#io = io;
    this.#output = new OutputBuffer((chunk) => {
      io.stdout.write(chunk);
      this.#mustDrain = io.stdout.needsDrain;
    });
    this.#stopped = new Promise((resolve) => {
      this.#resolveStopped = resolve;
    });
  }

  /** Records handled so far, those that could not be formatted included. */
  get count(): number {
    return this.#count;
  }

  /** Ends the loop at once. */
  stop(): void {
    this.#isStopped = true;
    this.#resolveStopped(undefined);
  }

  /** Rejects only with what a formatter threw. */
  async run(): Promise<void> {
    const visit: VisitRecord = (cursor, topic, partition) => this.#visit(cursor, topic, partition);
    const { clock } = this.#io;
    let lastMs = clock.monotonicMs();
    while (this.#count < this.#options.maxMessages && !this.#isStopped) {
      if (await this.#isOutputGone()) return;
      const leftMs = this.#leftMs(lastMs);
      let found: number | undefined;
      try {
        if (leftMs < 0) throw new JavaException('org.apache.kafka.common.errors.TimeoutException', '');
        const left = this.#options.maxMessages - this.#count;
        found = await Promise.race([
          this.#source.poll(Math.min(POLL_MS, leftMs + 1), visit, Number.isFinite(left) ? left : undefined),
          this.#stopped,
        ]);
      } catch (error) {
        this.#output.flush();
        logError(this.#io, 'Error processing message, terminating consumer process: ', error);
        return;
      }
      this.#output.flush();
      if (this.#formatterError !== undefined) throw this.#formatterError.error;
      if (found !== undefined && found > 0) lastMs = clock.monotonicMs();
    }
    await this.#isOutputGone();
  }

  #leftMs(lastMs: number): number {
    const { timeoutMs } = this.#options;
    return timeoutMs === undefined ? Number.POSITIVE_INFINITY : lastMs + timeoutMs - this.#io.clock.monotonicMs();
  }

  // Waits for a reader that is slower than the consumer; records are fetched no further meanwhile.
  async #isOutputGone(): Promise<boolean> {
    const { stdout, stderr } = this.#io;
    if (stdout.needsDrain) await Promise.race([stdout.drained(), this.#stopped]);
    this.#mustDrain = false;
    if (!stdout.closed) return false;
    stderr.write('Unable to write to standard out, closing consumer.\n');
    return true;
  }

  #visit(cursor: Parameters<VisitRecord>[0], topic: string, partition: number): boolean {
    if (this.#isStopped) return false;
    this.#count++;
    const { timestampType } = cursor;
    const known = this.#origin;
    if (known.partition !== partition || known.topic !== topic || known.timestampType !== timestampType) {
      this.#origin = { topic, partition, timestampType };
    }
    try {
      this.#formatter.writeTo(cursor, this.#origin, this.#output);
    } catch (error) {
      if (!this.#options.skipMessageOnError) {
        this.#formatterError = { error };
        return false;
      }
      logError(this.#io, 'Error processing message, skipping this message: ', error);
    }
    return !this.#mustDrain;
  }
}

const NO_ORIGIN: RecordOrigin = { topic: '', partition: -1, timestampType: 'CreateTime' };
