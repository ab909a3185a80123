/** Goal: the compose files that people have become the brokers that they mean, and what cannot be honoured is said. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nodeFileSystem } from '../../src/base/file-system.ts';
import { seededRandom } from '../../src/base/random.ts';
import { readComposeFile } from '../../src/cluster/compose/file.ts';
import { type FormerProject, planCompose } from '../../src/cluster/compose/plan.ts';
import { nodeProperties } from '../../src/cluster/server-properties.ts';
import { freePort, removeFolder, temporaryFolder } from '../support/processes.ts';

async function plan(yaml: string, env: Record<string, string> = {}, former?: FormerProject) {
  const folder = temporaryFolder();
  try {
    writeFileSync(join(folder, 'docker-compose.yml'), yaml);
    const file = readComposeFile([join(folder, 'docker-compose.yml')], nodeFileSystem, env);
    return await planCompose(file, seededRandom(former === undefined ? 1 : 2), former);
  } finally {
    removeFolder(folder);
  }
}

describe('compose files', () => {
  test('apache/kafka in KRaft mode: published port, properties, cluster id', async () => {
    const port = await freePort();
    const { spec, remarks } = await plan(`
services:
  kafka:
    image: apache/kafka:4.0.0
    ports: ["${port}:9092"]
    environment:
      KAFKA_NODE_ID: 7
      KAFKA_PROCESS_ROLES: broker,controller
      KAFKA_LISTENERS: PLAINTEXT://:9092,CONTROLLER://:9093
      KAFKA_ADVERTISED_LISTENERS: PLAINTEXT://localhost:9092
      KAFKA_CONTROLLER_LISTENER_NAMES: CONTROLLER
      KAFKA_CONTROLLER_QUORUM_VOTERS: 7@kafka:9093
      KAFKA_NUM_PARTITIONS: 5
      CLUSTER_ID: 4L6g3nShT-eMCtK--X86sw
`);
    const node = spec.nodes[0];
    expect(spec.clusterId).toBe('4L6g3nShT-eMCtK--X86sw');
    expect(node).toMatchObject({ id: 7, port, roles: ['broker', 'controller'] });
    expect(remarks).toEqual([]);
    if (node === undefined) throw new Error('no node');
    const properties = nodeProperties(spec, node, '/data');
    expect(properties['num.partitions']).toBe('5');
    expect(properties['listeners']).toMatch(new RegExp(`^PLAINTEXT://localhost:${port},CONTROLLER://localhost:\\d+$`));
  });

  test('wurstmeister with ZooKeeper: no process for it, topics to create, interpolated ports', async () => {
    const port = await freePort();
    const { spec, remarks, topics } = await plan(
      `
services:
  zookeeper:
    image: wurstmeister/zookeeper
    ports: ["2181:2181"]
  kafka:
    image: wurstmeister/kafka
    depends_on: [zookeeper]
    ports:
      - "\${PORT:-9092}:9092"
    environment:
      - KAFKA_ADVERTISED_HOST_NAME=localhost
      - KAFKA_ZOOKEEPER_CONNECT=zookeeper:2181
      - KAFKA_CREATE_TOPICS=first:3:1,second:1:1:compact
  web:
    image: provectuslabs/kafka-ui
`,
      { PORT: String(port) },
    );
    expect(spec.nodes).toHaveLength(1);
    expect(spec.nodes[0]).toMatchObject({ id: 1, port, roles: ['broker', 'controller'] });
    expect(topics).toEqual([
      { name: 'first', partitions: 3, replicationFactor: 1, configs: {} },
      { name: 'second', partitions: 1, replicationFactor: 1, configs: { 'cleanup.policy': 'compact' } },
    ]);
    expect(remarks).toEqual([
      'zookeeper: no process is needed; the brokers are their own quorum (KRaft)',
      'web: not run; provectuslabs/kafka-ui is no Kafka broker',
    ]);
  });

  test('bitnami and cp-kafka, three brokers: racks and ids of their own, what is not understood is named', async () => {
    const ports = [await freePort(), await freePort(), await freePort()];
    const { spec, remarks } = await plan(`
x-common: &common
  image: bitnami/kafka:3.7
  deploy: { replicas: 1 }
services:
  kafka-0:
    <<: *common
    ports: ["${ports[0]}:9094"]
    environment: [KAFKA_CFG_NODE_ID=0, KAFKA_CFG_PROCESS_ROLES=controller, KAFKA_CFG_NODE_ID=0]
  kafka-1:
    <<: *common
    ports: ["${ports[1]}:9094"]
    environment: { KAFKA_CFG_NODE_ID: 1, KAFKA_CFG_BROKER_RACK: a, SOMETHING: else, KAFKA_CFG_PROCESS_ROLES: broker }
  kafka-2:
    image: confluentinc/cp-kafka:7.6.0
    ports: [{ target: 9092, published: ${ports[2]} }]
    environment: { KAFKA_BROKER_ID: 2, KAFKA_PROCESS_ROLES: broker }
  init:
    image: confluentinc/cp-kafka:7.6.0
    command: kafka-topics --create --topic x
`);
    expect(spec.nodes.map(({ id, roles, port, rack }) => [id, roles.join(), port, rack])).toEqual([
      [0, 'controller', undefined, undefined],
      [1, 'broker', ports[1], 'a'],
      [2, 'broker', ports[2], 'rack-2'],
    ]);
    expect(remarks).toEqual([
      'init: not run; its command is: kafka-topics --create --topic x',
      'kafka-0: deploy has no effect without a container',
      'kafka-1: the variable SOMETHING is not understood',
      'kafka-1: deploy has no effect without a container',
    ]);
  });

  test("Confluent's quickstart: only listeners' published ports are served, not JMX's", async () => {
    const [port, other, jmx] = [await freePort(), await freePort(), await freePort()];
    const { spec, remarks, keepsData } = await plan(`
services:
  broker:
    image: mirror.example.com:5000/hub/confluentinc/cp-kafka:7.5.0
    hostname: broker
    ports: ["${port}:9092", "${other}:29092", "${jmx}:9101", "9999:9999/udp"]
    volumes: ["./connect.properties:/etc/connect.properties", "/var/run/docker.sock:/var/run/docker.sock", "./x:/x:ro"]
    environment:
      KAFKA_NODE_ID: 1
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PLAINTEXT_HOST:PLAINTEXT'
      KAFKA_ADVERTISED_LISTENERS: 'PLAINTEXT://broker:29092,PLAINTEXT_HOST://localhost:9092'
      KAFKA_LISTENERS: 'PLAINTEXT://broker:29092,CONTROLLER://broker:29093,PLAINTEXT_HOST://0.0.0.0:9092'
      KAFKA_JMX_PORT: 9101
      KAFKA_PROCESS_ROLES: 'broker,controller'
      KAFKA_CONTROLLER_QUORUM_VOTERS: '1@broker:29093'
      KAFKA_INTER_BROKER_LISTENER_NAME: 'PLAINTEXT'
      KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER'
      CLUSTER_ID: 'MkU3OEVBNTcwNTJENDM2Qk'
`);
    expect(spec.nodes[0]).toMatchObject({ id: 1, port, extraPorts: [other] });
    expect(remarks).toEqual(["broker: ports: 9101 is no listener's; nothing answers there"]);
    expect(keepsData).toBe(false);
  });

  test("a service on this machine's network listens where its listeners say; an inactive profile does not run", async () => {
    const port = await freePort();
    const yaml = `
services:
  kafka:
    image: apache/kafka
    network_mode: host
    volumes: ["data:/var/lib/kafka/data"]
    environment: { KAFKA_LISTENERS: "PLAINTEXT://:${port}" }
  second:
    image: apache/kafka
    profiles: [more]
`;
    const { spec, remarks, keepsData } = await plan(yaml);
    expect(spec.nodes.map((node) => node.port)).toEqual([port]);
    expect(remarks).toEqual(['second: not run; none of its profiles is active: more (COMPOSE_PROFILES)']);
    expect(keepsData).toBe(true);
    expect((await plan(yaml, { COMPOSE_PROFILES: 'less,more' })).spec.nodes).toHaveLength(2);
  });

  test('a changed file keeps the nodes that its data is of, and refuses other controllers', async () => {
    const yaml = (environment: string, id = 1) => `
services:
  kafka:
    image: apache/kafka
    environment: { KAFKA_NODE_ID: ${id}, KAFKA_PROCESS_ROLES: "broker,controller" ${environment} }
`;
    const before = await plan(yaml(''));
    const after = await plan(yaml(', KAFKA_NUM_PARTITIONS: 7'), {}, before);
    const [old, node] = [before.spec.nodes[0], after.spec.nodes[0]];
    expect(after.spec.clusterId).toBe(before.spec.clusterId);
    expect(node).toMatchObject({ id: 1, directoryId: old?.directoryId, controllerPort: old?.controllerPort });
    expect(node?.overrides).toEqual({ 'num.partitions': '7' });
    await expect(plan(yaml('', 2), {}, before)).rejects.toThrow('the file names other controllers');
  });

  test('a file without a broker, broken YAML, a port in use: each says what is wrong', async () => {
    await expect(plan('services: { db: { image: postgres } }')).rejects.toThrow('no service with a Kafka broker image');
    await expect(plan('services: [')).rejects.toThrow('is no valid YAML');
    await expect(plan('services: { kafka: *nothing }')).rejects.toThrow('is no valid YAML');
    await expect(plan('services: { k: { image: apache/kafka, ports: ["x:9092"] } }')).rejects.toThrow('"x" is no port');
    await expect(plan(`services: { k: { image: apache/kafka, ports: ["\${P:?set it}:9092"] } }`)).rejects.toThrow(
      'the variable P must be set: set it',
    );
  });
});
