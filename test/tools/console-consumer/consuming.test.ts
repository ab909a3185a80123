/** Goal: the console consumer ends when Kafka's does, with its words, and never runs ahead of a slow reader. */
import { describe, expect, test } from 'vitest';
import { namedError } from '../../../src/client/errors.ts';
import type { RecordCursor } from '../../../src/client/fetcher.ts';
import type { VisitRecord } from '../../../src/client/group-consumer.ts';
import { BatchBuilder } from '../../../src/records/batch-builder.ts';
import { RecordCursor as Cursor } from '../../../src/records/record-cursor.ts';
import {
  type ConsumeOptions,
  exceptionText,
  MessageLoop,
  type RecordSource,
} from '../../../src/tools/console-consumer/consuming.ts';
import { DefaultMessageFormatter } from '../../../src/tools/console-consumer/formatter.ts';
import { TestIo } from '../test-io.ts';

/** Hands out the records of one batch, then nothing; rejects when it has a failure. */
class ListedSource implements RecordSource {
  readonly #cursor: RecordCursor;
  polls = 0;
  #isEmpty = false;
  failure: Error | undefined;

  constructor(values: readonly string[]) {
    const builder = new BatchBuilder();
    for (const value of values) builder.append(1, null, Buffer.from(value));
    const cursor = new Cursor();
    if (values.length > 0) cursor.open(builder.finish(), 0);
    else this.#isEmpty = true;
    this.#cursor = cursor;
  }

  async poll(timeoutMs: number, visit: VisitRecord, maxRecords = Number.POSITIVE_INFINITY): Promise<number> {
    this.polls++;
    let count = 0;
    while (!this.#isEmpty && count < maxRecords) {
      if (!this.#cursor.next()) {
        this.#isEmpty = true;
        break;
      }
      count++;
      if (visit(this.#cursor, 't', 0) === false) return count;
    }
    if (count === 0 && this.failure !== undefined) throw this.failure;
    if (count === 0) await new Promise((resolve) => setTimeout(resolve, Math.min(timeoutMs, 20)));
    return count;
  }

  async close(): Promise<void> {}
}

async function consume(values: readonly string[], more: Partial<ConsumeOptions> = {}, properties = {}) {
  const io = new TestIo();
  const source = new ListedSource(values);
  const formatter = new DefaultMessageFormatter(new Map(Object.entries(properties)), () => {});
  const options = { maxMessages: Number.POSITIVE_INFINITY, timeoutMs: undefined, skipMessageOnError: false, ...more };
  const loop = new MessageLoop(source, formatter, options, io);
  return { io, source, loop };
}

const LONG = { 'value.deserializer': 'org.apache.kafka.common.serialization.LongDeserializer' };

describe('the end', () => {
  test('after --max-messages, what was not printed is left alone', async () => {
    const { io, loop } = await consume(['a', 'b', 'c'], { maxMessages: 2 });
    await loop.run();
    expect(io.stdout.text).toBe('a\nb\n');
    expect(loop.count).toBe(2);
  });

  test('nothing is asked for with --max-messages 0', async () => {
    const { source, loop } = await consume(['a'], { maxMessages: 0 });
    await loop.run();
    expect(source.polls).toBe(0);
  });

  test('--timeout-ms without a record is logged as an error', async () => {
    const { io, loop } = await consume(['a'], { timeoutMs: 30 });
    await loop.run();
    expect(io.stdout.text).toBe('a\n');
    expect(io.stderr.text).toMatch(
      /^\[.*\] ERROR Error processing message, terminating consumer process: {2}\(org\.apache\.kafka\.tools\.consumer\.ConsoleConsumer\)\norg\.apache\.kafka\.common\.errors\.TimeoutException\n$/,
    );
  });

  test('a failed poll is logged with its exception', async () => {
    const { io, source, loop } = await consume([]);
    source.failure = namedError('TOPIC_AUTHORIZATION_FAILED', 'Not authorized to access topics: [t]');
    await loop.run();
    expect(io.stderr.text).toContain(
      '\norg.apache.kafka.common.errors.TopicAuthorizationException: Not authorized to access topics: [t]\n',
    );
  });

  test('when nobody reads the output any more', async () => {
    const { io, loop } = await consume(['a']);
    io.stdout.closed = true;
    await loop.run();
    expect(io.stderr.text).toBe('Unable to write to standard out, closing consumer.\n');
  });

  test('when it is told to stop while it waits', async () => {
    const { loop } = await consume([]);
    const running = loop.run();
    loop.stop();
    await running;
    expect(loop.count).toBe(0);
  });
});

describe('a record that cannot be printed', () => {
  test('ends the tool and counts', async () => {
    const { loop } = await consume(['1234', '12345678'], {}, LONG);
    const failure = await loop.run().catch((error: unknown) => error);
    expect(exceptionText(failure)).toBe(
      'org.apache.kafka.common.errors.SerializationException: Size of data received by LongDeserializer is not 8',
    );
    expect(loop.count).toBe(1);
  });

  test('is passed over with --skip-message-on-error', async () => {
    const { io, loop } = await consume(['1234', 'AAAABBBB'], { maxMessages: 2, skipMessageOnError: true }, LONG);
    await loop.run();
    expect(io.stdout.text).toBe('4702111234491826754\n');
    expect(io.stderr.text).toContain('ERROR Error processing message, skipping this message:  (');
    expect(loop.count).toBe(2);
  });
});

test('a reader that is slower holds the consumer back', async () => {
  const value = 'x'.repeat(300_000);
  const { io, source, loop } = await consume([value, value, value, value], { maxMessages: 4 });
  const most: number[] = [];
  let held = 0;
  io.stdout.write = (data) => {
    held += data.length;
    io.stdout.needsDrain = true;
    most.push(held);
  };
  io.stdout.drained = async () => {
    held = 0;
    io.stdout.needsDrain = false;
  };
  await loop.run();
  expect(loop.count).toBe(4);
  expect(source.polls).toBeGreaterThan(1);
  expect(Math.max(...most)).toBeLessThanOrEqual(2 * (value.length + 1));
});
