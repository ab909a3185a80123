import { BOOTSTRAP_FEATURE_LEVELS, ELR_VERSION } from './features.ts';
import { RESOURCE_BROKER } from './metadata-image.ts';
import { type MetadataRecord, metadataRecord } from './metadata-record.ts';

/** Records of the snapshot 0-0 that formatting writes: the feature levels that the cluster starts with. */
export function bootstrapRecords(levels: ReadonlyMap<string, number> = BOOTSTRAP_FEATURE_LEVELS): MetadataRecord[] {
  return [...levels]
    .filter(([, level]) => level > 0)
    .map(([name, featureLevel]) => metadataRecord('FeatureLevelRecord', { name, featureLevel }));
}

/**
 * What the first active controller of a cluster writes: the bootstrap records in a transaction of their own (KIP-866)
 * and, with ELR on, min.insync.replicas as a default of all brokers (KIP-966).
 * @param staticMinInsyncReplicas what stands in the controller's server.properties
 */
export function bootstrapTransaction(
  records: readonly MetadataRecord[],
  staticMinInsyncReplicas: number,
): MetadataRecord[] {
  const hasElr = records.some(isElr);
  const minIsr = {
    resourceType: RESOURCE_BROKER,
    resourceName: '',
    name: 'min.insync.replicas',
    value: String(staticMinInsyncReplicas),
  };
  return [
    metadataRecord('BeginTransactionRecord', { name: 'Bootstrap records' }),
    ...records,
    ...(hasElr ? [metadataRecord('ConfigRecord', minIsr)] : []),
    metadataRecord('EndTransactionRecord', {}),
  ];
}

function isElr(record: MetadataRecord): boolean {
  return record.type === 'FeatureLevelRecord' && record.body.name === ELR_VERSION && record.body.featureLevel > 0;
}
