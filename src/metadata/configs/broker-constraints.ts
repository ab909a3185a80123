/** What the configs of a node must be together, with the texts of Kafka's KafkaConfig and GroupCoordinatorConfig. */

import { KafkaError } from '../../base/kafka-error.ts';
import type { BrokerConfig } from './broker-config.ts';

const MIN_DEDUPE_BYTES_PER_CLEANER = 1024 * 1024;
const VALID_HOST = /^[0-9a-zA-Z\-%._:]*$/;
/** none, gzip, snappy, lz4, zstd. */
const MAX_COMPRESSION_ID = 4;

/**
 * Throws KafkaError INVALID_CONFIG when the configs in force contradict one another: such a node does not start, and
 * such a dynamic change is refused. The prefix `requirement failed: ` is what Kafka sends, too.
 */
export function checkBrokerConstraints(config: BrokerConfig): void {
  checkGroupConstraints(config);
  checkLogConstraints(config);
  checkReplicationConstraints(config);
  checkNetworkConstraints(config);
}

function invalid(message: string): KafkaError {
  return new KafkaError('INVALID_CONFIG', message);
}

function refuseUnless(isMet: boolean, message: string): void {
  if (!isMet) throw invalid(`requirement failed: ${message}`);
}

function checkGroupConstraints(config: BrokerConfig): void {
  for (const kind of ['consumer', 'share', 'streams']) checkGroupTimes(config, `group.${kind}`);
  checkOrder(config, 'group.streams.num.standby.replicas', '<=', 'group.streams.max.standby.replicas');
  checkOrder(config, 'group.streams.num.warmup.replicas', '<=', 'group.streams.max.warmup.replicas');
  checkOrder(config, 'group.streams.task.offset.interval.ms', '>=', 'group.streams.min.task.offset.interval.ms');
  checkOrder(config, 'group.share.max.share.sessions', '>=', 'group.share.max.size');
  const codec = config.number('offsets.topic.compression.codec');
  if (codec < 0 || codec > MAX_COMPRESSION_ID) throw invalid(`Unknown compression type id: ${codec}`);
}

function checkGroupTimes(config: BrokerConfig, group: string): void {
  checkRange(config, group, 'heartbeat.interval.ms');
  checkRange(config, group, 'session.timeout.ms');
  checkOrder(config, `${group}.heartbeat.interval.ms`, '<', `${group}.session.timeout.ms`);
  checkRange(config, group, 'assignment.interval.ms');
}

function checkRange(config: BrokerConfig, group: string, name: string): void {
  checkOrder(config, `${group}.max.${name}`, '>=', `${group}.min.${name}`);
  checkOrder(config, `${group}.${name}`, '>=', `${group}.min.${name}`);
  checkOrder(config, `${group}.${name}`, '<=', `${group}.max.${name}`);
}

const ORDERS = {
  '<': { isMet: (left: number, right: number) => left < right, text: 'less than' },
  '<=': { isMet: (left: number, right: number) => left <= right, text: 'less than or equal to' },
  '>=': { isMet: (left: number, right: number) => left >= right, text: 'greater than or equal to' },
} as const;

function checkOrder(config: BrokerConfig, left: string, order: keyof typeof ORDERS, right: string): void {
  const { isMet, text } = ORDERS[order];
  if (!isMet(config.number(left), config.number(right))) throw invalid(`${left} must be ${text} ${right}`);
}

function checkLogConstraints(config: BrokerConfig): void {
  refuseUnless(config.number('log.roll.ms') >= 1, 'log.roll.ms must be greater than or equal to 1');
  refuseUnless(config.number('log.roll.jitter.ms') >= 0, 'log.roll.jitter.ms must be greater than or equal to 0');
  // All that is negative means unlimited.
  refuseUnless(
    config.number('log.retention.ms') !== 0,
    'log.retention.ms must be unlimited (-1) or, greater than or equal to 1',
  );
  refuseUnless(
    config.number('log.cleaner.dedupe.buffer.size') / config.number('log.cleaner.threads') >
      MIN_DEDUPE_BYTES_PER_CLEANER,
    'log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.',
  );
  checkCordonedLogDirs(config);
}

function checkCordonedLogDirs(config: BrokerConfig): void {
  const cordoned = config.list('cordoned.log.dirs');
  if (cordoned.includes('*')) {
    refuseUnless(cordoned.length === 1, 'When cordoned.log.dirs is set to *, it must not contain other values');
    return;
  }
  const logDirs = config.list(config.value('log.dirs') === null ? 'log.dir' : 'log.dirs');
  const unknown = cordoned.filter((dir) => !logDirs.includes(dir));
  refuseUnless(
    unknown.length === 0,
    `All entries in cordoned.log.dirs must be present in log.dirs or log.dir. Missing entries : ${unknown.join(', ')}`,
  );
}

function checkReplicationConstraints(config: BrokerConfig): void {
  const fetchWaitMaxMs = config.number('replica.fetch.wait.max.ms');
  refuseUnless(
    fetchWaitMaxMs <= config.number('replica.socket.timeout.ms'),
    'replica.socket.timeout.ms should always be at least replica.fetch.wait.max.ms to prevent unnecessary socket timeouts',
  );
  refuseUnless(
    fetchWaitMaxMs <= config.number('replica.lag.time.max.ms'),
    'replica.fetch.wait.max.ms should always be less than or equal to replica.lag.time.max.ms to prevent frequent ' +
      'changes in ISR',
  );
}

function checkNetworkConstraints(config: BrokerConfig): void {
  const queuedMaxBytes = config.number('queued.max.request.bytes');
  refuseUnless(
    queuedMaxBytes <= 0 || queuedMaxBytes >= config.number('socket.request.max.bytes'),
    'queued.max.request.bytes must be larger or equal to socket.request.max.bytes',
  );
  checkConnectionsPerIp(config);
  const delayMs = config.number('connection.failed.authentication.delay.ms');
  const maxIdleMs = config.number('connections.max.idle.ms');
  refuseUnless(
    maxIdleMs < 0 || delayMs < maxIdleMs,
    `connection.failed.authentication.delay.ms=${delayMs} should always be less than ` +
      `connections.max.idle.ms=${maxIdleMs} to prevent failed authentication responses from timing out`,
  );
}

// Without overrides nobody could connect, not even to take the setting back.
function checkConnectionsPerIp(config: BrokerConfig): void {
  const name = 'max.connections.per.ip.overrides';
  const text = config.stringOrNull(name) ?? '';
  const overrides = text.split(/\s*,\s*/).filter((override) => override !== '');
  const addresses = overrides.map((override) => {
    const colon = override.lastIndexOf(':');
    if (colon < 0) {
      const problem = `Range [0, -1) out of bounds for length ${override.length}`;
      throw invalid(`Error parsing configuration property '${name}': ${problem}`);
    }
    const count = override.slice(colon + 1).trim();
    if (!/^[+-]?\d+$/.test(count)) throw invalid(`For input string: "${count}"`);
    return override.slice(0, colon).trim();
  });
  refuseUnless(
    config.number('max.connections.per.ip') !== 0 || addresses.length > 0,
    `max.connections.per.ip can be set to zero only if ${name} property is set.`,
  );
  const wrong = addresses.filter((address) => !VALID_HOST.test(address));
  if (wrong.length > 0) throw invalid(`${name} contains invalid addresses : ${wrong.join(',')}`);
}
