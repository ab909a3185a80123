import { terse } from '../shared/feature-commands.ts';
import {
  defaultLevel,
  dependenciesOf,
  FEATURES,
  KRAFT_VERSION_FEATURE,
  LATEST_STABLE_LEVEL,
  METADATA_VERSION_FEATURE,
  metadataVersionName,
  metadataVersionOf,
} from '../shared/feature-levels.ts';
import { illegalArgument, JavaException } from '../shared/java-errors.ts';

/** The levels that a folder is formatted with, sorted by name; among them metadata.version and kraft.version. */
export type FeatureLevels = ReadonlyMap<string, number>;

function parseLevel(text: string): [name: string, level: number] {
  const failed = (why: string) =>
    new JavaException('java.lang.RuntimeException', `Can't parse feature=level string ${text}: ${why}`);
  const at = text.indexOf('=');
  if (at < 0) throw failed('equals sign not found.');
  const level = text.slice(at + 1).trim();
  if (!/^[+-]?\d{1,5}$/.test(level)) throw failed(`unable to parse ${level} as a short.`);
  return [text.slice(0, at).trim(), Number(level)];
}

function releaseLevel(
  release: string | undefined,
  given: ReadonlyMap<string, number>,
  allowsUnstable: boolean,
): number {
  let released: number | undefined;
  if (release !== undefined) {
    try {
      released = metadataVersionOf(release, allowsUnstable);
    } catch (error) {
      throw terse(error instanceof Error ? error.message : String(error));
    }
  }
  const level = given.get(METADATA_VERSION_FEATURE);
  if (level === undefined) return released ?? LATEST_STABLE_LEVEL;
  if (released !== undefined) {
    throw terse('Use --release-version instead of --feature metadata.version=X to avoid ambiguity.');
  }
  const name = metadataVersionName(level);
  if (name === undefined) throw illegalArgument(`No MetadataVersion with feature level ${level}`);
  if (level > LATEST_STABLE_LEVEL && !allowsUnstable) throw terse(`metadata.version ${name} is not yet stable.`);
  return level;
}

function kraftLevel(given: number | undefined, isDynamic: boolean): number {
  if (given === undefined) return isDynamic ? 1 : 0;
  const flags = '--standalone, --initial-controllers, or --no-initial-controllers';
  if (given === 0 && isDynamic) {
    throw terse(
      `Cannot set kraft.version to 0 if controller.quorum.voters is empty and one of the flags ${flags} is used. ` +
        'For dynamic controllers support, try removing the --feature flag for kraft.version.',
    );
  }
  if (given !== 0 && !isDynamic) {
    throw terse(
      `Cannot set kraft.version to ${given} unless controller.quorum.voters is empty and one of the flags ${flags} ` +
        `is used. For dynamic controllers support, try using one of ${flags} and removing controller.quorum.voters.`,
    );
  }
  return given;
}

function checkLevel(name: string, level: number, all: FeatureLevels): void {
  const feature = FEATURES.find((one) => one.name === name);
  const dependencies = feature === undefined ? undefined : dependenciesOf(feature, level);
  if (dependencies === undefined) throw illegalArgument(`No feature:${name} with feature level ${level}`);
  for (const [other, needed] of Object.entries(dependencies)) {
    if ((all.get(other) ?? 0) < needed) {
      throw illegalArgument(`${name} could not be set to ${level} because it depends on ${other} level ${needed}`);
    }
  }
}

/** The levels that `--release-version` and `--feature` come to. Throws with Kafka's texts. */
export function featureLevels(
  release: string | undefined,
  features: readonly string[],
  isDynamicQuorum: boolean,
  allowsUnstable: boolean,
): FeatureLevels {
  const given = new Map(features.map(parseLevel));
  const metadataVersion = releaseLevel(release, given, allowsUnstable);
  const known = FEATURES.map(({ name }) => name).sort();
  for (const name of [...given.keys()].sort()) {
    if (name === METADATA_VERSION_FEATURE || known.includes(name)) continue;
    throw terse(`Unsupported feature: ${name}. Supported features are: ${known.join(', ')}`);
  }
  const levels = new Map([[METADATA_VERSION_FEATURE, metadataVersion]]);
  for (const feature of FEATURES) {
    const own = given.get(feature.name);
    const isKraft = feature.name === KRAFT_VERSION_FEATURE;
    levels.set(
      feature.name,
      isKraft ? kraftLevel(own, isDynamicQuorum) : (own ?? defaultLevel(feature, metadataVersion)),
    );
  }
  const sorted = new Map([...levels].sort(([a], [b]) => (a < b ? -1 : 1)));
  for (const [name, level] of sorted) {
    if (name !== METADATA_VERSION_FEATURE) checkLevel(name, level, sorted);
  }
  return sorted;
}
