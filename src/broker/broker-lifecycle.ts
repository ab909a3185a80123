import type { Clock, Timer } from '../base/clock.ts';
import { KafkaError } from '../base/kafka-error.ts';
import type { Logger } from '../base/logger.ts';
import type { BrokerRegistrationRequest } from '../protocol/messages/62-broker-registration.ts';
import type { BrokerHeartbeatResponseInput } from '../protocol/messages/63-broker-heartbeat.ts';
import type { ControllerChannel } from './controller-channel.ts';

export interface BrokerLifecycleOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly channel: Pick<ControllerChannel, 'registerBroker' | 'heartbeat'>;
  /** What to register; asked for each time. */
  registration(): BrokerRegistrationRequest;
  /** `broker.heartbeat.interval.ms`. */
  readonly heartbeatIntervalMs: number;
  /** `initial.broker.registration.timeout.ms`. */
  readonly registrationTimeoutMs: number;
  /** Offset of the last metadata record that was applied. */
  metadataOffset(): number;
  /** All metadata up to the registration is known: the broker may load its logs. Called once. */
  readonly onCaughtUp: () => void;
  /** The controller lets clients have the broker. Called once. */
  readonly onUnfenced: () => void;
  /** The broker can never join; called at most once. */
  readonly onFatal: (error: KafkaError) => void;
}

const RETRY_MS = 50;
/** Errors of a registration that go away by themselves. */
const RETRIABLE: ReadonlySet<string> = new Set([
  'DUPLICATE_BROKER_REGISTRATION',
  'REQUEST_TIMED_OUT',
  'UNKNOWN_SERVER_ERROR',
]);

/**
 * A broker's life as the controller knows it: registers, tells by heartbeats how far it has come and what it wants, is
 * unfenced, and takes its leave (KIP-631).
 */
export class BrokerLifecycle {
  readonly #options: BrokerLifecycleOptions;
  #brokerEpoch = -1;
  #isCaughtUp = false;
  #wantsFence = true;
  #isUnfenced = false;
  #isFenced = true;
  #wantsShutDown = false;
  #onMayShutDown: (() => void) | undefined;
  #isAsking = false;
  /** Something changed since the heartbeat that is under way was sent. */
  #isStale = false;
  #timer: Timer | undefined;
  #shutDownTimer: Timer | undefined;
  #isClosed = false;
  #lastAnswerMs = 0;
  #registrationDeadlineMs = 0;

  constructor(options: BrokerLifecycleOptions) {
    this.#options = options;
  }

  /** Epoch of this incarnation's registration, -1 before. */
  get brokerEpoch(): number {
    return this.#brokerEpoch;
  }

  /** clock.monotonicMs() when a heartbeat was answered last; 0 = never. */
  get lastAnswerMs(): number {
    return this.#lastAnswerMs;
  }

  get isFenced(): boolean {
    return this.#isFenced;
  }

  /** Registers; does nothing when that was begun before. */
  start(): void {
    if (this.#registrationDeadlineMs !== 0) return;
    this.#registrationDeadlineMs = this.#options.clock.monotonicMs() + this.#options.registrationTimeoutMs;
    this.#register();
  }

  #register(): void {
    if (this.#isClosed) return;
    const { channel, registration } = this.#options;
    channel.registerBroker(
      registration(),
      ({ brokerEpoch = -1 }) => {
        if (this.#isClosed) return;
        this.#brokerEpoch = brokerEpoch;
        this.#heartbeat();
      },
      (error) => this.#registrationFailed(error),
      this.#options.registrationTimeoutMs,
    );
  }

  #registrationFailed(error: KafkaError): void {
    if (this.#isClosed) return;
    const { clock, onFatal, registrationTimeoutMs } = this.#options;
    if (!RETRIABLE.has(error.errorName)) {
      onFatal(new KafkaError(error.errorName, `the controller refused to register this broker: ${error.message}`));
      return;
    }
    if (clock.monotonicMs() >= this.#registrationDeadlineMs) {
      const what = `the broker could not be registered within ${registrationTimeoutMs} ms`;
      onFatal(new KafkaError('REQUEST_TIMED_OUT', `${what}; the last answer was ${error.errorName}`));
      return;
    }
    this.#timer = clock.schedule(RETRY_MS, () => this.#register());
  }

  /** The metadata went on: while the broker is not ready the controller is told at once. */
  metadataAdvanced(): void {
    if (this.#brokerEpoch < 0 || (this.#isCaughtUp && this.#isUnfenced && !this.#wantsShutDown)) return;
    this.#heartbeatSoon(0);
  }

  /** The broker has loaded its logs and wants to be unfenced. */
  ready(): void {
    this.#wantsFence = false;
    this.#heartbeatSoon(0);
  }

  /** Asks to be let go; `done` once the controller has moved the leaderships away, or after `timeoutMs`. */
  shutDown(timeoutMs: number, done: () => void): void {
    if (this.#brokerEpoch < 0 || this.#isClosed) {
      done();
      return;
    }
    const finish = (): void => {
      this.#shutDownTimer?.cancel();
      if (this.#onMayShutDown === undefined) return;
      this.#onMayShutDown = undefined;
      done();
    };
    this.#shutDownTimer = this.#options.clock.schedule(timeoutMs, finish);
    this.#onMayShutDown = finish;
    this.#wantsShutDown = true;
    this.#heartbeatSoon(0);
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#shutDownTimer?.cancel();
  }

  #heartbeatSoon(delayMs: number): void {
    if (this.#isClosed || this.#brokerEpoch < 0) return;
    if (delayMs === 0 && !this.#isAsking) {
      this.#timer?.cancel();
      this.#heartbeat();
      return;
    }
    // One that is under way is followed by another at once, see #settled.
    if (delayMs === 0) this.#isStale = true;
    else {
      this.#timer?.cancel();
      this.#timer = this.#options.clock.schedule(delayMs, () => this.#heartbeat());
    }
  }

  #heartbeat(): void {
    if (this.#isClosed || this.#isAsking) return;
    this.#isAsking = true;
    this.#isStale = false;
    const { channel, registration } = this.#options;
    channel.heartbeat(
      {
        brokerId: registration().brokerId,
        brokerEpoch: this.#brokerEpoch,
        currentMetadataOffset: this.#options.metadataOffset(),
        wantFence: this.#wantsFence,
        wantShutDown: this.#wantsShutDown,
        offlineLogDirs: [],
        // Until it has caught up a broker has nothing to say of its folders.
        cordonedLogDirs: this.#isCaughtUp ? [] : null,
      },
      (response) => {
        this.#isAsking = false;
        this.#answered(response);
        this.#settled();
      },
      (error) => {
        this.#isAsking = false;
        if (!this.#isClosed) this.#options.logger.warn(`a heartbeat was answered ${error.errorName}`);
        this.#settled(RETRY_MS);
      },
    );
  }

  #settled(delayMs = this.#options.heartbeatIntervalMs): void {
    if (this.#isClosed) return;
    if (this.#isStale) this.#heartbeat();
    else if (!this.#isAsking) this.#heartbeatSoon(delayMs);
  }

  #answered(response: BrokerHeartbeatResponseInput): void {
    if (this.#isClosed) return;
    this.#lastAnswerMs = this.#options.clock.monotonicMs();
    const { isCaughtUp = false, isFenced = true, shouldShutDown = false } = response;
    this.#isFenced = isFenced;
    if (isCaughtUp && !this.#isCaughtUp) {
      this.#isCaughtUp = true;
      this.#options.onCaughtUp();
    }
    if (!isFenced && !this.#isUnfenced) {
      this.#isUnfenced = true;
      this.#options.onUnfenced();
    }
    if (shouldShutDown) this.#onMayShutDown?.();
  }
}
