import type { KafkaClient } from '../client.ts';
import type { CallOptions, Results } from '../types.ts';

/** Kafka's numbers of the SCRAM mechanisms. */
export const ScramMechanism = { 'SCRAM-SHA-256': 1, 'SCRAM-SHA-512': 2 } as const;

export interface ScramCredentialInfo {
  readonly mechanism: number;
  readonly iterations: number;
}

/** `users` empty = all users with credentials. */
export declare function describeUserScramCredentials(
  client: KafkaClient,
  users: readonly string[],
  options?: CallOptions,
): Promise<Results<string, ScramCredentialInfo[]>>;

export interface ScramUpsertion extends ScramCredentialInfo {
  readonly user: string;
  readonly password: string | Uint8Array;
  /** Random when left out. */
  readonly salt?: Uint8Array | undefined;
}

export interface ScramDeletion {
  readonly user: string;
  readonly mechanism: number;
}

/** Results by user. */
export declare function alterUserScramCredentials(
  client: KafkaClient,
  upsertions: readonly ScramUpsertion[],
  deletions: readonly ScramDeletion[],
  options?: CallOptions,
): Promise<Results<string, undefined>>;
