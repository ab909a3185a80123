/** Many partitions and many connections on our broker alone. */
import { apiVersionsRequest, apiVersionsResponse } from '../src/protocol/messages/18-api-versions.ts';
import { createTopicsRequest, createTopicsResponse } from '../src/protocol/messages/19-create-topics.ts';
import { removeFolder, temporaryFolder } from '../test/support/processes.ts';
import { connectTo } from '../test/support/raw-client.ts';
import { type Row, startBroker } from './support.ts';

const PARTITIONS = 5000;
const CONNECTIONS = 1000;

export async function manyPartitions(): Promise<Row[]> {
  const folder = temporaryFolder();
  let broker = await startBroker('ottla', { folder });
  const before = broker.residentMiB();
  const connection = await connectTo(broker.bootstrap);
  const started = performance.now();
  for (let i = 0; i < 10; i++) {
    const topics = [{ name: `many-${i}`, numPartitions: PARTITIONS / 10, replicationFactor: 1 }];
    const response = await connection.send(createTopicsRequest, createTopicsResponse, 5, { topics, timeoutMs: 60_000 });
    if (response.topics[0]?.errorCode !== 0) throw new Error(`creating failed with ${response.topics[0]?.errorCode}`);
  }
  const createMs = performance.now() - started;
  connection.close();
  const grown = broker.residentMiB() - before;
  await broker.stop({ keepFolder: true });
  broker = await startBroker('ottla', { folder });
  const cleanMs = broker.startMs;
  await broker.stop({ signal: 'SIGKILL', keepFolder: true });
  broker = await startBroker('ottla', { folder });
  const uncleanMs = broker.startMs;
  await broker.stop();
  removeFolder(folder);
  return [
    { name: `create ${PARTITIONS} partitions`, unit: 'ms', ottla: createMs },
    { name: `memory of ${PARTITIONS} partitions`, unit: 'MiB', ottla: grown },
    { name: `restart with ${PARTITIONS} partitions, clean`, unit: 'ms', ottla: cleanMs },
    { name: `restart with ${PARTITIONS} partitions, after kill -9`, unit: 'ms', ottla: uncleanMs },
  ];
}

export async function manyConnections(): Promise<Row[]> {
  const broker = await startBroker('ottla');
  const before = broker.residentMiB();
  const started = performance.now();
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => connectTo(broker.bootstrap)));
  await Promise.all(connections.map((connection) => connection.send(apiVersionsRequest, apiVersionsResponse, 2, {})));
  const openMs = performance.now() - started;
  const again = performance.now();
  await Promise.all(connections.map((connection) => connection.send(apiVersionsRequest, apiVersionsResponse, 2, {})));
  const roundMs = performance.now() - again;
  const grown = broker.residentMiB() - before;
  for (const connection of connections) connection.close();
  await broker.stop();
  return [
    { name: `open ${CONNECTIONS} connections and ask each for ApiVersions`, unit: 'ms', ottla: openMs },
    { name: `a round of ${CONNECTIONS} requests over them`, unit: 'ms', ottla: roundMs },
    { name: `memory of ${CONNECTIONS} connections`, unit: 'MiB', ottla: grown },
  ];
}
