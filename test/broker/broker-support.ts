import { afterEach } from 'vitest';
import { type Broker, type StartBrokerOptions, startBroker } from '../../src/index.ts';
import { BatchBuilder, type BatchOptions } from '../../src/records/batch-builder.ts';
import { connectTo, type KafkaConnection } from '../support/raw-client.ts';

/** Starts brokers that are closed, with their connections, after each test. */
export function brokers() {
  const started: Broker[] = [];
  const connections: KafkaConnection[] = [];
  afterEach(async () => {
    for (const connection of connections.splice(0)) connection.close();
    for (const broker of started.splice(0)) await broker.close();
  });
  const start = async (options: StartBrokerOptions = {}): Promise<Broker> => {
    const broker = await startBroker(options);
    started.push(broker);
    return broker;
  };
  const connect = async (broker: Broker): Promise<KafkaConnection> => {
    const connection = await connectTo(broker.bootstrapServers);
    connections.push(connection);
    return connection;
  };
  /** A broker with one topic `t` of one partition, and a connection to it. */
  const withTopic = async (options: StartBrokerOptions = {}) => {
    const broker = await start({ topics: ['t'], ...options });
    return { broker, connection: await connect(broker) };
  };
  return { start, connect, withTopic };
}

/** A batch of values without keys. */
export function batchOf(values: readonly string[], options: BatchOptions = {}, timestamp = 1_700_000_000_000): Buffer {
  const builder = new BatchBuilder();
  for (const [i, value] of values.entries()) builder.append(timestamp + i, null, Buffer.from(value));
  return builder.finish(options);
}
