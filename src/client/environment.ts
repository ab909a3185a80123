import { type Clock, systemClock } from '../base/clock.ts';
import { type Logger, silentLogger } from '../base/logger.ts';
import { type Random, systemRandom } from '../base/random.ts';

/** What a client takes from outside: time, chance, and where its warnings go. */
export interface ClientEnvironment {
  readonly clock: Clock;
  readonly random: Random;
  /** Gets the lines that Kafka's clients log, without time and level. */
  readonly logger: Logger;
}

export const defaultEnvironment: ClientEnvironment = {
  clock: systemClock,
  random: systemRandom,
  logger: silentLogger,
};

/** What every request says of the software that sent it (KIP-511). */
export const CLIENT_SOFTWARE_NAME = 'ottla';
export const CLIENT_SOFTWARE_VERSION = '0.1.0';
