import { partitionName, type TopicPartition } from '../../client/index.ts';
import { JavaException } from '../shared/java-errors.ts';
import { arrayIn, integerIn, objectOf, parseJson, readJsonFile, stringIn } from '../shared/json-file.ts';

/** Where the replicas of a partition shall be. */
export interface PlannedPartition extends TopicPartition {
  readonly replicas: readonly number[];
  /** A directory for each replica, or `any`. */
  readonly logDirs: readonly string[];
}

export const ANY_LOG_DIR = 'any';

export function commandFailed(message: string): JavaException {
  return new JavaException('org.apache.kafka.tools.AdminCommandFailedException', message);
}

export function operationFailed(message: string): JavaException {
  return new JavaException('org.apache.kafka.tools.AdminOperationException', message);
}

function documentIn(path: string, cwd: string): Readonly<Record<string, unknown>> {
  const value = parseJson(readJsonFile(path, cwd));
  if (value === undefined) throw operationFailed('The input string is not a valid JSON');
  const document = objectOf(value);
  const version = 'version' in document ? integerIn(document, 'version') : 1;
  if (version !== 1) throw operationFailed(`Not supported version field value ${version}`);
  return document;
}

function plannedPartition(item: unknown): PlannedPartition {
  const entry = objectOf(item);
  const topic = stringIn(entry, 'topic');
  const partition = integerIn(entry, 'partition');
  const replicas = arrayIn(entry, 'replicas').map((_, i, all) => integerIn({ replica: all[i] }, 'replica'));
  const logDirs = 'log_dirs' in entry ? arrayIn(entry, 'log_dirs').map(String) : replicas.map(() => ANY_LOG_DIR);
  if (replicas.length !== logDirs.length) {
    throw commandFailed(
      `Size of replicas list [${replicas.join(', ')}] is different from size of log dirs list ` +
        `[${logDirs.join(', ')}] for partition ${partitionName(topic, partition)}`,
    );
  }
  return { topic, partition, replicas, logDirs };
}

/** Reads a `--reassignment-json-file`. Throws JavaException with Kafka's texts. */
export function readPlan(path: string, cwd: string): PlannedPartition[] {
  const document = documentIn(path, cwd);
  return 'partitions' in document ? arrayIn(document, 'partitions').map(plannedPartition) : [];
}

function repeated<T>(items: readonly T[]): T[] {
  return [...new Set(items.filter((item, i) => items.indexOf(item) !== i))];
}

/** What `--execute` demands of a plan beyond its form. */
export function checkPlan(plan: readonly PlannedPartition[]): void {
  if (plan.length === 0) throw commandFailed('Partition reassignment list cannot be empty');
  const empty = plan.find(({ replicas }) => replicas.length === 0);
  if (empty !== undefined) throw commandFailed('Partition replica list cannot be empty');
  const twice = repeated(plan.map(({ topic, partition }) => partitionName(topic, partition)));
  if (twice.length > 0) {
    throw commandFailed(`Partition reassignment contains duplicate topic partitions: ${twice.join(',')}`);
  }
  const doubled = plan.filter(({ replicas }) => repeated(replicas).length > 0);
  if (doubled.length > 0) {
    const texts = doubled.map(({ topic, partition, replicas }) => {
      return `${partitionName(topic, partition)} contains multiple entries for ${repeated(replicas).join(',')}`;
    });
    throw commandFailed(`Partition replica lists may not contain duplicate entries: ${texts.join('. ')}`);
  }
}

/** Reads a `--topics-to-move-json-file`. */
export function readTopics(path: string, cwd: string): string[] {
  const document = documentIn(path, cwd);
  const topics =
    'topics' in document ? arrayIn(document, 'topics').map((item) => stringIn(objectOf(item), 'topic')) : [];
  const twice = repeated(topics);
  if (twice.length > 0) {
    throw commandFailed(`List of topics to reassign contains duplicate entries: [${twice.join(', ')}]`);
  }
  return topics;
}

/** Reads `--broker-list`. */
export function readBrokers(text: string): number[] {
  const brokers = text.split(',').map((part) => {
    if (!/^[+-]?\d+$/.test(part)) {
      throw new JavaException('java.lang.NumberFormatException', `For input string: "${part}"`);
    }
    return Number(part);
  });
  const twice = repeated(brokers);
  if (twice.length > 0) throw commandFailed(`Broker list contains duplicate entries: [${twice.join(', ')}]`);
  return brokers;
}
