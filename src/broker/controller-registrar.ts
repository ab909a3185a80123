import type { Clock, Timer } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { MetadataImage } from '../metadata/metadata-image.ts';
import type { ControllerRegistrationRequest } from '../protocol/messages/70-controller-registration.ts';
import type { ControllerChannel } from './controller-channel.ts';

export interface ControllerRegistrarOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The committed metadata. */
  readonly image: MetadataImage;
  readonly channel: Pick<ControllerChannel, 'registerController'>;
  registration(): ControllerRegistrationRequest;
}

const RETRY_MS = 100;

/**
 * Sees to it that the metadata has this controller's registration (KIP-919): which features it supports decides what can
 * be finalised. Done anew by each process, and whenever the registration has gone.
 */
export class ControllerRegistrar {
  readonly #options: ControllerRegistrarOptions;
  #isAsking = false;
  #timer: Timer | undefined;
  #isClosed = false;

  constructor(options: ControllerRegistrarOptions) {
    this.#options = options;
  }

  /** The metadata went on. */
  metadataAdvanced(): void {
    if (this.#isClosed || this.#isAsking || this.#timer !== undefined) return;
    const { image, channel, clock, logger, registration } = this.#options;
    // Before the first feature levels are known nobody can tell whether there are registrations at all.
    if (image.features.size === 0) return;
    const request = registration();
    if (image.controllers.get(request.controllerId)?.incarnationId === request.incarnationId) return;
    this.#isAsking = true;
    const again = (): void => {
      this.#isAsking = false;
      this.#timer = clock.schedule(RETRY_MS, () => {
        this.#timer = undefined;
        this.metadataAdvanced();
      });
    };
    channel.registerController(request, again, (error) => {
      if (this.#isClosed) return;
      logger.warn(`this controller could not register itself: ${error.message}`);
      again();
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }
}
