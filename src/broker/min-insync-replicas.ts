import type { BrokerConfig } from '../metadata/configs/broker-config.ts';
import type { MetadataImage } from '../metadata/metadata-image.ts';
import { minInsyncReplicas } from './config.ts';

/** `min.insync.replicas` by topic, remembered: it is asked for on every acks=all append. */
export class MinInsyncReplicas {
  readonly #image: MetadataImage;
  readonly #config: BrokerConfig;
  readonly #known = new Map<string, number>();

  constructor(image: MetadataImage, config: BrokerConfig) {
    this.#image = image;
    this.#config = config;
  }

  of(topic: string): number {
    const known = this.#known.get(topic);
    if (known !== undefined) return known;
    const value = minInsyncReplicas(topic, this.#image, this.#config);
    this.#known.set(topic, value);
    return value;
  }

  /** Configs have changed. */
  clear(): void {
    this.#known.clear();
  }
}
