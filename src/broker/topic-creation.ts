import { KafkaError } from '../base/kafka-error.ts';
import { ErrorCode, errorNameOf } from '../protocol/error-codes.ts';
import type { CreateTopicsRequestInput, CreateTopicsResponseInput } from '../protocol/messages/19-create-topics.ts';
import type { TopicDefinition } from './broker-options.ts';
import type { ControllerChannel } from './controller-channel.ts';

/** A topic to create; what is left out is the broker's default. */
export type CreatableTopic = NonNullable<CreateTopicsRequestInput['topics']>[number];

const TIMEOUT_MS = 30_000;
const BROKER_DEFAULT = -1;

/** Asks the active controller for topics; calls one of the two once, when they are committed. */
export function createTopics(
  channel: Pick<ControllerChannel, 'createTopics'>,
  topics: readonly CreatableTopic[],
  done: (response: CreateTopicsResponseInput) => void,
  failed: (error: KafkaError) => void,
): void {
  const request = {
    topics: topics.map(({ name = '', numPartitions, replicationFactor, configs = [] }) => ({
      name,
      numPartitions: numPartitions ?? BROKER_DEFAULT,
      replicationFactor: replicationFactor ?? BROKER_DEFAULT,
      assignments: [],
      configs: configs.map(({ name: config = '', value = null }) => ({ name: config, value })),
    })),
    timeoutMs: TIMEOUT_MS,
    validateOnly: false,
  };
  channel.createTopics(request, done, failed, TIMEOUT_MS);
}

/** Creates the topics that a broker is to have before it is ready; those that are there already are left alone. */
export function createInitialTopics(
  channel: Pick<ControllerChannel, 'createTopics'>,
  topics: readonly TopicDefinition[],
  done: () => void,
  failed: (error: unknown) => void,
): void {
  if (topics.length === 0) {
    done();
    return;
  }
  const answered = ({ topics: results = [] }: CreateTopicsResponseInput): void => {
    const error = firstError(results);
    if (error === undefined) done();
    else failed(error);
  };
  createTopics(channel, topics.map(fromDefinition), answered, failed);
}

function fromDefinition({ name, partitions, replicationFactor, configs = {} }: TopicDefinition): CreatableTopic {
  return {
    name,
    numPartitions: partitions,
    replicationFactor,
    configs: Object.entries(configs).map(([config, value]) => ({ name: config, value })),
  };
}

/** The first topic that is not there now, as an error. */
function firstError(results: NonNullable<CreateTopicsResponseInput['topics']>): KafkaError | undefined {
  for (const { name, errorCode = 0, errorMessage } of results) {
    if (errorCode === 0 || errorCode === ErrorCode.TOPIC_ALREADY_EXISTS) continue;
    const why = errorMessage ?? errorNameOf(errorCode);
    return new KafkaError(errorNameOf(errorCode), `topic ${name} cannot be created: ${why}`);
  }
  return undefined;
}
