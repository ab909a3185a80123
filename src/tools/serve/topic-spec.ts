/** A topic that is to be there when the broker is ready. */
export interface TopicSpec {
  readonly name: string;
  /** undefined = the broker's default. */
  readonly partitions?: number;
  readonly replicationFactor?: number;
  readonly configs: Readonly<Record<string, string>>;
}

/**
 * Reads `NAME[:PARTITIONS[:RF[:key=value,...]]]`, e.g. `orders:3`, `audit:1:1:cleanup.policy=compact,segment.ms=60000`.
 * A part may be left empty. Throws RangeError that names the part and what was received.
 */
export function parseTopicSpec(text: string): TopicSpec {
  const [name = '', partitions = '', replicationFactor = '', ...rest] = text.split(':');
  if (name === '')
    throw new RangeError(`--topic needs a name in front of the first colon, received ${JSON.stringify(text)}`);
  return {
    name,
    ...(partitions === '' ? {} : { partitions: count('PARTITIONS', partitions, text) }),
    ...(replicationFactor === '' ? {} : { replicationFactor: count('RF', replicationFactor, text) }),
    configs: parseConfigs(rest.join(':'), text),
  };
}

function count(part: string, value: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(value)) {
    throw new RangeError(`${part} of --topic ${text} must be a whole number from 1, received ${JSON.stringify(value)}`);
  }
  return Number(value);
}

// A list value holds commas of its own (cleanup.policy=compact,delete): what has no `=` belongs to the value before.
function parseConfigs(text: string, spec: string): Record<string, string> {
  const configs: Record<string, string> = {};
  let last: string | undefined;
  for (const part of text === '' ? [] : text.split(',')) {
    const at = part.indexOf('=');
    if (at > 0) {
      last = part.slice(0, at).trim();
      configs[last] = part.slice(at + 1).trim();
    } else if (last !== undefined && at < 0) {
      configs[last] += `,${part.trim()}`;
    } else {
      throw new RangeError(`a config of --topic ${spec} must be key=value, received ${JSON.stringify(part)}`);
    }
  }
  // Brackets round a list are how kafka-configs wants it written.
  for (const [name, value] of Object.entries(configs)) configs[name] = value.replace(/^\[(.*)\]$/, '$1');
  return configs;
}
