import { bootstrapAddressProblem } from '../shared/bootstrap-address.ts';
import type { CommandLine } from '../shared/command-line.ts';
import { clusterNames } from '../shared/names.ts';
import { type Properties, parseKeyValues, readPropertiesFile } from '../shared/properties.ts';
import type { ToolIo } from '../shared/tool.ts';
import type { CONSOLE_PRODUCER_OPTIONS } from './options.ts';

export type ProducerLine = CommandLine<typeof CONSOLE_PRODUCER_OPTIONS>;
type Name = keyof typeof CONSOLE_PRODUCER_OPTIONS & string;

/** Today's name of an option, its name before KIP-1147, and how messages call the old one. */
const RENAMED: readonly (readonly [now: Name, before: Name])[] = [
  ['command-config', 'producer.config'],
  ['command-property', 'producer-property'],
  ['reader-property', 'property'],
];

/** Refuses what cannot stand together and warns of old names, as Kafka's tool does before anything else. */
export function checkLine(line: ProducerLine, io: ToolIo): void {
  // The topics to choose from are asked of the broker.
  if (line.count('topic', 'bootstrap-server') === 0) {
    line.refuseOrAsk('Missing required argument "[topic]"', ['bootstrap-server']);
  }
  line.requireOrChoose(['topic'], clusterNames(io, line.valueOf('bootstrap-server')));
  for (const [now, before] of RENAMED) {
    if (line.has(now) && line.has(before)) {
      line.refuse(`Options --${now} and --${before} cannot be specified together.`);
    }
  }
  const warn = (before: Name, when: string, now: Name) => {
    if (!line.has(before)) return;
    io.stdout.write(`Warning: --${before} is deprecated and will be removed in ${when}. Use --${now} instead.\n`);
  };
  warn('producer-property', 'a future version', 'command-property');
  warn('producer.config', 'a future version', 'command-config');
  warn('property', 'a future version', 'reader-property');
  warn('max-partition-memory-bytes', 'Apache Kafka 5.0', 'batch-size');
  checkBootstrap(line);
}

function checkBootstrap(line: ProducerLine): void {
  const text = line.valueOf('bootstrap-server') ?? '';
  if (text.trim() === '') line.refuseOrAsk('Error while validating the bootstrap address\n', ['bootstrap-server']);
  const problem = bootstrapAddressProblem(text);
  if (problem !== undefined) line.refuse(problem);
}

function eitherName(line: ProducerLine, now: Name, before: Name): Name {
  return line.has(before) ? before : now;
}

function fileOf(line: ProducerLine, name: Name, io: ToolIo): Properties {
  const path = line.has(name) ? line.valueOf(name) : undefined;
  return path === undefined ? new Map() : readPropertiesFile(path, io.cwd);
}

/** What the line reader gets. */
export function readerProperties(line: ProducerLine, io: ToolIo): Properties {
  const properties = fileOf(line, 'reader-config', io);
  properties.set('topic', line.valueOf('topic') ?? '');
  const given = parseKeyValues(line.valuesOf(eitherName(line, 'reader-property', 'property')));
  for (const [name, value] of given) properties.set(name, value);
  return properties;
}

/** Options that stand for a setting: typed ones win, defaults give way to what files and properties say. */
const SETTING_OPTIONS: readonly (readonly [setting: string, option: Name, type: 'string' | 'int' | 'long'])[] = [
  ['linger.ms', 'timeout', 'long'],
  ['acks', 'request-required-acks', 'string'],
  ['request.timeout.ms', 'request-timeout-ms', 'int'],
  ['retries', 'message-send-max-retries', 'int'],
  ['retry.backoff.ms', 'retry-backoff-ms', 'long'],
  ['send.buffer.bytes', 'socket-buffer-size', 'int'],
  ['buffer.memory', 'max-memory-bytes', 'long'],
  ['batch.size', 'batch-size', 'int'],
  ['batch.size', 'max-partition-memory-bytes', 'int'],
  ['metadata.max.age.ms', 'metadata-expiry-ms', 'long'],
  ['max.block.ms', 'max-block-ms', 'long'],
];

// An option without value asks for gzip; properties cannot set the codec.
function codecOf(line: ProducerLine): string {
  if (!line.has('compression-codec')) return 'none';
  const codec = line.valueOf('compression-codec');
  return codec === undefined || codec === '' ? 'gzip' : codec;
}

function givenProperties(line: ProducerLine, io: ToolIo): Properties {
  const properties = fileOf(line, eitherName(line, 'command-config', 'producer.config'), io);
  const given = parseKeyValues(line.valuesOf(eitherName(line, 'command-property', 'producer-property')));
  for (const [name, value] of given) properties.set(name, value);
  return properties;
}

/** Whether the user chose batch.size, in whatever way. */
export function hasBatchSize(line: ProducerLine, io: ToolIo): boolean {
  return line.count('batch-size', 'max-partition-memory-bytes') > 0 || givenProperties(line, io).has('batch.size');
}

/** The producer's settings by Kafka's names. Throws JoptError, and Node's error of a file that cannot be read. */
export function producerProperties(line: ProducerLine, io: ToolIo): Properties {
  const properties = givenProperties(line, io);
  properties.set('bootstrap.servers', line.valueOf('bootstrap-server') ?? '');
  properties.set('compression.type', codecOf(line));
  if (!properties.has('client.id')) properties.set('client.id', 'console-producer');
  for (const [setting, option, type] of SETTING_OPTIONS) {
    if (!line.has(option) && properties.has(setting)) continue;
    const number = { string: () => undefined, int: () => line.integerOf(option), long: () => line.longOf(option) };
    const value = number[type]() ?? line.valueOf(option);
    if (value !== undefined) properties.set(setting, String(value));
  }
  return properties;
}
