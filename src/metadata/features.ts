/** The feature levels (KIP-584) that ottla supports and those that a folder formatted by ottla finalises. */

import type { VersionRange } from '../protocol/versions.ts';

export const METADATA_VERSION = 'metadata.version';
export const KRAFT_VERSION = 'kraft.version';
export const ELR_VERSION = 'eligible.leader.replicas.version';
export const GROUP_VERSION = 'group.version';
export const TRANSACTION_VERSION = 'transaction.version';
export const SHARE_VERSION = 'share.version';
export const STREAMS_VERSION = 'streams.version';

/** The lowest metadata.version, 3.3-IV3. */
export const MIN_METADATA_VERSION = 7;
/** metadata.version of Kafka 4.4.0, 4.4-IV2. */
export const LATEST_METADATA_VERSION = 33;

/**
 * What this node honours: ApiVersions says it, and the controller raises no feature above it. The order is Kafka's in
 * ApiVersions.
 */
export const SUPPORTED_FEATURES: ReadonlyMap<string, VersionRange> = new Map([
  [GROUP_VERSION, { min: 0, max: 1 }],
  [KRAFT_VERSION, { min: 0, max: 1 }],
  [METADATA_VERSION, { min: MIN_METADATA_VERSION, max: LATEST_METADATA_VERSION }],
  [SHARE_VERSION, { min: 0, max: 0 }],
  [STREAMS_VERSION, { min: 0, max: 0 }],
  [TRANSACTION_VERSION, { min: 0, max: 0 }],
  [ELR_VERSION, { min: 0, max: 1 }],
]);

/**
 * At what levels of a cluster this node can take part, or run one whose folder Apache Kafka wrote: registrations say it.
 * Above what is honoured it serves records, groups of consumers and metadata as ever, and leaves the requests of that
 * feature (transactions, share and streams groups) unadvertised, so that no client believes in them.
 */
export const TOLERATED_FEATURES: ReadonlyMap<string, VersionRange> = new Map([
  ...SUPPORTED_FEATURES,
  [SHARE_VERSION, { min: 0, max: 2 }],
  [STREAMS_VERSION, { min: 0, max: 1 }],
  [TRANSACTION_VERSION, { min: 0, max: 2 }],
]);

/** Levels that a folder formatted by ottla starts with, in the order of the bootstrap snapshot. Level 0 is not written. */
export const BOOTSTRAP_FEATURE_LEVELS: ReadonlyMap<string, number> = new Map([
  [METADATA_VERSION, LATEST_METADATA_VERSION],
  [ELR_VERSION, 1],
  [GROUP_VERSION, 1],
]);

/** Kafka's name of a metadata.version level: `4.4-IV2` for 33. */
export function metadataVersionName(level: number): string {
  return METADATA_VERSION_NAMES[level - MIN_METADATA_VERSION] ?? String(level);
}

const METADATA_VERSION_NAMES: readonly string[] = [
  ['3.3', [3]],
  ['3.4', [0]],
  ['3.5', [0, 1, 2]],
  ['3.6', [0, 1, 2]],
  ['3.7', [0, 1, 2, 3, 4]],
  ['3.8', [0]],
  ['3.9', [0]],
  ['4.0', [0, 1, 2, 3]],
  ['4.1', [0, 1]],
  ['4.2', [0, 1]],
  ['4.3', [0]],
  ['4.4', [0, 1, 2]],
].flatMap(([release, versions]) => (versions as number[]).map((version) => `${release}-IV${version}`));

/** What a node supports, as a map; `features` as registrations carry it. */
export function featureRanges(
  features: readonly { name: string; minSupportedVersion: number; maxSupportedVersion: number }[],
): Map<string, VersionRange> {
  return new Map(
    features.map(({ name, minSupportedVersion, maxSupportedVersion }) => [
      name,
      { min: minSupportedVersion, max: maxSupportedVersion },
    ]),
  );
}

/** The finalised levels that lie outside `ranges`, as texts for people; empty when there are none. */
export function levelsOutside(
  ranges: ReadonlyMap<string, VersionRange>,
  finalised: ReadonlyMap<string, number>,
): string[] {
  const problems: string[] = [];
  for (const [name, level] of finalised) {
    const range = ranges.get(name);
    if (level !== 0 && (range === undefined || level < range.min || level > range.max)) {
      problems.push(`${name}=${level}${range === undefined ? '' : ` (supported: ${range.min}-${range.max})`}`);
    }
  }
  return problems;
}
