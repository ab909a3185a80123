import { type FeatureUpdate, FeatureUpgradeType } from '../../client/admin/features.ts';
import type { ParsedArguments } from '../shared/argparse.ts';
import { terse } from '../shared/feature-commands.ts';
import { defaultLevel, FEATURES, METADATA_VERSION_FEATURE, metadataVersionOf } from '../shared/feature-levels.ts';
import type { ToolIo } from '../shared/tool.ts';

function releaseLevel(release: string): number {
  try {
    return metadataVersionOf(release, true);
  } catch (error) {
    throw terse(error instanceof Error ? error.message : String(error));
  }
}

function parseLevel(text: string): [name: string, level: number] {
  const at = text.indexOf('=');
  if (at < 0) throw terse(`Can't parse feature=level string ${text}: equals sign not found.`);
  const level = text.slice(at + 1).trim();
  if (!/^[+-]?\d{1,5}$/.test(level)) {
    throw terse(`Can't parse feature=level string ${text}: unable to parse ${level} as a short.`);
  }
  return [text.slice(0, at).trim(), Number(level)];
}

/** The levels that a command line asks for, by feature. Throws ToolExit with Kafka's texts. */
export function requestedUpdates(
  operation: 'upgrade' | 'downgrade' | 'disable',
  parsed: ParsedArguments,
  upgradeType: number,
  io: ToolIo,
): Map<string, FeatureUpdate> {
  const updates = new Map<string, FeatureUpdate>();
  const add = (name: string, maxVersionLevel: number) => {
    if (updates.has(name)) throw terse(`Feature ${name} was specified more than once.`);
    updates.set(name, { maxVersionLevel, upgradeType });
  };
  const features = parsed.valuesOf('feature');
  if (operation === 'disable') {
    for (const name of features) add(name, 0);
    return updates;
  }
  const release = parsed.valueOf('release-version');
  const metadata = parsed.valueOf('metadata');
  if (release !== undefined) {
    if (metadata !== undefined || features.length > 0) {
      throw terse('Can not specify `release-version` with other feature flags.');
    }
    const metadataVersion = releaseLevel(release);
    add(METADATA_VERSION_FEATURE, metadataVersion);
    for (const feature of FEATURES) {
      const level = defaultLevel(feature, metadataVersion);
      // A feature is never upgraded to 0.
      if (upgradeType !== FeatureUpgradeType.UPGRADE || level > 0) add(feature.name, level);
    }
    return updates;
  }
  if (metadata !== undefined) {
    io.stdout.write(' `metadata` flag is deprecated and may be removed in a future release.\n');
    add(METADATA_VERSION_FEATURE, releaseLevel(metadata));
  }
  for (const text of features) add(...parseLevel(text));
  return updates;
}
