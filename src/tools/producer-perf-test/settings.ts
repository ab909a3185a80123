import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ArgumentError, argumentErrorText, type ParsedArguments } from '../shared/argparse.ts';
import { illegalArgument } from '../shared/java-errors.ts';
import { type Properties, readPropertiesFile } from '../shared/properties.ts';
import { ToolExit, type ToolIo } from '../shared/tool.ts';
import { PRODUCER_PERF_TEST_PARSER } from './options.ts';

export interface PerfSettings {
  readonly topic: string;
  readonly numRecords: number;
  readonly warmupRecords: number;
  /** Records a second, negative = no limit. */
  readonly throughput: number;
  readonly recordSize: number | undefined;
  /** Contents of --payload-file; empty without one. */
  readonly payloads: readonly Buffer[];
  readonly keyDistribution: 'none' | 'range' | 'random';
  readonly keyRange: number;
  readonly seed: number;
  readonly printMetrics: boolean;
  readonly reportingIntervalMs: number;
  readonly properties: Properties;
}

function refuse(message: string): never {
  const error = new ArgumentError(message, undefined);
  throw new ToolExit(1, { stderr: argumentErrorText(PRODUCER_PERF_TEST_PARSER, error) });
}

function positive(args: ParsedArguments, name: string): void {
  const value = args.numberOf(name);
  if (value !== undefined && value <= 0) refuse(`--${name} should be greater than zero.`);
}

function checkKeys(args: ParsedArguments): 'none' | 'range' | 'random' {
  positive(args, 'record-key-range');
  const distribution = args.valueOf('key-distribution');
  const isKeyed = distribution === 'range' || distribution === 'random';
  if (!isKeyed && distribution !== 'none') {
    refuse(`argument --key-distribution: invalid choice: '${distribution}' (choose from {none,range,random})`);
  }
  if (isKeyed && !args.has('record-key-range')) {
    refuse("--record-key-range is required when --key-distribution is 'range' or 'random'.");
  }
  if (!isKeyed && args.has('record-key-range')) {
    refuse("--key-distribution must be 'range' or 'random' when --record-key-range is specified.");
  }
  return isKeyed ? distribution : 'none';
}

function check(args: ParsedArguments): void {
  positive(args, 'num-records');
  const numRecords = args.numberOf('num-records') ?? 0;
  if ((args.numberOf('warmup-records') ?? 0) >= numRecords) {
    refuse(
      'The value for --warmup-records must be strictly fewer than the number of records in the test, --num-records.',
    );
  }
  positive(args, 'record-size');
  const places = ['bootstrap-server', 'command-property', 'producer-props', 'producer.config', 'command-config'];
  if (!places.some((name) => args.has(name))) {
    refuse(
      'At least one of --bootstrap-server, --command-property, --producer-props, --producer.config or --command-config must be specified.',
    );
  }
  for (const [now, before] of [
    ['command-property', 'producer-props'],
    ['command-config', 'producer.config'],
  ] as const) {
    if (args.has(now) && args.has(before)) refuse(`--${now} and --${before} cannot be specified together.`);
  }
  positive(args, 'transaction-duration-ms');
  positive(args, 'reporting-interval');
}

function readPayloads(args: ParsedArguments, io: ToolIo): Buffer[] {
  const path = args.valueOf('payload-file');
  if (path === undefined) return [];
  const absolute = resolve(io.cwd, path);
  io.stdout.write(`Reading payloads from: ${absolute}\n`);
  const text = existsSync(absolute) ? readFileSync(absolute, 'utf8') : '';
  if (text === '') throw illegalArgument('File does not exist or empty file provided.');
  const given = args.valueOf('payload-delimiter') ?? '\\n';
  // Java's Scanner takes the delimiter for a pattern and leaves out an empty piece at the end.
  const pieces = text.split(new RegExp(given === '\\n' ? '\n' : given));
  if (pieces.at(-1) === '') pieces.pop();
  io.stdout.write(`Number of records read: ${pieces.length}\n`);
  return pieces.map((piece) => Buffer.from(piece));
}

function renamed(args: ParsedArguments, io: ToolIo, before: string, now: string): string {
  if (!args.has(before)) return now;
  const text = `Option --${before} has been deprecated and will be removed in a future version. Use --${now} instead.`;
  io.stdout.write(`${text}\n`);
  return before;
}

function readProperties(args: ParsedArguments, io: ToolIo): Properties {
  const propertyName = renamed(args, io, 'producer-props', 'command-property');
  const configFile = args.valueOf(renamed(args, io, 'producer.config', 'command-config'));
  const properties: Properties = configFile === undefined ? new Map() : readPropertiesFile(configFile, io.cwd);
  for (const text of args.valuesOf(propertyName)) {
    const [name, value, ...rest] = text.split('=');
    if (name === undefined || value === undefined || value === '' || rest.length > 0) {
      throw illegalArgument(`Invalid property: ${text}`);
    }
    properties.set(name, value);
  }
  if (!properties.has('client.id')) properties.set('client.id', 'perf-producer-client');
  const bootstrap = args.valueOf('bootstrap-server');
  if (bootstrap !== undefined) properties.set('bootstrap.servers', bootstrap);
  return properties;
}

/** Checks the command line as Kafka's tool does and reads its files. Throws ToolExit and JavaException. */
export function readSettings(args: ParsedArguments, io: ToolIo): PerfSettings {
  check(args);
  const keyDistribution = checkKeys(args);
  const payloads = readPayloads(args, io);
  return {
    topic: args.valueOf('topic') ?? '',
    numRecords: args.numberOf('num-records') ?? 0,
    warmupRecords: Math.max(args.numberOf('warmup-records') ?? 0, 0),
    throughput: args.numberOf('throughput') ?? -1,
    recordSize: args.numberOf('record-size'),
    payloads,
    keyDistribution,
    keyRange: args.numberOf('record-key-range') ?? 0,
    seed: args.numberOf('random-seed') ?? 0,
    printMetrics: args.has('print-metrics'),
    reportingIntervalMs: args.numberOf('reporting-interval') ?? 5000,
    properties: readProperties(args, io),
  };
}

/** Whether the options ask for transactions. */
export function wantsTransactions(args: ParsedArguments, properties: Properties): boolean {
  const isAsked = args.has('transaction-duration-ms') || args.has('transactional-id');
  return isAsked || properties.has('transactional.id');
}
