/** The feature levels (KIP-584, KIP-1022) of Kafka 4.4 and which metadata.version brings each. */

/** Names of metadata.version levels from 7 on; the last is not yet stable. */
const METADATA_VERSION_NAMES: readonly string[] = [
  ['3.3-IV3', '3.4-IV0', '3.5-IV0', '3.5-IV1', '3.5-IV2', '3.6-IV0', '3.6-IV1', '3.6-IV2'],
  ['3.7-IV0', '3.7-IV1', '3.7-IV2', '3.7-IV3', '3.7-IV4', '3.8-IV0', '3.9-IV0'],
  ['4.0-IV0', '4.0-IV1', '4.0-IV2', '4.0-IV3', '4.1-IV0', '4.1-IV1', '4.2-IV0', '4.2-IV1', '4.3-IV0'],
  ['4.4-IV0', '4.4-IV1', '4.4-IV2', '4.5-IV0'],
].flat();
const FIRST_LEVEL = 7;
/** 3.5-IV2: from here on SCRAM credentials may stand in the metadata log. */
const SCRAM_LEVEL = 11;

export const METADATA_VERSION_FEATURE = 'metadata.version';
export const KRAFT_VERSION_FEATURE = 'kraft.version';
/** metadata.version of a new Kafka 4.4 cluster, 4.4-IV2. */
export const LATEST_STABLE_LEVEL = 33;

interface FeatureVersion {
  readonly level: number;
  /** From this metadata.version on it is the default of a new cluster. */
  readonly defaultFrom: number;
  readonly dependencies?: Readonly<Record<string, number>>;
}

interface Feature {
  readonly name: string;
  readonly versions: readonly FeatureVersion[];
}

/** In the order in which Kafka's tools print them. */
export const FEATURES: readonly Feature[] = [
  { name: KRAFT_VERSION_FEATURE, versions: [{ level: 1, defaultFrom: 21 }] },
  {
    name: 'transaction.version',
    versions: [
      { level: 1, defaultFrom: 24 },
      { level: 2, defaultFrom: 24 },
    ],
  },
  { name: 'group.version', versions: [{ level: 1, defaultFrom: 22 }] },
  {
    name: 'eligible.leader.replicas.version',
    versions: [{ level: 1, defaultFrom: 26, dependencies: { [METADATA_VERSION_FEATURE]: 23 } }],
  },
  {
    name: 'share.version',
    versions: [
      { level: 1, defaultFrom: 28 },
      { level: 2, defaultFrom: 31 },
    ],
  },
  { name: 'streams.version', versions: [{ level: 1, defaultFrom: 29 }] },
];

/** Kafka's name of a metadata.version level; undefined when there is none. */
export function metadataVersionName(level: number): string | undefined {
  return METADATA_VERSION_NAMES[level - FIRST_LEVEL];
}

export function isScramSupported(metadataVersion: number): boolean {
  return metadataVersion >= SCRAM_LEVEL;
}

/**
 * The metadata.version level of a release (`3.9`, `4.0-IV2`): for a release without `-IV` its last one. Throws RangeError
 * with Kafka's text.
 */
export function metadataVersionOf(release: string, unstableToo: boolean): number {
  const count = LATEST_STABLE_LEVEL - FIRST_LEVEL + 1;
  const names = unstableToo ? METADATA_VERSION_NAMES : METADATA_VERSION_NAMES.slice(0, count);
  const index = names.findLastIndex((name) => name === release || name.replace(/-IV\d+$/, '') === release);
  if (index >= 0) return index + FIRST_LEVEL;
  throw new RangeError(`Unknown metadata.version '${release}'. Supported metadata.version are: ${names.join(', ')}`);
}

/** The level that a new cluster with this metadata.version gives the feature. */
export function defaultLevel(feature: Feature, metadataVersion: number): number {
  return feature.versions.findLast(({ defaultFrom }) => defaultFrom <= metadataVersion)?.level ?? 0;
}

/** What a level of a feature needs; undefined when Kafka does not know the level. */
export function dependenciesOf(feature: Feature, level: number): Readonly<Record<string, number>> | undefined {
  if (level === 0) return {};
  const version = feature.versions.find((one) => one.level === level);
  return version === undefined ? undefined : (version.dependencies ?? {});
}
