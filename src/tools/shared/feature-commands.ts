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

/** What a level of a feature needs of other features. */
function requirementsOf(name: string, level: number): Readonly<Record<string, number>> {
  if (name === METADATA_VERSION_FEATURE) {
    if (metadataVersionName(level) === undefined) throw terse(`Unknown metadata.version ${level}`);
    return {};
  }
  const feature = FEATURES.find((one) => one.name === name);
  if (feature === undefined) throw terse(`Unknown feature: ${name}`);
  const dependencies = dependenciesOf(feature, level);
  if (dependencies === undefined) throw terse(`Feature level ${level} is not supported for feature ${name}`);
  return dependencies;
}

function levelText(name: string, level: number): string {
  const version = name === METADATA_VERSION_FEATURE ? ` (${metadataVersionName(level)})` : '';
  return `${name}=${level}${version}`;
}

/** `feature-dependencies` of kafka-storage and kafka-features. */
export function printFeatureDependencies(features: readonly string[], output: 'text' | 'json', io: ToolIo): void {
  const documents: unknown[] = [];
  for (const text of features) {
    const { name, level } = parseFeature(text);
    const requires = requirementsOf(name, level);
    documents.push({ feature: name, level, requires });
    if (output === 'json') continue;
    const lines = Object.entries(requires).map(([other, needed]) => `    ${levelText(other, needed)}\n`);
    const title = levelText(name, level);
    io.stdout.write(lines.length === 0 ? `${title} has no dependencies.\n` : `${title} requires:\n${lines.join('')}`);
  }
  if (output === 'json') printJson(io, documents);
}
