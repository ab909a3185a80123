import type { Logger } from '../../src/base/logger.ts';
import type { KafkaClient } from '../../src/client/client.ts';
import { metadataRequest, metadataResponse } from '../../src/protocol/messages/03-metadata.ts';
import { FakeBroker } from './fake-broker.ts';

export interface FakeTopic {
  readonly name: string;
  readonly topicId: string;
  /** The leader of each partition. */
  leaders: number[];
  errorCode?: number;
  isInternal?: boolean;
}

/** Fake brokers that know the same topics. */
export class FakeCluster {
  readonly brokers: FakeBroker[] = [];
  readonly topics: FakeTopic[] = [];
  controllerId = 1;
  leaderEpoch = 0;

  static async start(count: number): Promise<FakeCluster> {
    const cluster = new FakeCluster();
    for (let i = 0; i < count; i++) {
      const broker = await FakeBroker.start();
      broker.nodeId = i + 1;
      broker.on(metadataRequest, metadataResponse, (body) =>
        cluster.metadata(body.topics?.map((one) => one.name ?? '')),
      );
      cluster.brokers.push(broker);
    }
    return cluster;
  }

  broker(id: number): FakeBroker {
    const broker = this.brokers[id - 1];
    if (broker === undefined) throw new Error(`no broker ${id}`);
    return broker;
  }

  get bootstrap(): string {
    return this.brokers.map((broker) => broker.address).join(',');
  }

  metadata(names: readonly string[] | undefined) {
    const wanted = names ?? this.topics.map((topic) => topic.name);
    return {
      clusterId: 'fake-cluster',
      controllerId: this.controllerId,
      brokers: this.brokers.map((broker) => ({ nodeId: broker.nodeId, host: '127.0.0.1', port: broker.port })),
      topics: wanted.map((name) => this.#topic(name)),
    };
  }

  #topic(name: string) {
    const topic = this.topics.find((one) => one.name === name);
    if (topic === undefined) return { name, errorCode: 3 };
    return {
      name,
      topicId: topic.topicId,
      errorCode: topic.errorCode ?? 0,
      isInternal: topic.isInternal ?? false,
      partitions: topic.leaders.map((leaderId, partitionIndex) => ({
        partitionIndex,
        leaderId,
        leaderEpoch: this.leaderEpoch,
        replicaNodes: [leaderId],
        isrNodes: [leaderId],
      })),
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.brokers.map((broker) => broker.close()));
  }
}

/** Settings that make a client give up and try again fast. */
export function quickSettings(bootstrap: string, more: Record<string, string> = {}): Map<string, string> {
  return new Map(
    Object.entries({
      'bootstrap.servers': bootstrap,
      'client.id': 'test',
      'request.timeout.ms': '2000',
      'default.api.timeout.ms': '3000',
      'retry.backoff.ms': '5',
      'retry.backoff.max.ms': '20',
      'reconnect.backoff.ms': '5',
      'reconnect.backoff.max.ms': '20',
      ...more,
    }),
  );
}

/** Keeps the lines that a client logs. */
export class LogLines implements Logger {
  readonly warnings: string[] = [];
  readonly errors: string[] = [];
  info(): void {}
  warn(message: string): void {
    this.warnings.push(message);
  }
  error(message: string): void {
    this.errors.push(message);
  }
}

/** Calls `run`, then closes what it used. */
export async function using<T>(things: readonly { close(): unknown }[], run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } finally {
    for (const thing of things) await thing.close();
  }
}

export type { KafkaClient };
