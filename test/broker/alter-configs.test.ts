/** The broker refuses what it can check itself, asks the controller for the rest, and answers in the request's order. */
import { expect, test } from 'vitest';
import { KafkaError } from '../../src/base/kafka-error.ts';
import { alterConfigs } from '../../src/broker/alter-configs.ts';
import type { ListenerInfo } from '../../src/broker/handler.ts';
import { BrokerConfig } from '../../src/metadata/configs/broker-config.ts';
import type { AlterResult } from '../../src/metadata/controller/config-changes.ts';
import { MetadataImage } from '../../src/metadata/metadata-image.ts';

const services = { image: new MetadataImage(), config: new BrokerConfig(new Map()), nodeId: 1 };
const listener: ListenerInfo = { name: 'PLAINTEXT', type: 'broker', securityProtocol: 'PLAINTEXT', boundHost: '' };

function resource(resourceType: number, resourceName: string, name = 'segment.ms') {
  return { resourceType, resourceName, configs: [{ name, configOperation: 0, value: '5' }] };
}

function run(resources: ReturnType<typeof resource>[], isForwarded = false, answer?: KafkaError) {
  const asked: string[] = [];
  let responses: readonly AlterResult[] | undefined;
  let failure: unknown;
  const reply = Object.assign(
    (response: { responses: readonly AlterResult[] }) => {
      responses = response.responses;
    },
    {
      fail: (error: unknown) => {
        failure = error;
      },
    },
  );
  alterConfigs(
    services,
    resources,
    { listener, isForwarded },
    false,
    (passed, done) => {
      asked.push(...passed.map(({ resourceName }) => resourceName));
      done(
        answer ?? passed.map(({ resourceType, resourceName }) => ({ resourceType, resourceName, errorMessage: null })),
      );
    },
    reply,
  );
  return { asked, responses: responses?.map(({ resourceName, errorCode = 0 }) => [resourceName, errorCode]), failure };
}

test('results stand in the order of the request, whoever gave them', () => {
  expect(run([resource(2, 'a'), resource(3, 'b'), resource(2, 'c')])).toMatchObject({
    asked: ['a', 'c'],
    responses: [
      ['a', 0],
      ['b', 42],
      ['c', 0],
    ],
  });
});

test('the controller is not asked when nothing is left', () => {
  expect(run([resource(2, 'a'), resource(2, 'a')])).toMatchObject({
    asked: [],
    responses: [
      ['a', 42],
      ['a', 42],
    ],
  });
});

test("another broker's configs are refused here, but not when that broker passed the request on", () => {
  const other = [resource(4, '2', 'log.cleaner.threads')];
  other[0]?.configs.splice(0, 1, { name: 'log.cleaner.threads', configOperation: 0, value: '2' });
  expect(run(other).responses).toEqual([['2', 42]]);
  expect(run(other, true)).toMatchObject({ asked: ['2'], responses: [['2', 0]] });
});

test('an error of the controller fails the request', () => {
  const error = new KafkaError('NOT_CONTROLLER');
  expect(run([resource(2, 'a')], false, error).failure).toBe(error);
});
