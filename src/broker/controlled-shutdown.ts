import type { Clock } from '../base/clock.ts';
import type { MetadataImage } from '../metadata/metadata-image.ts';
import type { StateName } from '../raft/epoch-state.ts';
import type { RaftNode } from '../raft/raft-node.ts';
import type { BrokerLifecycle } from './broker-lifecycle.ts';

export interface ControlledShutdownOptions {
  readonly nodeId: number;
  readonly clock: Clock;
  readonly raft: RaftNode;
  readonly image: MetadataImage;
  readonly lifecycle: BrokerLifecycle;
}

const TIMEOUT_MS = 30_000;
/** A quorum that has been without a leader for so long is not going to answer. */
const NO_LEADER_TIMEOUT_MS = 1000;
/** Longer than an election takes; controllers that do not answer by then, or have no majority, are not waited for. */
const NO_ANSWER_TIMEOUT_MS = 4000;
/** How long a controller stays for the brokers that are leaving with it. */
const OTHERS_TIMEOUT_MS = 2000;
const CHECK_MS = 10;

const WITH_LEADER: ReadonlySet<StateName> = new Set(['Leader', 'Follower']);

/**
 * Takes a broker's leave of the controller: its leaderships are handed over first. Resolves when the controller lets it
 * go, or when that cannot be expected any more.
 */
export async function controlledShutdown(options: ControlledShutdownOptions): Promise<void> {
  const { clock, raft, lifecycle } = options;
  let isLetGo = false;
  lifecycle.shutDown(TIMEOUT_MS, () => {
    isLetGo = true;
  });
  const beganMs = clock.monotonicMs();
  let lastLedMs = beganMs;
  await poll(clock, () => {
    const nowMs = clock.monotonicMs();
    if (WITH_LEADER.has(raft.status.state)) lastLedMs = nowMs;
    const silentMs = nowMs - Math.max(beganMs, lifecycle.lastAnswerMs);
    return isLetGo || nowMs - lastLedMs > NO_LEADER_TIMEOUT_MS || silentMs > NO_ANSWER_TIMEOUT_MS;
  });
  if (raft.status.isVoter) await othersAreLetGo(options);
}

// When a whole cluster is stopped, the last nodes would find no majority to let them go if the first ones just went.
async function othersAreLetGo({ nodeId, clock, image }: ControlledShutdownOptions): Promise<void> {
  const deadlineMs = clock.monotonicMs() + OTHERS_TIMEOUT_MS;
  await poll(clock, () => {
    const others = [...image.brokers.values()].filter(({ id }) => id !== nodeId);
    const areLeaving = others.some(({ inControlledShutdown, fenced }) => inControlledShutdown && !fenced);
    return !areLeaving || clock.monotonicMs() >= deadlineMs;
  });
}

function poll(clock: Clock, isDone: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const check = (): void => {
      if (isDone()) resolve();
      else clock.schedule(CHECK_MS, check);
    };
    check();
  });
}
