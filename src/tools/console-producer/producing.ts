import { KafkaError } from '../../base/kafka-error.ts';
import { exceptionName } from '../../client/errors.ts';
import type { BatchResult, Producer } from '../../client/producer.ts';
import { JavaException } from '../shared/java-errors.ts';
import { logLine } from '../shared/java-log.ts';
import type { Progress } from '../shared/progress.ts';
import type { ToolIo } from '../shared/tool.ts';
import { allowLargeBatches } from './large-batches.ts';
import type { LineMessageReader, LineRecord } from './line-message-reader.ts';
import { LineScanner } from './line-scanner.ts';

const CALLBACK_LOGGER = 'org.apache.kafka.clients.producer.internals.ErrorLoggingCallback';

function futureException(error: KafkaError): JavaException {
  return new JavaException('java.util.concurrent.ExecutionException', `${exceptionName(error)}: ${error.message}`);
}

function sizeText(bytes: number): string {
  return bytes < 0 ? 'null' : `${bytes} bytes`;
}

/**
 * Turns lines into records. Lines go from the input's chunk straight into the producer's batch; only a line that must
 * be parsed, or that comes before the topic is known, becomes an object.
 */
export class LineProducer {
  readonly #producer: Producer;
  readonly #reader: LineMessageReader;
  readonly #report: DeliveryReport;
  readonly #io: ToolIo;
  readonly #sync: boolean;
  readonly #hasBatchSize: boolean;
  readonly #prompt: boolean;
  #isConnected = false;
  #hasNoted = false;
  #mustDrain = false;
  /** When the chunk came: the timestamp of its records. */
  #nowMs = -1;
  /** Lines that cannot be handed on at once. */
  #held: Buffer[] = [];

  /** @param options hasBatchSize: whether the user chose batch.size, which then holds under all circumstances */
  constructor(
    producer: Producer,
    reader: LineMessageReader,
    report: DeliveryReport,
    io: ToolIo,
    options: { readonly sync: boolean; readonly hasBatchSize: boolean },
  ) {
    this.#producer = producer;
    this.#reader = reader;
    this.#report = report;
    this.#io = io;
    this.#sync = options.sync;
    this.#hasBatchSize = options.hasBatchSize;
    this.#prompt = io.terminal.stdin && io.terminal.stdout;
  }

  /**
   * Reads the whole input. Rejects with LineFormatError on a line that is no record, and with `--sync` with an
   * ExecutionException when a record is not delivered.
   */
  async run(): Promise<void> {
    const scanner = new LineScanner((source, start, end) => this.#take(source, start, end));
    this.#ask();
    for await (const chunk of this.#io.stdin) {
      this.#nowMs = this.#io.clock.nowMs();
      scanner.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk)));
      await this.#catchUp();
    }
    scanner.end();
    await this.#catchUp();
  }

  #ask(): void {
    if (this.#prompt) this.#io.stdout.write('>');
  }

  #take(source: Buffer, start: number, end: number): void {
    if (!this.#isConnected || this.#sync) {
      this.#held.push(Buffer.from(source.subarray(start, end)));
      return;
    }
    if (this.#reader.isPlain) {
      this.#reader.skipLine();
      this.#sendSlice(source, start, end);
    } else {
      this.#send(this.#reader.read(source.toString('utf8', start, end)));
    }
    this.#ask();
  }

  async #catchUp(): Promise<void> {
    const lines = this.#held;
    this.#held = [];
    for (const line of lines) {
      const record = this.#reader.read(line.toString());
      if (await this.#connect(record)) {
        this.#send(record);
        if (this.#sync) await this.#delivered();
      }
      this.#ask();
    }
    while (this.#mustDrain) {
      this.#mustDrain = false;
      await this.#producer.drained();
    }
  }

  // There is no point in waiting for linger.ms when nothing else can join the batch.
  async #delivered(): Promise<void> {
    await this.#producer.flush();
    const error = this.#report.firstError;
    if (error !== undefined) throw futureException(error);
  }

  // Kafka's send waits for the topic with every record anew, and fails that record when it does not come.
  async #connect(record: LineRecord): Promise<boolean> {
    if (this.#isConnected) return true;
    try {
      await this.#producer.connectTopic(this.#reader.topic);
      this.#isConnected = true;
      if (!this.#hasBatchSize && !this.#sync) void allowLargeBatches(this.#producer, this.#reader.topic);
      return true;
    } catch (error) {
      this.#noteInvalidTopic(error);
      this.#refused(error, record.key?.length ?? -1, record.value?.length ?? -1);
      return false;
    }
  }

  // Java's client says it once, when the metadata comes.
  #noteInvalidTopic(error: unknown): void {
    if (!(error instanceof KafkaError) || error.errorName !== 'INVALID_TOPIC_EXCEPTION' || this.#hasNoted) return;
    this.#hasNoted = true;
    const { logPrefix } = this.#producer.client.config;
    const text = `Metadata response reported invalid topics [${this.#reader.topic}]`;
    logLine(this.#io, 'ERROR', `${logPrefix}${text}`, 'org.apache.kafka.clients.Metadata');
  }

  #sendSlice(source: Buffer, start: number, end: number): void {
    try {
      if (!this.#producer.sendSlice(this.#reader.topic, -1, this.#nowMs, source, 0, -1, start, end - start)) {
        this.#mustDrain = true;
      }
    } catch (error) {
      this.#refused(error, -1, end - start);
    }
  }

  #send(record: LineRecord): void {
    try {
      if (!this.#producer.send(this.#reader.topic, record)) this.#mustDrain = true;
    } catch (error) {
      this.#refused(error, record.key?.length ?? -1, record.value?.length ?? -1);
    }
  }

  // A record that never got as far as a batch.
  #refused(error: unknown, keyBytes: number, valueBytes: number): void {
    if (!(error instanceof KafkaError)) throw error;
    if (this.#sync) throw futureException(error);
    logFailedRecord(this.#io, this.#reader.topic, keyBytes, valueBytes, error);
  }
}

/** The two lines that Kafka's tool logs for a record that was not delivered; sizes of -1 are null. */
export function logFailedRecord(
  io: ToolIo,
  topic: string,
  keyBytes: number,
  valueBytes: number,
  error: KafkaError,
): void {
  const sizes = `key: ${sizeText(keyBytes)}, value: ${sizeText(valueBytes)}`;
  logLine(io, 'ERROR', `Error when sending message to topic ${topic} with ${sizes} with error:`, CALLBACK_LOGGER);
  io.stderr.write(`${exceptionName(error)}: ${error.message}\n`);
}

/** Counts what became of the batches and logs the records of those that failed. */
export class DeliveryReport {
  readonly #io: ToolIo;
  readonly #progress: Progress;
  #lost = 0;
  #accepted = 0;
  #firstError: KafkaError | undefined;

  constructor(io: ToolIo, progress: Progress) {
    this.#io = io;
    this.#progress = progress;
  }

  /** Records that were taken into a batch and not delivered. */
  get lost(): number {
    return this.#lost;
  }

  get accepted(): number {
    return this.#accepted;
  }

  get firstError(): KafkaError | undefined {
    return this.#firstError;
  }

  batchDone(result: BatchResult, isLogged: boolean): void {
    this.#accepted += result.recordCount;
    this.#progress.advanceTo(this.#accepted - this.#lost);
    const { error } = result;
    if (error === undefined) return;
    this.#lost += result.recordCount;
    this.#firstError ??= error;
    if (!isLogged) return;
    this.#progress.makeRoom();
    result.forEachRecord(({ keyLength, valueLength }) => {
      logFailedRecord(this.#io, result.topic, keyLength, valueLength, error);
    });
  }
}
