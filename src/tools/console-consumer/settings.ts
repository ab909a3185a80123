import type { Random } from '../../base/random.ts';
import type { CommandLine } from '../shared/command-line.ts';
import { javaMessageOf } from '../shared/java-errors.ts';
import { clusterNames } from '../shared/names.ts';
import { type Properties, parseKeyValues, readPropertiesFile } from '../shared/properties.ts';
import { ToolExit, type ToolIo } from '../shared/tool.ts';
import type { CONSOLE_CONSUMER_OPTIONS } from './options.ts';

export type ConsumerLine = CommandLine<typeof CONSOLE_CONSUMER_OPTIONS>;
type Name = keyof typeof CONSOLE_CONSUMER_OPTIONS & string;

/** What the command line asks for, checked. */
export interface ConsumerSettings {
  /** Settings of the consumer by Kafka's names. */
  readonly properties: Properties;
  readonly topic: string | undefined;
  /** Pattern over topic names, when there is no topic. */
  readonly include: string | undefined;
  /** The one partition to read, outside any group. */
  readonly partition: number | undefined;
  readonly offset: number | 'earliest' | 'latest';
  /** undefined = for ever. */
  readonly timeoutMs: number | undefined;
  readonly formatterClass: string;
  readonly formatterProperties: Properties;
}

const RANDOM_GROUPS = 100_000;

function deprecated(line: ConsumerLine, io: ToolIo, before: Name, now: Name): Name {
  if (!line.has(before)) return now;
  const notes = line.output === 'json' ? io.stderr : io.stdout;
  notes.write(`Option --${before} is deprecated and will be removed in a future version. Use --${now} instead.\n`);
  return before;
}

function refuseBoth(line: ConsumerLine, before: Name, now: Name): void {
  if (line.has(before) && line.has(now)) {
    line.refuse(`Options --${before} and --${now} cannot be specified together.`);
  }
}

function checkRequired(line: ConsumerLine, io: ToolIo): void {
  const sources = line.count('topic', 'include');
  if (sources !== 1) {
    const message = 'Exactly one of the following arguments is required: [topic], [include]';
    if (sources > 1) line.refuse(message);
    // The topics to choose from are asked of the broker.
    if (!line.has('bootstrap-server')) line.refuseOrAsk(message, ['bootstrap-server']);
    line.refuseOrAsk(message, ['topic'], clusterNames(io, line.valueOf('bootstrap-server')));
  }
  if (line.integerOf('partition') !== undefined) {
    if (!line.has('topic')) line.refuse('The topic is required when partition is specified.');
    if (line.has('from-beginning') && line.has('offset')) {
      line.refuse('Options from-beginning and offset cannot be specified together.');
    }
  } else if (line.has('offset')) line.refuse('The partition is required when offset is specified.');
  line.require('bootstrap-server');
}

function fileOf(line: ConsumerLine, name: Name, io: ToolIo): Properties {
  const path = line.has(name) ? line.valueOf(name) : undefined;
  return path === undefined ? new Map() : readPropertiesFile(path, io.cwd);
}

function groupIdOf(line: ConsumerLine, fromFile: Properties, given: Properties): string | undefined {
  const ids = new Set(
    [line.has('group') ? line.valueOf('group') : undefined, fromFile.get('group.id'), given.get('group.id')].filter(
      (id) => id !== undefined,
    ),
  );
  if (ids.size > 1) {
    const list = [...ids].map((id) => `'${id}'`).join(', ');
    line.refuse(
      "The group ids provided in different places (directly using '--group', via '--consumer-property', or via " +
        `'--consumer.config') do not match. Detected group ids: ${list}`,
    );
  }
  if (ids.size > 0 && line.has('partition')) line.refuse('Options group and partition cannot be specified together.');
  return [...ids][0];
}

// An explicit property wins; --from-beginning cannot be said together with another one.
function setOffsetReset(line: ConsumerLine, properties: Properties): void {
  const given = properties.get('auto.offset.reset');
  const fromBeginning = line.has('from-beginning');
  if (given === undefined) {
    properties.set('auto.offset.reset', fromBeginning ? 'earliest' : 'latest');
  } else if (fromBeginning && given !== 'earliest') {
    const both = `--from-beginning and 'auto.offset.reset=${given}'`;
    throw new ToolExit(1, { stderr: `Can't simultaneously specify ${both}, please remove one option\n` });
  }
}

function consumerProperties(line: ConsumerLine, io: ToolIo): Properties {
  refuseBoth(line, 'consumer-property', 'command-property');
  refuseBoth(line, 'consumer.config', 'command-config');
  const propertyName = deprecated(line, io, 'consumer-property', 'command-property');
  const configName = deprecated(line, io, 'consumer.config', 'command-config');
  const fromFile = fileOf(line, configName, io);
  const given = parseKeyValues(line.valuesOf(propertyName));
  const groupId = groupIdOf(line, fromFile, given);
  const properties: Properties = new Map([...fromFile, ...given]);
  setOffsetReset(line, properties);
  properties.set('bootstrap.servers', line.valueOf('bootstrap-server') ?? '');
  if (!properties.has('client.id')) properties.set('client.id', 'console-consumer');
  if (line.has('isolation-level') || !properties.has('isolation.level')) {
    properties.set('isolation.level', line.valueOf('isolation-level') ?? '');
  }
  properties.set('group.id', groupId ?? randomGroup(io.random));
  // The offsets of a group whose name nobody knows are of no use.
  if (groupId === undefined && !properties.has('enable.auto.commit')) properties.set('enable.auto.commit', 'false');
  return properties;
}

function randomGroup(random: Random): string {
  return `console-consumer-${random.int(RANDOM_GROUPS)}`;
}

function offsetOf(line: ConsumerLine): number | 'earliest' | 'latest' {
  if (!line.has('offset')) return line.has('from-beginning') ? 'earliest' : 'latest';
  const text = line.valueOf('offset') ?? '';
  const name = text.toLowerCase();
  if (name === 'earliest' || name === 'latest') return name;
  const offset = /^\+?\d{1,19}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(offset)) return offset;
  return line.refuse(
    `The provided offset value '${text}' is incorrect. Valid values are 'earliest', 'latest', or a non-negative long.`,
  );
}

function formatterProperties(line: ConsumerLine, io: ToolIo): Properties {
  refuseBoth(line, 'property', 'formatter-property');
  const name = deprecated(line, io, 'property', 'formatter-property');
  let properties: Properties;
  try {
    properties = fileOf(line, 'formatter-config', io);
  } catch (error) {
    return line.refuse(javaMessageOf(error));
  }
  for (const option of ['key-deserializer', 'value-deserializer'] as const) {
    const className = line.valueOf(option);
    if (className !== undefined && className !== '') properties.set(option.replace('-', '.'), className);
  }
  for (const [property, value] of parseKeyValues(line.valuesOf(name))) properties.set(property, value);
  return properties;
}

/** Reads the command line with the checks of Kafka's tool in its order. Throws ToolExit, JoptError and errors of files. */
export function readSettings(line: ConsumerLine, io: ToolIo): ConsumerSettings {
  checkRequired(line, io);
  const properties = consumerProperties(line, io);
  const offset = offsetOf(line);
  const timeoutMs = line.longOf('timeout-ms');
  return {
    properties,
    topic: line.valueOf('topic'),
    include: line.valueOf('include'),
    partition: line.integerOf('partition'),
    offset,
    timeoutMs: timeoutMs === undefined || timeoutMs < 0 ? undefined : timeoutMs,
    formatterClass: line.valueOf('formatter') ?? '',
    formatterProperties: formatterProperties(line, io),
  };
}
