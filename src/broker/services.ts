import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';

/**
 * What a handler may use of the broker it runs in. The members that come from other layers are those layers' own types.
 */
export interface BrokerServices {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly nodeId: number;
  readonly clusterId: string;
}
