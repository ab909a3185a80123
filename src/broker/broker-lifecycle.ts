import type { Clock, Timer } from '../base/clock.ts';
import { KafkaError } from '../base/kafka-error.ts';
import type { Logger } from '../base/logger.ts';
import { ErrorCode, errorNameOf } from '../protocol/error-codes.ts';
import type {
  BrokerRegistrationRequest,
  BrokerRegistrationResponseInput,
} from '../protocol/messages/62-broker-registration.ts';
import type { BrokerHeartbeatRequest, BrokerHeartbeatResponseInput } from '../protocol/messages/63-broker-heartbeat.ts';

/** Carries a broker's own requests to the active controller, in this process or over the network. */
export interface ControllerChannel {
  /** Calls one of the two exactly once, now or later; `failed` when there is no answer. */
  register(
    request: BrokerRegistrationRequest,
    done: (response: BrokerRegistrationResponseInput) => void,
    failed: (error: unknown) => void,
  ): void;
  heartbeat(
    request: BrokerHeartbeatRequest,
    done: (response: BrokerHeartbeatResponseInput) => void,
    failed: (error: unknown) => void,
  ): void;
}

export interface BrokerLifecycleOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly channel: ControllerChannel;
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
const RETRIABLE: ReadonlySet<number> = new Set([
  ErrorCode.NOT_CONTROLLER,
  ErrorCode.DUPLICATE_BROKER_REGISTRATION,
  ErrorCode.REQUEST_TIMED_OUT,
  ErrorCode.UNKNOWN_SERVER_ERROR,
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
  #isClosed = false;
  #registrationDeadlineMs = 0;

  constructor(options: BrokerLifecycleOptions) {
    this.#options = options;
  }

  /** Epoch of this incarnation's registration, -1 before. */
  get brokerEpoch(): number {
    return this.#brokerEpoch;
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
    channel.register(
      registration(),
      ({ errorCode = 0, brokerEpoch = -1 }) => {
        if (this.#isClosed) return;
        if (errorCode === 0) {
          this.#brokerEpoch = brokerEpoch;
          this.#heartbeat();
        } else this.#registrationFailed(errorCode);
      },
      () => this.#registrationFailed(ErrorCode.NOT_CONTROLLER),
    );
  }

  #registrationFailed(errorCode: number): void {
    if (this.#isClosed) return;
    const { clock, onFatal, registrationTimeoutMs } = this.#options;
    if (!RETRIABLE.has(errorCode)) {
      onFatal(new KafkaError(errorNameOf(errorCode), 'the controller refused to register this broker'));
      return;
    }
    if (clock.monotonicMs() >= this.#registrationDeadlineMs) {
      const what = `the broker could not be registered within ${registrationTimeoutMs} ms`;
      onFatal(new KafkaError('REQUEST_TIMED_OUT', `${what}; the last answer was ${errorNameOf(errorCode)}`));
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
    const deadline = this.#options.clock.schedule(timeoutMs, () => finish());
    const finish = (): void => {
      deadline.cancel();
      if (this.#onMayShutDown === undefined) return;
      this.#onMayShutDown = undefined;
      done();
    };
    this.#onMayShutDown = finish;
    this.#wantsShutDown = true;
    this.#heartbeatSoon(0);
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
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
      () => {
        this.#isAsking = false;
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
    const { errorCode = 0, isCaughtUp = false, isFenced = true, shouldShutDown = false } = response;
    if (errorCode !== 0) {
      this.#options.logger.warn(`a heartbeat was answered ${errorNameOf(errorCode)}`);
      return;
    }
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
