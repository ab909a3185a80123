import type { Clock, Timer } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Uuid } from '../../base/uuid.ts';
import { ErrorCode, errorNameOf } from '../../protocol/error-codes.ts';
import type { AssignReplicasToDirsResponseInput } from '../../protocol/messages/73-assign-replicas-to-dirs.ts';
import type { ControllerChannel } from '../controller-channel.ts';

export interface DirectoryAssignmentsOptions {
  readonly nodeId: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly channel: Pick<ControllerChannel, 'assignReplicasToDirs'>;
  brokerEpoch(): number;
}

interface Assignment {
  readonly topicId: Uuid;
  readonly partition: number;
  readonly directoryId: Uuid;
}

/** Kafka's largest request of this kind. */
const MAX_PER_REQUEST = 2250;
const RETRY_MS = 1000;

/** Tells the controller in which log directory a replica lies, where the metadata says otherwise (KIP-858). */
export class DirectoryAssignments {
  readonly #options: DirectoryAssignmentsOptions;
  readonly #assignments = new Map<string, Assignment>();
  #isInFlight = false;
  #isClosed = false;
  #timer: Timer | undefined;

  constructor(options: DirectoryAssignmentsOptions) {
    this.#options = options;
  }

  /** To be told; in a later turn, together with others. */
  assign(topicId: Uuid, partition: number, directoryId: Uuid): void {
    this.#assignments.set(`${topicId}-${partition}`, { topicId, partition, directoryId });
    this.#sendIn(0);
  }

  /** The metadata has it right, or the replica has gone. */
  forget(topicId: Uuid, partition: number): void {
    if (this.#assignments.size > 0) this.#assignments.delete(`${topicId}-${partition}`);
  }

  #sendIn(delayMs: number): void {
    if (this.#isClosed || this.#isInFlight) return;
    this.#timer ??= this.#options.clock.schedule(delayMs, () => this.#send());
  }

  #send(): void {
    this.#timer = undefined;
    if (this.#isClosed || this.#isInFlight || this.#assignments.size === 0) return;
    this.#isInFlight = true;
    const { nodeId, brokerEpoch, channel, logger } = this.#options;
    const sent = [...this.#assignments].slice(0, MAX_PER_REQUEST);
    const directories = grouped(sent.map(([, assignment]) => assignment));
    channel.assignReplicasToDirs(
      { brokerId: nodeId, brokerEpoch: brokerEpoch(), directories },
      (response) => {
        this.#isInFlight = false;
        const hasFailed = this.#answered(new Map(sent), response);
        if (this.#assignments.size > 0) this.#sendIn(hasFailed ? RETRY_MS : 0);
      },
      (error) => {
        this.#isInFlight = false;
        logger.warn(`the controller was not told of log directories: ${error.errorName}`);
        this.#sendIn(RETRY_MS);
      },
    );
  }

  #answered(sent: ReadonlyMap<string, Assignment>, response: AssignReplicasToDirsResponseInput): boolean {
    let hasFailed = false;
    for (const { topics = [] } of response.directories ?? []) {
      for (const { topicId = '', partitions = [] } of topics) {
        for (const { partitionIndex = -1, errorCode = 0 } of partitions) {
          const key = `${topicId}-${partitionIndex}`;
          if (errorCode !== ErrorCode.NONE) {
            hasFailed = true;
            this.#options.logger.warn(`the log directory of ${key} was refused: ${errorNameOf(errorCode)}`);
          } else if (this.#assignments.get(key) === sent.get(key)) this.#assignments.delete(key);
        }
      }
    }
    return hasFailed;
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#assignments.clear();
  }
}

function grouped(assignments: readonly Assignment[]) {
  const directories = new Map<Uuid, Map<Uuid, { partitionIndex: number }[]>>();
  for (const { topicId, partition, directoryId } of assignments) {
    let topics = directories.get(directoryId);
    if (topics === undefined) {
      topics = new Map();
      directories.set(directoryId, topics);
    }
    const partitions = topics.get(topicId);
    if (partitions === undefined) topics.set(topicId, [{ partitionIndex: partition }]);
    else partitions.push({ partitionIndex: partition });
  }
  return [...directories].map(([id, topics]) => ({
    id,
    topics: [...topics].map(([topicId, partitions]) => ({ topicId, partitions })),
  }));
}
