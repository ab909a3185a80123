import { illegalArgument, JavaException, numberFormat } from '../shared/java-errors.ts';

function parseBroker(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw numberFormat(text);
  return Number(text);
}

/** `1:2,2:3`: the replicas of each partition, the preferred leader first. Throws with Kafka's texts. */
export function parseReplicaAssignment(text: string): Map<number, number[]> {
  const assignment = new Map<number, number[]>();
  for (const [partition, list] of text.split(',').entries()) {
    const brokers = list.split(':').map((broker) => parseBroker(broker.trim()));
    const repeated = brokers.filter((broker, i) => brokers.indexOf(broker) !== i);
    if (repeated.length > 0) {
      throw new JavaException(
        'org.apache.kafka.tools.AdminCommandFailedException',
        `Partition replica lists may not contain duplicate entries: ${[...new Set(repeated)].join(',')}`,
      );
    }
    assignment.set(partition, brokers);
    if (brokers.length !== assignment.get(0)?.length) {
      throw new JavaException(
        'org.apache.kafka.tools.AdminOperationException',
        `Partition ${partition} has different replication factor: [${brokers.join(', ')}]`,
      );
    }
  }
  return assignment;
}

/** The `name=value` texts of `--config`; one `=` each and a value behind it. Throws with Kafka's text. */
export function parseTopicConfigs(texts: readonly string[]): Map<string, string> {
  const configs = new Map<string, string>();
  for (const text of texts) {
    // Java's split drops empty parts at the end: `a=` is one part, `a==` too.
    const parts = text.replace(/(\s*=\s*)+$/, '').split(/\s*=\s*/);
    const [name, value] = parts;
    if (parts.length !== 2 || name === undefined || value === undefined) {
      throw illegalArgument(
        'requirement failed: Invalid topic config: all configs to be added must be in the format "key=val".',
      );
    }
    configs.set(name.trim(), value.trim());
  }
  return configs;
}
