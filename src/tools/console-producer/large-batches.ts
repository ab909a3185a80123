import { ConfigResourceType, describeConfigs } from '../../client/admin/configs.ts';
import type { Producer } from '../../client/producer.ts';

/** Much larger batches bring nothing more, and a request holds 1 MiB at most. */
const LARGE_BATCH_BYTES = 512 * 1024;
/** A batch may be this much larger than the records that it was planned for. */
const SLACK_BYTES = 1024;

/**
 * Lets batches grow beyond batch.size while the broker is slower than the input, which saves both sides a request for
 * every 16 KB. Only as far as the topic takes such batches; without the right to see its limit nothing changes.
 */
export async function allowLargeBatches(producer: Producer, topic: string): Promise<void> {
  try {
    const resources = [{ type: ConfigResourceType.TOPIC, name: topic }];
    const [described] = await describeConfigs(producer.client, resources);
    const limit = described?.entries.find((entry) => entry.name === 'max.message.bytes')?.value;
    if (limit === undefined || limit === null) return;
    producer.backlogBatchBytes = Math.max(0, Math.min(LARGE_BATCH_BYTES, Number(limit) - SLACK_BYTES));
  } catch {
    // A producer that may not look at configs works as before.
  }
}
