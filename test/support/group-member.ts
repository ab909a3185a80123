import { apacheKafka, BackgroundProcess, until } from './processes.ts';

/** A record as a member was given it. */
export interface Read {
  readonly offset: number;
  readonly value: string;
}

interface RecordData extends Read {
  readonly name: 'record_data';
  readonly partition: number;
}

/**
 * A member of a consumer group: Kafka's verifiable consumer, in a process of its own. It commits exactly what it printed,
 * also when it leaves. Others do not: kafkajs's consumer, told to stop while the list of brokers changes, may leave its last
 * commit out, or go round for ever without a turn of the event loop, so that not even a test's time limit ends it; kcat may
 * commit a record that it did not print.
 */
export class GroupMember {
  readonly #consumer: BackgroundProcess;

  /** Joins `group` and reads `topic` from what is committed, or from the beginning. */
  constructor(bootstrap: string, group: string, topic: string, propertiesPath: string) {
    const where = [
      '--bootstrap-server',
      bootstrap,
      '--group-id',
      group,
      '--topic',
      topic,
      '--reset-policy',
      'earliest',
    ];
    const args = ['kafka-verifiable-consumer', '--verbose', '--command-config', propertiesPath, ...where];
    this.#consumer = new BackgroundProcess(apacheKafka, args, { env: { HEAP: '-Xmx128m' } });
  }

  /** What it has read so far of a partition, in the order in which it came. */
  reads(partition: number): Read[] {
    const { stdout } = this.#consumer;
    const lines = stdout.slice(0, stdout.lastIndexOf('\n')).split('\n');
    return lines.flatMap((line) => {
      if (!line.includes('"record_data"')) return [];
      const record = JSON.parse(line) as RecordData;
      return record.partition === partition ? [record] : [];
    });
  }

  /** Waits until it has read the record at `offset`, or any, of each partition. */
  async untilRead(partitions: readonly number[], offset = 0): Promise<void> {
    await until(
      `the group reads ${offset}`,
      () => {
        const { exit, stdout, stderr } = this.#consumer;
        if (exit !== undefined) throw new Error(`the consumer ended: ${stdout.slice(-2000)}${stderr.slice(-2000)}`);
        return partitions.every((partition) => (this.reads(partition).at(-1)?.offset ?? -1) >= offset);
      },
      60_000,
    );
  }

  /** Commits what it has read and leaves the group. Again is harmless. */
  async leave(): Promise<void> {
    await this.#consumer.stop('SIGTERM').catch(() => this.#consumer.stop('SIGKILL'));
  }
}
