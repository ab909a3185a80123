import type { Clock } from '../../base/clock.ts';

const MAX_SAMPLES = 500_000;
const BYTES_PER_MB = 1024 * 1024;

/** Counts, rates and latencies of acknowledged records, printed as Kafka's producer performance tool prints them. */
export class PerfStats {
  readonly #clock: Clock;
  readonly #print: (line: string) => void;
  readonly #reportingIntervalMs: number;
  readonly #isSteadyState: boolean;
  readonly #startMs: number;
  readonly #sampling: number;
  readonly #latencies: Int32Array;
  #samples = 0;
  #count = 0;
  #bytes = 0;
  #totalLatencyMs = 0;
  #maxLatencyMs = 0;
  #windowStartMs: number;
  #windowCount = 0;
  #windowBytes = 0;
  #windowLatencyMs = 0;
  #windowMaxLatencyMs = 0;
  /** No window is printed any more, only the total. */
  isQuiet = false;

  /** @param expectedRecords how many records will come at most; half a million latencies are kept */
  constructor(
    clock: Clock,
    print: (line: string) => void,
    expectedRecords: number,
    reportingIntervalMs: number,
    isSteadyState: boolean,
  ) {
    this.#clock = clock;
    this.#print = print;
    this.#reportingIntervalMs = reportingIntervalMs;
    this.#isSteadyState = isSteadyState;
    this.#startMs = clock.nowMs();
    this.#windowStartMs = this.#startMs;
    this.#sampling = Math.floor(expectedRecords / Math.min(expectedRecords, MAX_SAMPLES));
    this.#latencies = new Int32Array(Math.floor(expectedRecords / this.#sampling) + 1);
  }

  get count(): number {
    return this.#count;
  }

  /** Takes one acknowledged record. */
  record(latencyMs: number, bytes: number, nowMs: number): void {
    if (this.#count % this.#sampling === 0) this.#latencies[this.#samples++] = latencyMs;
    this.#count++;
    this.#bytes += bytes;
    this.#totalLatencyMs += latencyMs;
    if (latencyMs > this.#maxLatencyMs) this.#maxLatencyMs = latencyMs;
    this.#windowCount++;
    this.#windowBytes += bytes;
    this.#windowLatencyMs += latencyMs;
    if (latencyMs > this.#windowMaxLatencyMs) this.#windowMaxLatencyMs = latencyMs;
    if (nowMs - this.#windowStartMs >= this.#reportingIntervalMs) this.#endWindow();
  }

  #endWindow(): void {
    if (this.#isSteadyState && this.#count === this.#windowCount) this.#print('In steady state.');
    if (!this.isQuiet) {
      const seconds = (this.#clock.nowMs() - this.#windowStartMs) / 1000;
      const rate = `${(this.#windowCount / seconds).toFixed(1)} records/sec`;
      const throughput = `(${(this.#windowBytes / seconds / BYTES_PER_MB).toFixed(2)} MB/sec)`;
      const average = `${(this.#windowLatencyMs / this.#windowCount).toFixed(1)} ms avg latency`;
      const max = `${this.#windowMaxLatencyMs.toFixed(1)} ms max latency`;
      this.#print(`${this.#windowCount} records sent, ${rate} ${throughput}, ${average}, ${max}.`);
    }
    this.#windowStartMs = this.#clock.nowMs();
    this.#windowCount = 0;
    this.#windowBytes = 0;
    this.#windowLatencyMs = 0;
    this.#windowMaxLatencyMs = 0;
  }

  /** The figures of the whole run. */
  summary() {
    const seconds = (this.#clock.nowMs() - this.#startMs) / 1000;
    const sorted = this.#latencies.slice(0, this.#samples).sort();
    const percentile = (share: number) => sorted[Math.floor(share * sorted.length)] ?? 0;
    return {
      records: this.#count,
      recordsPerSec: this.#count / seconds,
      mbPerSec: this.#bytes / seconds / BYTES_PER_MB,
      avgLatencyMs: this.#totalLatencyMs / this.#count,
      maxLatencyMs: this.#maxLatencyMs,
      p50Ms: percentile(0.5),
      p95Ms: percentile(0.95),
      p99Ms: percentile(0.99),
      p999Ms: percentile(0.999),
    };
  }

  printTotal(): void {
    const total = this.summary();
    const rate = `${total.recordsPerSec.toFixed(6)} records/sec (${total.mbPerSec.toFixed(2)} MB/sec)`;
    const latencies = `${total.avgLatencyMs.toFixed(2)} ms avg latency, ${total.maxLatencyMs.toFixed(2)} ms max latency`;
    const percentiles = `${total.p50Ms} ms 50th, ${total.p95Ms} ms 95th, ${total.p99Ms} ms 99th, ${total.p999Ms} ms 99.9th`;
    const steady = this.#isSteadyState ? ' steady state' : '';
    this.#print(`${total.records}${steady} records sent, ${rate}, ${latencies}, ${percentiles}.`);
  }
}
