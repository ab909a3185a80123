import {
  defaultLevel,
  dependenciesOf,
  FEATURES,
  LATEST_STABLE_LEVEL,
  METADATA_VERSION_FEATURE,
  metadataVersionName,
  metadataVersionOf,
} from './feature-levels.ts';
import { printJson } from './json-output.ts';
import { ToolExit, type ToolIo } from './tool.ts';

/** A failure that kafka-storage and kafka-features print as one line on stderr. */
export function terse(message: string): ToolExit {
  return new ToolExit(1, { stderr: `${message}\n` });
}

/** `version-mapping` of kafka-storage and kafka-features: the levels that a release starts a cluster with. */
export function printVersionMapping(release: string | undefined, output: 'text' | 'json', io: ToolIo): void {
  const shown = release ?? metadataVersionName(LATEST_STABLE_LEVEL) ?? '';
  let level: number;
  try {
    level = metadataVersionOf(shown, true);
  } catch (error) {
    throw terse(error instanceof Error ? error.message : String(error));
  }
  const levels = FEATURES.map((feature) => [feature.name, defaultLevel(feature, level)] as const);
  if (output === 'json') {
    printJson(io, { [METADATA_VERSION_FEATURE]: level, ...Object.fromEntries(levels) });
    return;
  }
  io.stdout.write(`${METADATA_VERSION_FEATURE}=${level} (${shown})\n`);
  for (const [name, featureLevel] of levels) io.stdout.write(`${name}=${featureLevel}\n`);
}

function parseFeature(text: string): { name: string; level: number } {
  const at = text.indexOf('=');
  if (at < 0) {
    throw terse(`Invalid feature format: ${text}. Expected format: 'feature=version' (e.g. 'group.version=1')`);
  }
  const name = text.slice(0, at).trim();
  const level = text.slice(at + 1).trim();
  if (!/^[+-]?\d+$/.test(level)) throw terse(`Invalid version format: ${level} for feature ${name}`);
  return { name, level: Number(level) };
}

function dependencyLines(name: string, level: number): string {
  if (name === METADATA_VERSION_FEATURE) {
    const version = metadataVersionName(level);
    if (version === undefined) throw terse(`Unknown metadata.version ${level}`);
    return `${name}=${level} (${version}) has no dependencies.\n`;
  }
  const feature = FEATURES.find((one) => one.name === name);
  if (feature === undefined) throw terse(`Unknown feature: ${name}`);
  const dependencies = dependenciesOf(feature, level);
  if (dependencies === undefined) throw terse(`Feature level ${level} is not supported for feature ${name}`);
  const lines = Object.entries(dependencies).map(([other, needed]) => {
    const version = other === METADATA_VERSION_FEATURE ? ` (${metadataVersionName(needed)})` : '';
    return `    ${other}=${needed}${version}\n`;
  });
  if (lines.length === 0) return `${name}=${level} has no dependencies.\n`;
  return `${name}=${level} requires:\n${lines.join('')}`;
}

/** `feature-dependencies` of kafka-storage and kafka-features. */
export function printFeatureDependencies(features: readonly string[], io: ToolIo): void {
  for (const text of features) {
    const { name, level } = parseFeature(text);
    io.stdout.write(dependencyLines(name, level));
  }
}
