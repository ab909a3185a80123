/** A client of a few lines over the codec, for tests that must see the protocol itself. Plaintext, fixed versions. */
import { connect, type Socket } from 'node:net';
import { FrameSplitter } from '../../src/protocol/frame-splitter.ts';
import { encodeRequest, readResponseHeader } from '../../src/protocol/header.ts';
import { produceRequest, produceResponse } from '../../src/protocol/messages/00-produce.ts';
import { fetchRequest, fetchResponse } from '../../src/protocol/messages/01-fetch.ts';
import { Reader } from '../../src/protocol/reader.ts';
import type { DecodedFields, Fields, InputFields, MessageSchema } from '../../src/protocol/schema.ts';
import { BatchBuilder } from '../../src/records/batch-builder.ts';
import { forEachRecord } from '../../src/records/record-cursor.ts';

interface Waiting {
  resolve(frame: Buffer): void;
  reject(error: Error): void;
}

export class KafkaConnection {
  readonly socket: Socket;
  isClosed = false;
  /** Settles when the connection is gone. */
  readonly closed: Promise<void>;
  readonly #waiting = new Map<number, Waiting>();
  #nextCorrelationId = 1;

  constructor(socket: Socket) {
    this.socket = socket;
    const splitter = new FrameSplitter(100_000_000, (frame) => {
      const correlationId = frame.readInt32BE(0);
      this.#waiting.get(correlationId)?.resolve(frame);
      this.#waiting.delete(correlationId);
    });
    socket.on('data', (chunk: Buffer) => splitter.push(chunk));
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.isClosed = true;
        for (const waiting of this.#waiting.values()) waiting.reject(new Error('the connection was closed'));
        this.#waiting.clear();
        resolve();
      });
    });
  }

  async send<Q extends Fields, P extends Fields>(
    request: MessageSchema<Q>,
    response: MessageSchema<P>,
    version: number,
    body: InputFields<Q>,
  ): Promise<DecodedFields<P>> {
    if (this.isClosed) throw new Error('the connection was closed');
    const correlationId = this.#nextCorrelationId++;
    const frame = new Promise<Buffer>((resolve, reject) => this.#waiting.set(correlationId, { resolve, reject }));
    for (const chunk of encodeRequest(request, version, correlationId, 'raw', body)) this.socket.write(chunk);
    const reader = new Reader(await frame);
    readResponseHeader(response, version, reader);
    return response.decode(reader, version);
  }

  close(): void {
    this.socket.destroy();
  }
}

export async function connectTo(bootstrap: string): Promise<KafkaConnection> {
  const at = bootstrap.lastIndexOf(':');
  const socket = connect(Number(bootstrap.slice(at + 1)), bootstrap.slice(0, at));
  socket.setNoDelay(true);
  await new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return new KafkaConnection(socket);
}

/** Sends one batch of values with acks=all and returns its base offset; throws when it was refused. */
export async function produceBatch(
  connection: KafkaConnection,
  topic: string,
  partition: number,
  values: readonly string[],
): Promise<number> {
  const builder = new BatchBuilder();
  for (const value of values) builder.append(Date.now(), null, Buffer.from(value));
  const response = await connection.send(produceRequest, produceResponse, 9, {
    acks: -1,
    timeoutMs: 10_000,
    topicData: [{ name: topic, partitionData: [{ index: partition, records: builder.finish() }] }],
  });
  const answer = response.responses[0]?.partitionResponses[0];
  if (answer === undefined || answer.errorCode !== 0) throw new Error(`produce failed with ${answer?.errorCode}`);
  return answer.baseOffset;
}

/** All values of a partition from offset 0 to its end. */
export async function readAll(connection: KafkaConnection, topic: string, partition: number): Promise<string[]> {
  const values: string[] = [];
  let offset = 0;
  for (;;) {
    const response = await connection.send(fetchRequest, fetchResponse, 11, {
      maxWaitMs: 0,
      minBytes: 0,
      topics: [{ topic, partitions: [{ partition, fetchOffset: offset, partitionMaxBytes: 1 << 20 }] }],
    });
    const answer = response.responses[0]?.partitions[0];
    if (answer === undefined || answer.errorCode !== 0) throw new Error(`fetch failed with ${answer?.errorCode}`);
    const records = answer.records ?? Buffer.alloc(0);
    if (records.length === 0) return values;
    forEachRecord(records, (cursor) => {
      if (cursor.offset < offset) return;
      values.push(cursor.value()?.toString() ?? '');
      offset = cursor.offset + 1;
    });
  }
}
