import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { apacheKafka, conformanceKit, run } from './processes.ts';

/** How a set of cases ended. */
export interface KitResult {
  readonly failed: readonly string[];
  readonly passed: number;
  /** The end of all that was said about them. */
  readonly output: string;
}

export interface KitRun {
  /** Whose tools: a folder of them, or a command that takes a tool's name. */
  readonly tools: string;
  readonly bootstrap: string;
  /** The broker's data folder; cases that read it are skipped without it. */
  readonly dataDir?: string;
  /** Names of the cases, or parts of names; all without it. */
  readonly only?: readonly string[];
  /** Case files to run instead of the kit's own. */
  readonly cases?: string;
  /** By how much longer than usual it waits. */
  readonly slow?: number;
  readonly env?: NodeJS.ProcessEnv;
}

const KIT_TIMEOUT_MS = 3_000_000;

/** Runs the conformance kit. */
export async function runKit({
  tools,
  bootstrap,
  dataDir,
  only = [],
  cases,
  slow = 1,
  env,
}: KitRun): Promise<KitResult> {
  const args = ['check', '--tools', tools, '--bootstrap', bootstrap, '--slow', String(slow)];
  if (dataDir !== undefined) args.push('--set', `DATA_DIR=${dataDir}`);
  args.push(...only.flatMap((name) => ['--only', name]), ...(cases === undefined ? [] : [cases]));
  const { stdout } = await run(conformanceKit, args, {
    timeoutMs: KIT_TIMEOUT_MS,
    ...(env === undefined ? {} : { env }),
  });
  return {
    failed: [...stdout.matchAll(/^FAIL\s+(\S+)/gm)].flatMap((match) => match[1] ?? []),
    passed: Number(/(\d+) passed/.exec(stdout)?.[1] ?? 0),
    output: stdout.slice(-20_000),
  };
}

/**
 * An environment in which Apache Kafka's tools start in a fraction of the time: with the quick compiler alone and with an
 * archive of their classes in `folder`, where this Java can make one.
 */
export async function quickJavaTools(folder: string, bootstrap: string): Promise<NodeJS.ProcessEnv> {
  const archive = join(folder, 'classes.jsa');
  const quiet = '-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xlog:disable -Xlog:all=off';
  await run(apacheKafka, ['kafka-consumer-groups', '--bootstrap-server', bootstrap, '--list'], {
    env: { KAFKA_OPTS: `${quiet} -XX:ArchiveClassesAtExit=${archive}` },
    timeoutMs: 120_000,
  });
  return { KAFKA_OPTS: `${quiet} -XX:SharedArchiveFile=${archive}` };
}

/** Names of all cases, as `file/name`. */
export async function caseNames(): Promise<string[]> {
  const { stdout } = await run(conformanceKit, ['list']);
  return stdout.split('\n').flatMap((line) => /^(\S+\/\S+)/.exec(line)?.[1] ?? []);
}

/** What depends on how many brokers there are and which of them has what, in the kit's own notation of patterns. */
const PLACES: readonly (readonly [pattern: string, text: string])[] = [
  ['ReplicationFactor: \\d+', 'ReplicationFactor: <N>'],
  ['Leader: \\d+', 'Leader: <NODE>'],
  ['Replicas: [\\d,]+', 'Replicas: <NODES>'],
  ['Isr: [\\d,]+', 'Isr: <NODES>'],
  // The coordinator of a group, as kafka-consumer-groups --describe --state prints it.
  ['(?:\\$BOOTSTRAP|\\$CONTROLLER|localhost:\\d{5})  \\(\\d\\)', '<COORDINATOR>'],
];

/** Copies the kit's cases to a folder, with what they expect of one broker's places made to hold for any number. */
export function casesForSeveralBrokers(folder: string): string {
  const own = join(dirname(conformanceKit), 'cases');
  const target = join(folder, 'cases');
  mkdirSync(target);
  const subs = PLACES.map(([pattern, text]) => `@ sub #${pattern}#${text}#`);
  for (const file of readdirSync(own)) {
    const lines = readFileSync(join(own, file), 'utf8').split('\n');
    const adapted = lines.flatMap((line) => {
      if (line.startsWith('$ ')) return [...subs, line];
      if (!/^[>!] /.test(line)) return [line];
      return [PLACES.reduce((text, [pattern, put]) => text.replaceAll(new RegExp(pattern, 'g'), put), line)];
    });
    writeFileSync(join(target, file), adapted.join('\n'));
  }
  return target;
}
