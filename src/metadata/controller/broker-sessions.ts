import type { Clock } from '../../base/clock.ts';

interface Session {
  epoch: number;
  fenced: boolean;
  /** monotonicMs of the last sign of life; undefined once the session ran out. */
  lastContactMs: number | undefined;
  /** Offset that the broker said it has applied; -1 when it has not said. */
  metadataOffset: number;
  /** Offset by which the broker's leaderships were moved away; -1 when it is not in controlled shutdown. */
  controlledShutdownOffset: number;
}

/**
 * Who is alive, as the active controller sees it. Not replicated: a new active controller gives every broker a fresh
 * session.
 */
export class BrokerSessions {
  readonly #clock: Clock;
  readonly #sessionTimeoutMs: number;
  readonly #sessions = new Map<number, Session>();

  constructor(clock: Clock, sessionTimeoutMs: number) {
    this.#clock = clock;
    this.#sessionTimeoutMs = sessionTimeoutMs;
  }

  clear(): void {
    this.#sessions.clear();
  }

  /** A broker registered, or is known from the log. */
  register(id: number, epoch: number, fenced: boolean): void {
    const known = this.#sessions.get(id);
    const isSame = known !== undefined && known.epoch === epoch;
    this.#sessions.set(id, {
      epoch,
      fenced,
      lastContactMs: isSame ? known.lastContactMs : undefined,
      metadataOffset: isSame ? known.metadataOffset : -1,
      controlledShutdownOffset: isSame && !fenced ? known.controlledShutdownOffset : -1,
    });
  }

  remove(id: number): void {
    this.#sessions.delete(id);
  }

  /** The broker was heard of: its session starts anew. */
  contact(id: number): void {
    const session = this.#sessions.get(id);
    if (session !== undefined) session.lastContactMs = this.#clock.monotonicMs();
  }

  /** Takes note of what the broker's heartbeat said and what state it is in now. */
  touch(id: number, fenced: boolean, metadataOffset: number): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    session.fenced = fenced;
    session.metadataOffset = metadataOffset;
    if (fenced) session.controlledShutdownOffset = -1;
  }

  hasValidSession(id: number, epoch: number): boolean {
    const session = this.#sessions.get(id);
    return session !== undefined && session.epoch === epoch && this.#isAlive(session);
  }

  isShuttingDown(id: number): boolean {
    return this.controlledShutdownOffset(id) >= 0;
  }

  /** -1 when it is not in controlled shutdown. */
  controlledShutdownOffset(id: number): number {
    return this.#sessions.get(id)?.controlledShutdownOffset ?? -1;
  }

  /** The broker's leaderships are moved away by the records up to `offset`; the first call counts. */
  enterControlledShutdown(id: number, offset: number): void {
    const session = this.#sessions.get(id);
    if (session !== undefined && session.controlledShutdownOffset < 0) session.controlledShutdownOffset = offset;
  }

  /** The smallest offset that an active broker has applied; Infinity when there is no active broker. */
  lowestActiveOffset(): number {
    let lowest = Number.POSITIVE_INFINITY;
    for (const session of this.#sessions.values()) {
      const isActive = !session.fenced && session.controlledShutdownOffset < 0;
      if (isActive && session.metadataOffset < lowest) lowest = session.metadataOffset;
    }
    return lowest;
  }

  /** One unfenced broker whose session ran out; the session is over then. */
  takeExpired(): number | undefined {
    for (const [id, session] of this.#sessions) {
      if (session.lastContactMs === undefined || this.#isAlive(session)) continue;
      session.lastContactMs = undefined;
      if (!session.fenced) return id;
    }
    return undefined;
  }

  /** How long until the next session can run out, in ms; undefined when there is none. */
  msUntilNextExpiry(): number | undefined {
    let earliest: number | undefined;
    for (const { lastContactMs } of this.#sessions.values()) {
      if (lastContactMs !== undefined && (earliest === undefined || lastContactMs < earliest)) earliest = lastContactMs;
    }
    if (earliest === undefined) return undefined;
    return Math.max(0, earliest + this.#sessionTimeoutMs - this.#clock.monotonicMs());
  }

  #isAlive(session: Session): boolean {
    if (session.lastContactMs === undefined) return false;
    return session.lastContactMs + this.#sessionTimeoutMs > this.#clock.monotonicMs();
  }
}
