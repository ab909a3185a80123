/** What a leader knows of one follower, learned from the follower's fetches. */
export class ReplicaState {
  readonly brokerId: number;
  /** Everything below it the follower has; -1 until its first fetch. */
  logEndOffset = -1;
  logStartOffset = -1;
  /** Epoch of the broker's registration that fetched last (-1: it did not tell); undefined until its first fetch. */
  brokerEpoch: number | undefined;
  /** When it had last caught up with what was the leader's end at that time. */
  lastCaughtUpTimeMs: number;
  #lastFetchTimeMs = 0;
  #leaderEndOffsetAtLastFetch = 0;

  constructor(brokerId: number, lastCaughtUpTimeMs = 0) {
    this.brokerId = brokerId;
    this.lastCaughtUpTimeMs = lastCaughtUpTimeMs;
  }

  /** The same leader leads in a new epoch: members of the ISR count as caught up until they had the time to fetch. */
  epochBegan(isInSync: boolean, nowMs: number, leaderEndOffset: number): void {
    this.lastCaughtUpTimeMs = isInSync ? nowMs : 0;
    this.#lastFetchTimeMs = this.lastCaughtUpTimeMs;
    this.#leaderEndOffsetAtLastFetch = leaderEndOffset;
  }

  /** A fetch at `fetchOffset` says that the follower has everything below. */
  update(
    fetchOffset: number,
    logStartOffset: number,
    timeMs: number,
    leaderEndOffset: number,
    brokerEpoch: number,
  ): void {
    if (fetchOffset >= leaderEndOffset) this.lastCaughtUpTimeMs = Math.max(this.lastCaughtUpTimeMs, timeMs);
    else if (fetchOffset >= this.#leaderEndOffsetAtLastFetch) {
      // It has what the leader had at its previous fetch: it had caught up then.
      this.lastCaughtUpTimeMs = Math.max(this.lastCaughtUpTimeMs, this.#lastFetchTimeMs);
    }
    this.logEndOffset = fetchOffset;
    this.logStartOffset = logStartOffset;
    this.brokerEpoch = brokerEpoch;
    this.#lastFetchTimeMs = timeMs;
    this.#leaderEndOffsetAtLastFetch = Math.max(leaderEndOffset, this.#leaderEndOffsetAtLastFetch);
  }

  isCaughtUp(leaderEndOffset: number, nowMs: number, maxLagMs: number): boolean {
    return leaderEndOffset === this.logEndOffset || nowMs - this.lastCaughtUpTimeMs <= maxLagMs;
  }
}
