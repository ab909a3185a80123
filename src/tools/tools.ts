import type { ToolModule } from './shared/tool.ts';

/** Every command by its name; each is a file of its own in the package, loaded when it runs. */
const TOOLS: Readonly<Record<string, () => Promise<ToolModule>>> = {
  'kafka-acls': () => import('./acls/command.ts'),
  'kafka-broker-api-versions': () => import('./broker-api-versions/command.ts'),
  'kafka-client-metrics': () => import('./client-metrics/command.ts'),
  'kafka-cluster': () => import('./kafka-cluster/command.ts'),
  'kafka-configs': () => import('./configs/command.ts'),
  'kafka-console-consumer': () => import('./console-consumer/command.ts'),
  'kafka-console-producer': () => import('./console-producer/command.ts'),
  'kafka-console-share-consumer': () => import('./console-share-consumer/command.ts'),
  'kafka-consumer-groups': () => import('./consumer-groups/command.ts'),
  'kafka-consumer-perf-test': () => import('./consumer-perf-test/command.ts'),
  'kafka-delegation-tokens': () => import('./delegation-tokens/command.ts'),
  'kafka-delete-records': () => import('./delete-records/command.ts'),
  'kafka-dump-log': () => import('./dump-log/command.ts'),
  'kafka-e2e-latency': () => import('./e2e-latency/command.ts'),
  'kafka-features': () => import('./features/command.ts'),
  'kafka-get-offsets': () => import('./get-offsets/command.ts'),
  'kafka-groups': () => import('./groups/command.ts'),
  'kafka-leader-election': () => import('./leader-election/command.ts'),
  'kafka-log-dirs': () => import('./log-dirs/command.ts'),
  'kafka-metadata-quorum': () => import('./metadata-quorum/command.ts'),
  'kafka-producer-perf-test': () => import('./producer-perf-test/command.ts'),
  'kafka-reassign-partitions': () => import('./reassign-partitions/command.ts'),
  'kafka-replica-verification': () => import('./replica-verification/command.ts'),
  'kafka-server-start': () => import('./server-start/command.ts'),
  'kafka-share-consumer-perf-test': () => import('./share-consumer-perf-test/command.ts'),
  'kafka-share-groups': () => import('./share-groups/command.ts'),
  'kafka-storage': () => import('./storage/command.ts'),
  'kafka-streams-application-reset': () => import('./streams-application-reset/command.ts'),
  'kafka-streams-groups': () => import('./streams-groups/command.ts'),
  // Often typed so.
  'kafka-topic': () => import('./topics/command.ts'),
  'kafka-topics': () => import('./topics/command.ts'),
  'kafka-transactions': () => import('./transactions/command.ts'),
  'kafka-verifiable-consumer': () => import('./verifiable-consumer/command.ts'),
  'kafka-verifiable-producer': () => import('./verifiable-producer/command.ts'),
  'kafka-verifiable-share-consumer': () => import('./verifiable-share-consumer/command.ts'),
  cluster: () => import('./cluster/command.ts'),
  compose: () => import('./compose/command.ts'),
  serve: () => import('./serve/command.ts'),
};

/** All names, sorted. */
export function toolNames(): string[] {
  return Object.keys(TOOLS).sort();
}

/**
 * Loads a tool by Kafka's name, with or without `.sh`, or by the same name without `kafka-` (`topics`). Undefined when
 * there is none.
 */
export async function loadTool(command: string): Promise<ToolModule | undefined> {
  const plain = command.replace(/\.sh$/, '');
  // A name that every object knows (`constructor`) is none of ours.
  const name = [plain, `kafka-${plain}`].find((one) => Object.hasOwn(TOOLS, one));
  return name === undefined ? undefined : TOOLS[name]?.();
}
