import type { Uuid } from '../base/uuid.ts';
import type { ChangedPart } from './metadata-changes.ts';
import {
  type MetadataRecord,
  type MetadataRecordBody,
  type MetadataRecordOf,
  metadataRecord,
} from './metadata-record.ts';

/** One part of a quota's entity, e.g. type `user`, name `alice`; name null is the default of the type. */
export interface QuotaEntityPart {
  readonly entityType: string;
  readonly entityName: string | null;
}

/** What the quotas of one entity are. */
export interface ClientQuota {
  readonly entity: readonly QuotaEntityPart[];
  /** Quota key (`producer_byte_rate`, …) -> value. */
  readonly quotas: ReadonlyMap<string, number>;
}

export type ScramCredential = MetadataRecordBody<'UserScramCredentialRecord'>;
export type AccessControlEntry = MetadataRecordBody<'AccessControlEntryRecord'>;
export type DelegationToken = MetadataRecordBody<'DelegationTokenRecord'>;

/** The records that this part of the image is made of. */
export type SecurityRecord = Extract<
  MetadataRecord,
  {
    type:
      | 'ClientQuotaRecord'
      | 'UserScramCredentialRecord'
      | 'RemoveUserScramCredentialRecord'
      | 'AccessControlEntryRecord'
      | 'RemoveAccessControlEntryRecord'
      | 'DelegationTokenRecord'
      | 'RemoveDelegationTokenRecord';
  }
>;

/** Client quotas, SCRAM credentials, ACLs and delegation tokens, stored as the records say. */
export class SecurityImage {
  #quotas = new Map<string, { entity: readonly QuotaEntityPart[]; quotas: Map<string, number> }>();
  #scramCredentials = new Map<string, ScramCredential>();
  #acls = new Map<Uuid, AccessControlEntry>();
  #delegationTokens = new Map<string, DelegationToken>();

  /** The quotas of every entity that has some. */
  clientQuotas(): IterableIterator<ClientQuota> {
    return this.#quotas.values();
  }

  /** The quotas of one entity, whatever the order of its parts. */
  clientQuota(entity: readonly QuotaEntityPart[]): ClientQuota | undefined {
    return this.#quotas.get(entityKey(entity));
  }

  scramCredentials(): IterableIterator<ScramCredential> {
    return this.#scramCredentials.values();
  }

  /** Mechanism: 1 SCRAM-SHA-256, 2 SCRAM-SHA-512. */
  scramCredential(user: string, mechanism: number): ScramCredential | undefined {
    return this.#scramCredentials.get(scramKey(user, mechanism));
  }

  /** By id. */
  get acls(): ReadonlyMap<Uuid, AccessControlEntry> {
    return this.#acls;
  }

  /** By token id. */
  get delegationTokens(): ReadonlyMap<string, DelegationToken> {
    return this.#delegationTokens;
  }

  clone(): SecurityImage {
    const copy = new SecurityImage();
    for (const [key, { entity, quotas }] of this.#quotas) copy.#quotas.set(key, { entity, quotas: new Map(quotas) });
    copy.#scramCredentials = new Map(this.#scramCredentials);
    copy.#acls = new Map(this.#acls);
    copy.#delegationTokens = new Map(this.#delegationTokens);
    return copy;
  }

  /** Applies a record; says which part it touched. Only MetadataImage calls it. */
  apply(record: SecurityRecord): ChangedPart {
    switch (record.type) {
      case 'ClientQuotaRecord':
        this.#applyQuota(record.body);
        return 'clientQuotas';
      case 'UserScramCredentialRecord':
        this.#scramCredentials.set(scramKey(record.body.name, record.body.mechanism), ownBytes(record.body));
        return 'scramCredentials';
      case 'RemoveUserScramCredentialRecord':
        this.#scramCredentials.delete(scramKey(record.body.name, record.body.mechanism));
        return 'scramCredentials';
      case 'AccessControlEntryRecord':
        this.#acls.set(record.body.id, record.body);
        return 'acls';
      case 'RemoveAccessControlEntryRecord':
        this.#acls.delete(record.body.id);
        return 'acls';
      case 'DelegationTokenRecord':
        this.#delegationTokens.set(record.body.tokenId, record.body);
        return 'delegationTokens';
      case 'RemoveDelegationTokenRecord':
        this.#delegationTokens.delete(record.body.tokenId);
        return 'delegationTokens';
    }
  }

  #applyQuota(record: MetadataRecordBody<'ClientQuotaRecord'>): void {
    const key = entityKey(record.entity);
    let entry = this.#quotas.get(key);
    if (entry === undefined) {
      entry = { entity: record.entity, quotas: new Map() };
      this.#quotas.set(key, entry);
    }
    if (record.remove) entry.quotas.delete(record.key);
    else entry.quotas.set(record.key, record.value);
    if (entry.quotas.size === 0) this.#quotas.delete(key);
  }

  /** Records of the quotas, for a snapshot. */
  quotaRecords(): MetadataRecord[] {
    const records: MetadataRecordOf<'ClientQuotaRecord'>[] = [];
    for (const { entity, quotas } of this.#quotas.values()) {
      for (const [key, value] of quotas) {
        records.push(metadataRecord('ClientQuotaRecord', { entity, key, value, remove: false }));
      }
    }
    return records;
  }

  /** Records of ACLs, SCRAM credentials and delegation tokens, for a snapshot. */
  otherRecords(): MetadataRecord[] {
    return [
      ...[...this.#acls.values()].map((body) => metadataRecord('AccessControlEntryRecord', body)),
      ...[...this.#scramCredentials.values()].map((body) => metadataRecord('UserScramCredentialRecord', body)),
      ...[...this.#delegationTokens.values()].map((body) => metadataRecord('DelegationTokenRecord', body)),
    ];
  }
}

function entityKey(entity: readonly QuotaEntityPart[]): string {
  const parts = entity.map(({ entityType, entityName }) => [entityType, entityName]);
  return JSON.stringify(parts.sort((a, b) => ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1)));
}

function scramKey(user: string, mechanism: number): string {
  return `${mechanism}:${user}`;
}

// Decoded bytes are views of the frame they came in; a credential outlives it by far.
function ownBytes(credential: ScramCredential): ScramCredential {
  return {
    ...credential,
    salt: Buffer.from(credential.salt),
    storedKey: Buffer.from(credential.storedKey),
    serverKey: Buffer.from(credential.serverKey),
  };
}
