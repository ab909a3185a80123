import type { CodecName } from '../records/compression.ts';
import type { ConfigDefinitions, ConfigValues } from './config-parser.ts';
import { configError } from './errors.ts';

const CODECS: readonly CodecName[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

/** The settings that only producers have, with Kafka's defaults. */
export const producerDefinitions = {
  acks: { type: 'string', default: 'all', oneOf: ['all', '-1', '0', '1'] },
  'batch.size': { type: 'int', default: '16384', min: 0 },
  'buffer.memory': { type: 'long', default: '33554432', min: 0 },
  'compression.gzip.level': { type: 'int', default: '-1', min: -1, max: 9 },
  'compression.lz4.level': { type: 'int', default: '9', min: 1, max: 17 },
  'compression.zstd.level': { type: 'int', default: '3', min: -131072, max: 22 },
  'compression.type': { type: 'string', default: 'none', oneOf: CODECS },
  'delivery.timeout.ms': { type: 'int', default: '120000', min: 0 },
  'enable.idempotence': { type: 'boolean', default: 'true' },
  'linger.ms': { type: 'long', default: '5', min: 0 },
  'max.block.ms': { type: 'long', default: '60000', min: 0 },
  'max.in.flight.requests.per.connection': { type: 'int', default: '5', min: 1 },
  'max.request.size': { type: 'int', default: '1048576', min: 0 },
  'partitioner.ignore.keys': { type: 'boolean', default: 'false' },
} as const satisfies ConfigDefinitions;

const MAX_IN_FLIGHT_WITH_IDEMPOTENCE = 5;

/** A producer's settings. Times are ms, sizes bytes. */
export interface ProducerConfig {
  /** -1 = all in-sync replicas. */
  readonly acks: number;
  readonly batchSize: number;
  readonly bufferMemory: number;
  readonly codec: CodecName;
  readonly compressionLevel: number | undefined;
  readonly deliveryTimeoutMs: number;
  readonly isIdempotent: boolean;
  readonly lingerMs: number;
  readonly maxBlockMs: number;
  readonly maxInFlight: number;
  readonly maxRequestSize: number;
  readonly requestTimeoutMs: number;
  readonly retries: number;
  readonly ignoreKeys: boolean;
}

/** Reads them and checks what Kafka's producer checks across settings. Throws ClientError with Kafka's text. */
export function producerConfig(values: ConfigValues): ProducerConfig {
  const acksText = values.string('acks');
  const acks = acksText === 'all' ? -1 : Number(acksText);
  const maxInFlight = values.number('max.in.flight.requests.per.connection');
  const retries = values.number('retries');
  const codec = CODECS.find((name) => name === values.string('compression.type')) ?? 'none';
  const config = {
    acks,
    batchSize: values.number('batch.size'),
    bufferMemory: values.number('buffer.memory'),
    codec,
    compressionLevel: compressionLevel(values, codec),
    deliveryTimeoutMs: deliveryTimeoutMs(values),
    isIdempotent: isIdempotent(values, acks, retries, maxInFlight),
    lingerMs: values.number('linger.ms'),
    maxBlockMs: values.number('max.block.ms'),
    maxInFlight,
    maxRequestSize: values.number('max.request.size'),
    requestTimeoutMs: values.number('request.timeout.ms'),
    retries,
    ignoreKeys: values.boolean('partitioner.ignore.keys'),
  };
  return config;
}

function compressionLevel(values: ConfigValues, codec: CodecName): number | undefined {
  const name = `compression.${codec}.level`;
  return values.isSet(name) ? values.number(name) : undefined;
}

// The default may be taken back by other settings, an explicit wish may not (KAFKA-13598).
function isIdempotent(values: ConfigValues, acks: number, retries: number, maxInFlight: number): boolean {
  if (!values.boolean('enable.idempotence')) return false;
  const isExplicit = values.isSet('enable.idempotence');
  if (retries === 0) {
    if (isExplicit) throw configError('Must set retries to non-zero when using the idempotent producer.');
    return false;
  }
  if (acks !== -1) {
    if (isExplicit) {
      throw configError(
        'Must set acks to all in order to use the idempotent producer. Otherwise we cannot guarantee idempotence.',
      );
    }
    return false;
  }
  if (maxInFlight > MAX_IN_FLIGHT_WITH_IDEMPOTENCE) {
    throw configError(
      `To use the idempotent producer, max.in.flight.requests.per.connection must be set to at most 5. Current value is ${maxInFlight}.`,
    );
  }
  return true;
}

function deliveryTimeoutMs(values: ConfigValues): number {
  const deliveryMs = values.number('delivery.timeout.ms');
  const leastMs = Math.min(values.number('linger.ms') + values.number('request.timeout.ms'), 0x7fffffff);
  if (deliveryMs >= leastMs) return deliveryMs;
  if (values.isSet('delivery.timeout.ms')) {
    throw configError('delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms');
  }
  return leastMs;
}
