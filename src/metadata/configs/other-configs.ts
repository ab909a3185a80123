import { type ConfigDefinition, doubleConfig, intConfig, listConfig, longConfig } from './config-definition.ts';
import { anyList, atLeast } from './validators.ts';

/** Configs of a client metrics subscription (KIP-714). */
export const CLIENT_METRICS_CONFIGS: readonly ConfigDefinition[] = [
  intConfig('interval.ms', '300000'),
  listConfig('match', '', { check: anyList }),
  listConfig('metrics', '', { check: anyList }),
];

/** Quotas of users and client ids. */
export const USER_AND_CLIENT_QUOTA_CONFIGS: readonly ConfigDefinition[] = [
  longConfig('consumer_byte_rate', '9223372036854775807'),
  doubleConfig('controller_mutation_rate', '2.147483647E9'),
  longConfig('producer_byte_rate', '9223372036854775807'),
  doubleConfig('request_percentage', '2.147483647E9'),
];

/** Quotas of IP addresses. */
export const IP_QUOTA_CONFIGS: readonly ConfigDefinition[] = [
  intConfig('connection_creation_rate', '2147483647', { check: atLeast(0) }),
];
