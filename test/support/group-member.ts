import { BackgroundProcess, until } from './processes.ts';

/** A record as a member was given it. */
export interface Read {
  readonly offset: number;
  readonly value: string;
}

/**
 * A member of a consumer group, kcat in a process of its own, which commits twice a second and when it leaves. Not kafkajs:
 * its consumer, told to stop while the list of brokers changes, now and then leaves its last commit out, and now and then
 * goes round for ever without a turn of the event loop, so that not even a test's time limit ends it.
 */
export class GroupMember {
  readonly #kcat: BackgroundProcess;

  /** Joins `group` and reads `topic` from what is committed, or from the beginning. */
  constructor(bootstrap: string, group: string, topic: string) {
    const settings = [
      'auto.offset.reset=earliest',
      'auto.commit.interval.ms=500',
      'topic.metadata.refresh.interval.ms=1000',
      'session.timeout.ms=10000',
    ].flatMap((setting) => ['-X', setting]);
    const format = ['-f', '%p %o %s\n', '-u', '-q', '-E'];
    this.#kcat = new BackgroundProcess('kcat', ['-b', bootstrap, '-G', group, ...format, ...settings, topic]);
  }

  /** What it has read so far of a partition, in the order in which it came. */
  reads(partition: number): Read[] {
    const lines = this.#kcat.stdout.slice(0, this.#kcat.stdout.lastIndexOf('\n') + 1).split('\n');
    return lines.flatMap((line) => {
      const [from, offset, value = ''] = line.split(' ');
      return Number(from) === partition && offset !== undefined ? [{ offset: Number(offset), value }] : [];
    });
  }

  /** Waits until it has read the record at `offset`, or any, of each partition. */
  async untilRead(partitions: readonly number[], offset?: number): Promise<void> {
    const hasRead = (reads: Read[]): boolean => reads.length > 0 && (offset ?? 0) <= (reads.at(-1)?.offset ?? -1);
    await until(
      `the group reads ${offset ?? 'something'}`,
      () => {
        if (this.#kcat.exit !== undefined) throw new Error(`kcat ended: ${this.#kcat.stderr.slice(-2000)}`);
        return partitions.every((partition) => hasRead(this.reads(partition)));
      },
      60_000,
    );
  }

  /** Commits what it has read and leaves the group. Again is harmless. */
  async leave(): Promise<void> {
    await this.#kcat.stop('SIGTERM', 30_000).catch(() => this.#kcat.stop('SIGKILL'));
  }
}
