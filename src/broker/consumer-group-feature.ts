import { KafkaError } from '../base/kafka-error.ts';
import { GROUP_VERSION } from '../metadata/features.ts';
import type { BrokerServices } from './services.ts';

/** Throws UNSUPPORTED_VERSION unless the cluster and this broker's configuration have consumer groups (KIP-848). */
export function requireConsumerGroups({ image, config }: BrokerServices): void {
  const protocols = config.list('group.coordinator.rebalance.protocols');
  if (image.featureLevel(GROUP_VERSION) < 1 || !protocols.includes('consumer'))
    throw new KafkaError('UNSUPPORTED_VERSION');
}
