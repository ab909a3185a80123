import type { Clock, Timer } from '../../base/clock.ts';
import type { BrokerConfig } from '../configs/broker-config.ts';
import { type MetadataRecord, metadataRecord } from '../metadata-record.ts';
import type { BrokerSessions } from './broker-sessions.ts';
import type { ControllerState } from './controller-state.ts';
import { balanceLeaders, electUncleanLeaders } from './elections.ts';
import { fenceBroker } from './partition-updates.ts';

type RunTask = (name: string, decide: (state: ControllerState) => readonly MetadataRecord[]) => void;

/** Most elections that one round of a task makes. */
const MAX_ELECTIONS = 1000;

/** What the active controller does without being asked. */
export class PeriodicTasks {
  readonly #clock: Clock;
  readonly #config: BrokerConfig;
  readonly #sessions: BrokerSessions;
  readonly #run: RunTask;
  readonly #timers = new Map<string, Timer>();
  #offsetAtLastCheck = -1;

  constructor(clock: Clock, config: BrokerConfig, sessions: BrokerSessions, run: RunTask) {
    this.#clock = clock;
    this.#config = config;
    this.#sessions = sessions;
    this.#run = run;
  }

  start(): void {
    this.#fenceExpired();
    const idleMs = this.#config.number('metadata.max.idle.interval.ms');
    if (idleMs > 0) this.#every('write a no-op record', idleMs, (state) => this.#noOp(state));
    if (this.#config.boolean('auto.leader.rebalance.enable')) {
      const intervalMs = this.#config.number('leader.imbalance.check.interval.seconds') * 1000;
      this.#every('balance partition leaders', intervalMs, (state) => balanceLeaders(state, MAX_ELECTIONS));
    }
    const uncleanMs = this.#config.number('unclean.leader.election.interval.ms');
    this.#every('elect unclean leaders', uncleanMs, (state) => electUncleanLeaders(state, MAX_ELECTIONS));
  }

  stop(): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    this.#offsetAtLastCheck = -1;
  }

  #every(name: string, intervalMs: number, decide: (state: ControllerState) => readonly MetadataRecord[]): void {
    const timer = this.#clock.schedule(intervalMs, () => {
      this.#every(name, intervalMs, decide);
      this.#run(name, decide);
    });
    this.#timers.set(name, timer);
  }

  // The log must go on when nothing happens, so that lag can be told from silence (KIP-835).
  #noOp(state: ControllerState): MetadataRecord[] {
    const offset = state.nextOffset();
    const isIdle = offset === this.#offsetAtLastCheck;
    this.#offsetAtLastCheck = isIdle ? offset + 1 : offset;
    return isIdle ? [metadataRecord('NoOpRecord', {})] : [];
  }

  // One broker at a time, so that what fencing it changed is seen when the next is fenced.
  #fenceExpired(): void {
    for (let id = this.#sessions.takeExpired(); id !== undefined; id = this.#sessions.takeExpired()) {
      const expired = id;
      this.#run(`fence broker ${expired}`, (state) => {
        const broker = state.image.brokers.get(expired);
        if (broker === undefined) return [];
        state.logger.warn(`broker ${expired} is fenced: its session has timed out`);
        state.sessions.touch(expired, true, -1);
        return fenceBroker(state, expired, broker.epoch);
      });
    }
    const sessionTimeoutMs = this.#config.number('broker.session.timeout.ms');
    const delayMs = Math.min(this.#sessions.msUntilNextExpiry() ?? sessionTimeoutMs, sessionTimeoutMs);
    // Beyond the moment of expiry, lest rounding brings us back here without anybody expired.
    this.#timers.set(
      'fence',
      this.#clock.schedule(delayMs + 1, () => this.#fenceExpired()),
    );
  }
}
