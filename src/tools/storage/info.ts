import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ParsedArguments } from '../shared/argparse.ts';
import { javaMessageOf } from '../shared/java-errors.ts';
import { printJson } from '../shared/json-output.ts';
import type { Properties } from '../shared/properties.ts';
import type { ToolIo } from '../shared/tool.ts';
import { problemOf, readMetaPropertiesFile } from './meta-properties.ts';
import { directoriesOf, readNodeConfig } from './node-config.ts';

interface Findings {
  readonly directories: string[];
  readonly problems: string[];
  metadata: Properties | undefined;
}

function inspect(directory: string, findings: Findings): void {
  if (!existsSync(directory)) {
    findings.problems.push(`${directory} does not exist`);
    return;
  }
  if (!statSync(directory).isDirectory()) {
    findings.problems.push(`${directory} is not a directory`);
    return;
  }
  findings.directories.push(directory);
  const properties = readMetaPropertiesFile(directory);
  if (properties === undefined) {
    findings.problems.push(`${directory} is not formatted.`);
    return;
  }
  const problem = problemOf(properties);
  if (problem !== undefined) {
    findings.problems.push(`Error loading ${join(directory, 'meta.properties')}: ${problem}`);
    return;
  }
  const first = findings.metadata;
  if (first === undefined) findings.metadata = properties;
  else if (first.get('cluster.id') !== properties.get('cluster.id')) {
    findings.problems.push('Mismatched cluster IDs between storage directories.');
  } else if (first.get('node.id') !== properties.get('node.id')) {
    findings.problems.push('Mismatched node IDs between storage directories.');
  }
}

function print({ directories, metadata, problems }: Findings, io: ToolIo): void {
  const block = (one: string, several: string, lines: readonly string[]) => {
    if (lines.length === 0) return;
    const entries = lines.map((line) => `  ${line}\n`).join('');
    io.stdout.write(`${lines.length === 1 ? one : several}\n${entries}\n`);
  };
  block('Found log directory:', 'Found log directories:', directories);
  if (metadata !== undefined) {
    const entries = [...metadata].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}=${value}`);
    io.stdout.write(`Found metadata: {${entries.join(', ')}}\n\n`);
  }
  block('Found problem:', 'Found problems:', problems);
}

/** `info`: which directories are formatted, and how; exit code 1 when something is wrong with them. */
export function printInfo(parsed: ParsedArguments & { readonly output: 'text' | 'json' }, io: ToolIo): number {
  const config = readNodeConfig(parsed.valueOf('config') ?? '', io.cwd);
  const findings: Findings = { directories: [], problems: [], metadata: undefined };
  for (const directory of directoriesOf(config)) {
    try {
      inspect(directory, findings);
    } catch (error) {
      findings.problems.push(`Error loading ${join(directory, 'meta.properties')}: ${javaMessageOf(error)}`);
    }
  }
  if (findings.metadata !== undefined && findings.metadata.get('version') !== '1') {
    findings.problems.push(
      'The kafka configuration file appears to be for a cluster in KRaft mode, but the directories are formatted ' +
        'for legacy mode.',
    );
  }
  if (parsed.output === 'json') {
    const metadata = findings.metadata === undefined ? null : Object.fromEntries(findings.metadata);
    printJson(io, { directories: findings.directories, metadata, problems: findings.problems });
  } else print(findings, io);
  return findings.problems.length > 0 ? 1 : 0;
}
