/** UpdateFeatures, quotas, SCRAM credentials and ACLs, with the answers of Apache Kafka 4.4.0 (recorded). */
import { createHash, createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { SUPPORTED_FEATURES } from '../../src/metadata/features.ts';
import { MetadataImage } from '../../src/metadata/metadata-image.ts';
import { metadataRecord } from '../../src/metadata/metadata-record.ts';
import { ControllerHarness, registration, TIMEOUT_MS } from './controller-harness.ts';

const FAILED = 'The update failed for all features since the following feature had an error: ';
const UPGRADE = 1;
const SAFE = 2;
const UNSAFE = 3;

function update(
  harness: ControllerHarness,
  updates: [string, number, number?][],
  apiVersion = 2,
  validateOnly = false,
) {
  const featureUpdates = updates.map(([feature, maxVersionLevel, upgradeType = UPGRADE]) => ({
    feature,
    maxVersionLevel,
    allowDowngrade: false,
    upgradeType,
  }));
  const request = { timeoutMs: TIMEOUT_MS, featureUpdates, validateOnly };
  return harness.response('updateFeatures', request, apiVersion);
}

test.each<[string, number, number, string]>([
  [
    'nope',
    1,
    UPGRADE,
    'Invalid update version 1 for feature nope. Local controller 100 does not support this feature.',
  ],
  [
    'metadata.version',
    34,
    UPGRADE,
    'Invalid update version 34 for feature metadata.version. Local controller 100 only supports versions 7-33',
  ],
  [
    'metadata.version',
    30,
    UPGRADE,
    "Invalid update version 30 for feature metadata.version. Can't downgrade the version of this feature without " +
      'setting the upgrade type to either safe or unsafe downgrade.',
  ],
  [
    'metadata.version',
    29,
    SAFE,
    'Unsupported metadata.version downgrade from 33 to 29. Refusing to perform the requested downgrade because it ' +
      'might delete metadata information.',
  ],
  [
    'metadata.version',
    20,
    UNSAFE,
    'Unsupported metadata.version downgrade from 33 to 20. Unsafe metadata downgrade is not supported in this version.',
  ],
  [
    'eligible.leader.replicas.version',
    -1,
    SAFE,
    'Invalid update version -1 for feature eligible.leader.replicas.version. A feature version cannot be less than 0.',
  ],
  [
    'eligible.leader.replicas.version',
    1,
    9,
    'Invalid update version 1 for feature eligible.leader.replicas.version. The controller does not support the given upgrade type.',
  ],
  [
    'kraft.version',
    0,
    SAFE,
    "Invalid update version 0 for feature kraft.version. Can't downgrade the version of this feature.",
  ],
])('%s to %d (upgrade type %d) is refused', (feature, level, upgradeType, message) => {
  const harness = ControllerHarness.active();
  const before = harness.log.length;
  expect(update(harness, [[feature, level, upgradeType]])).toEqual({
    errorCode: 95,
    errorMessage: FAILED + message,
    results: [],
  });
  expect(harness.log.length).toBe(before);
});

test('a feature that a registered broker does not have is not upgraded', () => {
  const harness = ControllerHarness.active();
  update(harness, [['eligible.leader.replicas.version', 0, SAFE]]);
  const features = registration(1).features.filter(({ name }) => name !== 'eligible.leader.replicas.version');
  harness.response('registerBroker', { ...registration(1), features });
  expect(update(harness, [['eligible.leader.replicas.version', 1]]).errorMessage).toBe(
    `${FAILED}Invalid update version 1 for feature eligible.leader.replicas.version. Broker 1 does not support this feature.`,
  );
});

test('kraft.version is raised by the quorum below, when no other update of the request fails', () => {
  const harness = ControllerHarness.active();
  harness.kraftVersion = 0;
  expect(update(harness, [['kraft.version', 1]], 2, true)).toMatchObject({ errorMessage: null });
  expect(
    update(harness, [
      ['kraft.version', 1],
      ['nope', 1],
    ]).errorMessage,
  ).toContain('feature nope');
  expect(harness.kraftVersion).toBe(0);
  harness.canRaiseKRaftVersion = false;
  expect(update(harness, [['kraft.version', 1]])).toEqual({
    errorCode: 95,
    errorMessage: `${FAILED}not all of the voters support it`,
    results: [],
  });
  harness.canRaiseKRaftVersion = true;
  const before = harness.log.length;
  expect(update(harness, [['kraft.version', 1]])).toMatchObject({ errorMessage: null });
  expect(harness.kraftVersion).toBe(1);
  expect(harness.records(before)).toMatchObject([{ type: 'NoOpRecord' }]);
});

test('switching ELR on writes down min.insync.replicas and takes it from single brokers', () => {
  const harness = ControllerHarness.active({ 'min.insync.replicas': '3' });
  harness.startBrokers(1);
  update(harness, [['eligible.leader.replicas.version', 0, SAFE]]);
  const set = (resourceName: string, configOperation: number, value: string | null) => {
    const configs = [{ name: 'min.insync.replicas', configOperation, value }];
    const resources = [{ resourceType: 4, resourceName, configs }];
    return harness.response('incrementalAlterConfigs', { resources, validateOnly: false }, { isForwarded: true });
  };
  expect(set('', 1, null)).toMatchObject([{ errorMessage: null }]);
  expect(set('1', 0, '2')).toMatchObject([{ errorMessage: null }]);
  const before = harness.log.length;
  update(harness, [['eligible.leader.replicas.version', 1]]);
  expect(harness.records(before)).toMatchObject([
    { type: 'ConfigRecord', body: { resourceName: '', value: '3' } },
    { type: 'ConfigRecord', body: { resourceName: '1', value: null } },
    { type: 'FeatureLevelRecord', body: { featureLevel: 1 } },
  ]);
});

test('before version 2 each feature has a result, and validateOnly writes nothing', () => {
  const harness = ControllerHarness.active();
  const before = harness.log.length;
  expect(update(harness, [['metadata.version', 33]], 1, true).results).toEqual([
    { feature: 'metadata.version', errorMessage: 'NONE' },
  ]);
  expect(update(harness, [['metadata.version', 33]]).results).toEqual([]);
  expect(harness.log.length).toBe(before + 1);
});

test('what is advertised covers what a new cluster finalises', () => {
  const harness = ControllerHarness.active();
  for (const [name, level] of harness.image.features) {
    const range = SUPPORTED_FEATURES.get(name);
    expect(range !== undefined && range.min <= level && level <= range.max, name).toBe(true);
  }
});

type Entity = [type: string, name: string | null][];

function quota(harness: ControllerHarness, entity: Entity, ops: [string, number | null][]) {
  const entries = [
    {
      entity: entity.map(([entityType, entityName]) => ({ entityType, entityName })),
      ops: ops.map(([key, value]) => ({ key, value: value ?? 0, remove: value === null })),
    },
  ];
  const response = harness.response('alterClientQuotas', { entries, validateOnly: false });
  return response.entries?.[0]?.errorMessage;
}

test.each<[Entity, [string, number][], string]>([
  [[['x', 'a']], [['producer_byte_rate', 5]], 'Unhandled client quota entity type: x'],
  [[], [['producer_byte_rate', 5]], 'Invalid empty client quota entity'],
  [[['user', '']], [['producer_byte_rate', 5]], 'Empty user not supported'],
  [[['user', 'a']], [['nope', 5]], 'Invalid configuration key nope'],
  [[['user', 'a']], [['producer_byte_rate', 0]], 'Quota producer_byte_rate must be greater than 0'],
  [[['user', 'a']], [['producer_byte_rate', 1.5]], 'producer_byte_rate cannot be a fractional value.'],
  [[['user', 'a']], [['producer_byte_rate', 1e30]], 'Proposed value for producer_byte_rate is too large for a LONG.'],
  [
    [
      ['ip', '1.2.3.4'],
      ['user', 'a'],
    ],
    [['connection_creation_rate', 5]],
    'Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId',
  ],
  [
    [['user', 'a']],
    [
      ['producer_byte_rate', 5],
      ['producer_byte_rate', 6],
    ],
    'Ignoring duplicate entity ClientQuotaEntity(entries={user=a})',
  ],
])('quota %j %j is refused', (entity, ops, message) => {
  expect(quota(ControllerHarness.active(), entity, ops)).toBe(message);
});

test('quotas are set, changed and removed; what is as before is not written', () => {
  const harness = ControllerHarness.active();
  const entity: Entity = [
    ['user', 'a'],
    ['client-id', null],
  ];
  quota(harness, entity, [['producer_byte_rate', 5]]);
  const before = harness.log.length;
  quota(harness, [...entity].reverse(), [['producer_byte_rate', 5]]);
  expect(harness.log.length).toBe(before);
  quota(harness, entity, [['request_percentage', 12.5]]);
  const [stored] = [...harness.image.security.clientQuotas()];
  expect([...(stored?.quotas ?? [])]).toEqual([
    ['producer_byte_rate', 5],
    ['request_percentage', 12.5],
  ]);
  quota(harness, entity, [
    ['producer_byte_rate', null],
    ['request_percentage', null],
    ['consumer_byte_rate', null],
  ]);
  expect([...harness.image.security.clientQuotas()]).toEqual([]);
});

const SALTED = Buffer.from('salted password');

function upsertion(name: string, mechanism = 1, iterations = 4096) {
  return { name, mechanism, iterations, salt: Buffer.from('salt'), saltedPassword: SALTED };
}

function scram(harness: ControllerHarness, upsertions: ReturnType<typeof upsertion>[], deletions: string[] = []) {
  const request = { upsertions, deletions: deletions.map((name) => ({ name, mechanism: 1 })) };
  return harness.response('alterUserScramCredentials', request).results?.map(({ errorMessage }) => errorMessage);
}

test('SCRAM credentials are stored as keys, not as passwords (RFC 5802)', () => {
  const harness = ControllerHarness.active();
  expect(scram(harness, [upsertion('alice')])).toEqual([null]);
  const hmac = (text: string) => createHmac('sha256', SALTED).update(text).digest();
  expect(harness.image.security.scramCredential('alice', 1)).toMatchObject({
    iterations: 4096,
    storedKey: createHash('sha256').update(hmac('Client Key')).digest(),
    serverKey: hmac('Server Key'),
  });
  expect(scram(harness, [], ['alice'])).toEqual([null]);
  expect(harness.image.security.scramCredential('alice', 1)).toBeUndefined();
});

test.each([
  [[upsertion('x', 1, 5)], [], 'Too few iterations'],
  [[upsertion('x', 1, 50_000)], [], 'Too many iterations'],
  [[upsertion('x', 9)], [], 'Unknown SCRAM mechanism'],
  [[upsertion('')], [], 'Username must not be empty'],
  [[upsertion('x'), upsertion('x')], [], 'A user credential cannot be altered twice in the same request'],
  [[], ['x'], 'Attempt to delete a user credential that does not exist'],
  [[upsertion('x')], ['x'], 'Attempt to delete a user credential that does not exist'],
])('SCRAM alterations that cannot be say why (%#)', (upsertions, deletions, message) => {
  const harness = ControllerHarness.active();
  const before = harness.log.length;
  expect(scram(harness, upsertions, deletions)).toEqual([message]);
  expect(harness.log.length).toBe(before);
});

const ACL = { resourceType: 2, resourceName: 't', principal: 'User:a', host: '*', operation: 3, permissionType: 3 };

test('ACLs are stored once and removed by filters', () => {
  const harness = ControllerHarness.active();
  const creation = { ...ACL, resourcePatternType: 3 };
  const prefixed = { ...ACL, resourceName: 'pre', resourcePatternType: 4 };
  const create = (creations: (typeof creation)[]) => harness.response('createAcls', { creations }).results;
  create([creation, creation, prefixed]);
  create([creation]);
  expect(harness.image.security.acls.size).toBe(2);
  expect(create([{ ...creation, principal: 'a' }])).toMatchObject([{ errorCode: 42 }]);
  expect(create([{ ...creation, operation: 1 }])).toMatchObject([{ errorMessage: 'Invalid operation ANY' }]);
  const filter = {
    resourceTypeFilter: 2,
    resourceNameFilter: 'prefix',
    patternTypeFilter: 2,
    principalFilter: null,
    hostFilter: null,
    operation: 1,
    permissionType: 1,
  };
  const remove = (filters: (typeof filter)[]) => harness.response('deleteAcls', { filters }).filterResults;
  expect(remove([filter])?.[0]?.matchingAcls).toMatchObject([{ resourceName: 'pre', patternType: 4 }]);
  expect(remove([{ ...filter, patternTypeFilter: 0 }])).toMatchObject([{ errorMessage: 'Unknown patternFilter.' }]);
  expect(harness.image.security.acls.size).toBe(1);
});

test("a cluster at Apache Kafka's levels can be led, with a warning; one at levels nobody knows cannot", () => {
  const harness = new ControllerHarness();
  const image = new MetadataImage();
  const finalise = (name: string, featureLevel: number) =>
    image.apply(metadataRecord('FeatureLevelRecord', { name, featureLevel }));
  finalise('metadata.version', 33);
  finalise('group.version', 1);
  finalise('transaction.version', 2);
  harness.controller.activate(1, image);
  expect(harness.warnings).toEqual([
    'the cluster has feature levels whose requests are not served here: ' + 'transaction.version=2 (supported: 0-0)',
  ]);
  finalise('group.version', 2);
  expect(() => harness.controller.activate(2, image)).toThrow('group.version=2 (supported: 0-1)');
});
