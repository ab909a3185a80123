import type { Clock } from '../../base/clock.ts';

export interface ReplicationQuotaOptions {
  readonly clock: Clock;
  /** Bytes per second, asked for each time: `leader.` or `follower.replication.throttled.rate`. */
  rateBytesPerSecond(): number;
  /** The partitions of a topic that are throttled on this broker; see {@link throttledPartitions}. */
  throttledPartitions(topic: string): ThrottledPartitions;
  /** `replication.quota.window.size.seconds` and `replication.quota.window.num`. */
  readonly windowSizeMs: number;
  readonly windowCount: number;
}

export type ThrottledPartitions = '*' | ReadonlySet<number> | undefined;

interface Window {
  readonly startMs: number;
  bytes: number;
}

/**
 * How much may be replicated of the replicas that a reassignment throttles (KIP-73): bytes of the last windows over
 * their time, as Kafka's SimpleRate counts it.
 */
export class ReplicationQuota {
  readonly #options: ReplicationQuotaOptions;
  /** Asked for on every fetch. */
  readonly #throttled = new Map<string, ThrottledPartitions>();
  #windows: Window[] = [];

  constructor(options: ReplicationQuotaOptions) {
    this.#options = options;
  }

  isThrottled(topic: string, partition: number): boolean {
    let throttled = this.#throttled.get(topic);
    if (throttled === undefined && !this.#throttled.has(topic)) {
      throttled = this.#options.throttledPartitions(topic);
      this.#throttled.set(topic, throttled);
    }
    return throttled === '*' || (throttled?.has(partition) ?? false);
  }

  /** Configs of topics changed. */
  configsChanged(): void {
    this.#throttled.clear();
  }

  record(bytes: number): void {
    const nowMs = this.#options.clock.monotonicMs();
    const last = this.#windows.at(-1);
    if (last !== undefined && nowMs - last.startMs < this.#options.windowSizeMs) last.bytes += bytes;
    else this.#windows.push({ startMs: nowMs, bytes });
    this.#forgetOld(nowMs);
  }

  #forgetOld(nowMs: number): void {
    const { windowSizeMs, windowCount } = this.#options;
    const oldestMs = nowMs - windowSizeMs * windowCount;
    const first = this.#windows.findIndex(({ startMs }) => startMs >= oldestMs);
    if (first > 0) this.#windows.splice(0, first);
    else if (first < 0) this.#windows = [];
  }

  get isExceeded(): boolean {
    const rate = this.#options.rateBytesPerSecond();
    if (!Number.isFinite(rate) || rate >= Number.MAX_SAFE_INTEGER) return false;
    const nowMs = this.#options.clock.monotonicMs();
    this.#forgetOld(nowMs);
    const first = this.#windows[0];
    if (first === undefined) return false;
    let bytes = 0;
    for (const window of this.#windows) bytes += window.bytes;
    // At least one window: the first bytes after a pause are no burst.
    const elapsedMs = Math.max(nowMs - first.startMs, this.#options.windowSizeMs);
    return (bytes * 1000) / elapsedMs > rate;
  }
}

/**
 * Reads `leader.replication.throttled.replicas` or its follower's twin: `*`, or a list of `partition:broker`. Undefined =
 * none, `*` = all partitions, else the partitions that are throttled on `nodeId`.
 */
export function throttledPartitions(value: string, nodeId: number): ThrottledPartitions {
  const text = value.trim();
  if (text === '' || text === 'none') return undefined;
  if (text === '*') return '*';
  const partitions = new Set<number>();
  for (const entry of text.split(',')) {
    const [partition, broker] = entry.trim().split(':');
    if (Number(broker) === nodeId) partitions.add(Number(partition));
  }
  return partitions;
}
