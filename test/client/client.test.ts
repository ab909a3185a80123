import { afterEach, describe, expect, test } from 'vitest';
import { listTopics } from '../../src/client/admin/topics.ts';
import { KafkaClient } from '../../src/client/client.ts';
import { exceptionName } from '../../src/client/errors.ts';
import { ApiKey } from '../../src/protocol/api-keys.ts';
import { metadataRequest, metadataResponse } from '../../src/protocol/messages/03-metadata.ts';
import { listGroupsRequest, listGroupsResponse } from '../../src/protocol/messages/16-list-groups.ts';
import { FakeBroker } from './fake-broker.ts';
import { FakeCluster, LogLines, quickSettings } from './fake-cluster.ts';

const opened: { close(): unknown }[] = [];

function keep<T extends { close(): unknown }>(thing: T): T {
  opened.push(thing);
  return thing;
}

afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

async function clientOf(bootstrap: string, more: Record<string, string> = {}, logger = new LogLines()) {
  return keep(await KafkaClient.create('admin', quickSettings(bootstrap, more), { logger }));
}

/** A port at which nothing listens. */
async function deadPort(): Promise<number> {
  const broker = await FakeBroker.start();
  const { port } = broker;
  await broker.close();
  return port;
}

describe('versions', () => {
  // Goal: the newest ApiVersions is tried first, and whatever the broker has is found without a second connection.
  test.each([
    [0, 0],
    [2, 2],
    [4, 4],
  ])('a broker whose ApiVersions ends at %d is asked in version %d', async (maxVersion, expected) => {
    const cluster = keep(await FakeCluster.start(1));
    const broker = cluster.broker(1);
    broker.maxVersions.set(ApiKey.ApiVersions, maxVersion);
    await listTopics(await clientOf(cluster.bootstrap));
    expect(broker.seen.filter((one) => one.apiKey === ApiKey.ApiVersions).map((one) => one.version)).toEqual([
      expected,
    ]);
    expect(broker.connections).toBe(1);
  });

  test.each([0, 1, 4, 9, 12])('Metadata goes out in version %d when the broker has no newer', async (maxVersion) => {
    const cluster = keep(await FakeCluster.start(1));
    cluster.topics.push({ name: 'a', topicId: 'AAAAAAAAAAAAAAAAAAAAAg', leaders: [1] });
    cluster.broker(1).maxVersions.set(ApiKey.Metadata, maxVersion);
    // Version 0 has no null: the fake, as a broker, takes the empty list for all topics.
    cluster
      .broker(1)
      .on(metadataRequest, metadataResponse, (body, header) =>
        cluster.metadata(
          header.apiVersion === 0 || body.topics === null ? undefined : body.topics.map((t) => t.name ?? ''),
        ),
      );
    const topics = await listTopics(await clientOf(cluster.bootstrap));
    expect(topics.map((topic) => topic.name)).toEqual(['a']);
    expect(cluster.broker(1).seen.find((one) => one.apiKey === ApiKey.Metadata)?.version).toBe(maxVersion);
  });

  test('an API that the broker lacks is UNSUPPORTED_VERSION in the words of Kafka', async () => {
    const cluster = keep(await FakeCluster.start(1));
    const client = await clientOf(cluster.bootstrap);
    const call = client.request({
      name: 'listGroups',
      node: 'any',
      request: listGroupsRequest,
      response: listGroupsResponse,
      body: () => ({}),
    });
    await expect(call).rejects.toMatchObject({
      errorName: 'UNSUPPORTED_VERSION',
      message: 'The node does not support LIST_GROUPS',
    });
  });
});

describe('a cluster that cannot be reached', () => {
  // Goal: what a user sees then is what Kafka's tools print.
  test('warns about each attempt and gives up with the name of the call', async () => {
    const port = await deadPort();
    const logger = new LogLines();
    const settings = { 'default.api.timeout.ms': '300', 'request.timeout.ms': '300' };
    const client = await clientOf(`localhost:${port}`, settings, logger);
    const error = await listTopics(client).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ message: 'Timed out waiting for a node assignment. Call: listTopics' });
    expect(exceptionName(error)).toBe('org.apache.kafka.common.errors.TimeoutException');
    expect(logger.warnings.length).toBeGreaterThan(2);
    expect(new Set(logger.warnings)).toEqual(
      new Set([
        `[AdminClient clientId=test] Connection to node -1 (localhost/127.0.0.1:${port}) could not be established. Node may not be available.`,
      ]),
    );
  });

  test('the next bootstrap address is tried', async () => {
    const cluster = keep(await FakeCluster.start(1));
    const logger = new LogLines();
    for (let i = 0; i < 4; i++) {
      const client = await clientOf(`127.0.0.1:${await deadPort()},${cluster.bootstrap}`, {}, logger);
      await listTopics(client);
    }
    expect(cluster.broker(1).bodies(metadataRequest).length).toBe(4);
  });

  test('a broker that comes up late is found', async () => {
    const port = await deadPort();
    const client = await clientOf(`127.0.0.1:${port}`);
    const listed = listTopics(client);
    const cluster = new FakeCluster();
    const broker = keep(await FakeBroker.start(port));
    cluster.brokers.push(broker);
    broker.on(metadataRequest, metadataResponse, () => cluster.metadata(undefined));
    await expect(listed).resolves.toEqual([]);
  });

  test('a peer that is no Kafka broker is told apart before its bytes are taken for a size', async () => {
    const broker = keep(await FakeBroker.start());
    broker.script(ApiKey.ApiVersions, () => {
      for (const socket of broker.sockets) socket.write(Buffer.from('HTTP/1.1 400 Bad Request\r\n'));
      return 'silence';
    });
    const settings = { 'default.api.timeout.ms': '200', 'request.timeout.ms': '200' };
    await expect(listTopics(await clientOf(broker.address, settings))).rejects.toThrow(/Timed out waiting for a node/);
  });
});

describe('a call', () => {
  test('is tried again after a retriable error', async () => {
    const cluster = keep(await FakeCluster.start(1));
    let attempts = 0;
    cluster.broker(1).on(listGroupsRequest, listGroupsResponse, () => ({ errorCode: ++attempts < 3 ? 14 : 0 }));
    const client = await clientOf(cluster.bootstrap);
    const { listGroups } = await import('../../src/client/admin/groups.ts');
    expect(await listGroups(client)).toEqual({ groups: [], errors: [] });
    expect(attempts).toBe(3);
  });

  test('survives a connection that ends in the middle', async () => {
    const cluster = keep(await FakeCluster.start(1));
    let attempts = 0;
    cluster.broker(1).on(listGroupsRequest, listGroupsResponse, () => (++attempts === 1 ? 'close' : {}));
    const { listGroups } = await import('../../src/client/admin/groups.ts');
    expect((await listGroups(await clientOf(cluster.bootstrap))).errors).toEqual([]);
    expect(attempts).toBe(2);
  });

  test('that never gets an answer ends with how often it was tried', async () => {
    const cluster = keep(await FakeCluster.start(1));
    cluster.broker(1).on(listGroupsRequest, listGroupsResponse, () => 'silence');
    const client = await clientOf(cluster.bootstrap, { 'request.timeout.ms': '100', 'default.api.timeout.ms': '250' });
    const { listGroups } = await import('../../src/client/admin/groups.ts');
    const { errors } = await listGroups(client);
    expect(errors[0]?.message).toMatch(
      /^Call\(callName=listGroups, deadlineMs=\d+, tries=\d, nextAllowedTryMs=\d+\) timed out at \d+ after \d attempt\(s\)$/,
    );
  });

  test('for a broker that does not exist waits for it until time is up', async () => {
    const cluster = keep(await FakeCluster.start(1));
    const client = await clientOf(cluster.bootstrap);
    const { describeLogDirs } = await import('../../src/client/admin/cluster.ts');
    const results = await describeLogDirs(client, [9], { timeoutMs: 120 });
    expect(results.get(9)).toMatchObject({ message: 'Timed out waiting for a node assignment. Call: describeLogDirs' });
  });

  test('finds its broker anew when all known ones are gone', async () => {
    const cluster = keep(await FakeCluster.start(2));
    const bootstrap = cluster.broker(1).address;
    const client = await clientOf(bootstrap);
    await client.refreshNodes();
    expect([...client.metadata.brokers.keys()]).toEqual([1, 2]);
    // The brokers that are known then go away; the bootstrap address serves a new one.
    const { port } = cluster.broker(1);
    await cluster.close();
    const revived = new FakeCluster();
    const broker = keep(await FakeBroker.start(port));
    broker.nodeId = 7;
    revived.brokers.push(broker);
    broker.on(metadataRequest, metadataResponse, () => revived.metadata(undefined));
    await listTopics(client);
    expect([...client.metadata.brokers.keys()]).toEqual([7]);
  });
});

describe('connections', () => {
  // Goal: a tool needs one connection to a one-broker cluster, not one to the bootstrap address and one to the broker.
  test('a bootstrap connection serves the broker that lives there', async () => {
    const cluster = keep(await FakeCluster.start(1));
    const client = await clientOf(cluster.bootstrap);
    await client.refreshNodes();
    await client.assign(1, Date.now() + 1000, 'test');
    expect(cluster.broker(1).connections).toBe(1);
  });

  test('answers go to their requests when many are under way', async () => {
    const cluster = keep(await FakeCluster.start(1));
    cluster.broker(1).on(metadataRequest, metadataResponse, (body) => ({
      brokers: [{ nodeId: 1, host: '127.0.0.1', port: cluster.broker(1).port }],
      topics: (body.topics ?? []).map((topic) => ({ name: topic.name ?? '' })),
    }));
    const client = await clientOf(cluster.bootstrap);
    const connection = await client.assign('any', Date.now() + 1000, 'test');
    const names = Array.from({ length: 200 }, (_, i) => `topic-${i}`);
    const answers = await Promise.all(
      names.map((name) =>
        connection.send(metadataRequest, metadataResponse, { topics: [{ name }] }, { timeoutMs: 1000 }),
      ),
    );
    expect(answers.map((answer) => answer.topics[0]?.name)).toEqual(names);
    expect(connection.inFlightCount).toBe(0);
  });

  test('a request that is not answered in time ends the connection and fails all that wait', async () => {
    const cluster = keep(await FakeCluster.start(1));
    const client = await clientOf(cluster.bootstrap);
    const connection = await client.assign('any', Date.now() + 1000, 'test');
    cluster.broker(1).on(metadataRequest, metadataResponse, () => 'silence');
    const send = (timeoutMs: number): Promise<unknown> =>
      connection.send(metadataRequest, metadataResponse, { topics: [] }, { timeoutMs });
    const results = await Promise.allSettled([send(50), send(5000)]);
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected']);
    expect(connection.isOpen).toBe(false);
    await expect(send(50)).rejects.toMatchObject({ errorName: 'NETWORK_EXCEPTION' });
  });

  test('an answer with the wrong correlation id ends the connection', async () => {
    const cluster = keep(await FakeCluster.start(1));
    const client = await clientOf(cluster.bootstrap);
    const connection = await client.assign('any', Date.now() + 1000, 'test');
    cluster.broker(1).on(metadataRequest, metadataResponse, () => {
      const wrong = Buffer.from('0000000a00007fff000000000000', 'hex');
      for (const socket of cluster.broker(1).sockets) socket.write(wrong);
      return 'silence';
    });
    const answer = connection.send(metadataRequest, metadataResponse, { topics: [] }, { timeoutMs: 1000 });
    await expect(answer).rejects.toThrow(/Correlation id for response \(32767\) does not match request/);
  });
});
