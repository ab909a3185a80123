import { KNOWN_APIS } from './known-apis.ts';

/** What a node says it accepts, by request type. */
export type NodeVersionRanges = ReadonlyMap<number, { readonly minVersion: number; readonly maxVersion: number }>;

/** One request type of a node. */
export interface PrintedApi {
  readonly key: number;
  /** `UNKNOWN` for a number that Kafka 4.4 does not have. */
  readonly name: string;
  /** `0 to 13`, a single number, or `UNSUPPORTED`. */
  readonly versions: string;
  /** `13`, `node too new`, `node too old`, or empty where the name is not known. */
  readonly usable: string;
}

function printedApi(key: number, ranges: NodeVersionRanges): PrintedApi {
  const known = KNOWN_APIS.get(key);
  const name = known?.name ?? 'UNKNOWN';
  const range = ranges.get(key);
  if (range === undefined) return { key, name, versions: 'UNSUPPORTED', usable: '' };
  const { minVersion, maxVersion } = range;
  const versions = minVersion === maxVersion ? String(minVersion) : `${minVersion} to ${maxVersion}`;
  if (known === undefined) return { key, name, versions, usable: '' };
  if (known.latestVersion < minVersion) return { key, name, versions, usable: 'node too new' };
  if (maxVersion < known.oldestVersion) return { key, name, versions, usable: 'node too old' };
  return { key, name, versions, usable: String(Math.min(known.latestVersion, maxVersion)) };
}

/** The request types of a node, and those for clients that it lacks, by their numbers. */
export function apiVersionsOf(ranges: NodeVersionRanges): PrintedApi[] {
  const lacking = [...KNOWN_APIS].filter(([key, { isForClients }]) => isForClients && !ranges.has(key));
  const keys = [...ranges.keys(), ...lacking.map(([key]) => key)].sort((a, b) => a - b);
  return keys.map((key) => printedApi(key, ranges));
}

/** The block that Kafka's tools print for a node, without a line end. */
export function apiVersionsText(ranges: NodeVersionRanges): string {
  const lines = apiVersionsOf(ranges).map(({ key, name, versions, usable }) => {
    const use = usable === '' ? '' : /^\d+$/.test(usable) ? ` [usable: ${usable}]` : ` [unusable: ${usable}]`;
    return `${name}(${key}): ${versions}${use}`;
  });
  return `(\n\t${lines.join(',\n\t')}\n)`;
}
