import { metadataRequest, metadataResponse } from '../../protocol/messages/03-metadata.ts';
import type { KafkaClient } from '../client.ts';
import { errorOf } from '../errors.ts';
import type { CallOptions, Uuid } from '../types.ts';

export * from './describe-topics.ts';
export * from './topic-changes.ts';

export interface TopicListing {
  readonly name: string;
  readonly topicId: Uuid;
  readonly isInternal: boolean;
}

/** All topics, sorted by name. Internal ones only with `listInternal`. */
export async function listTopics(
  client: KafkaClient,
  options: CallOptions & { readonly listInternal?: boolean } = {},
): Promise<TopicListing[]> {
  const response = await client.call({
    name: 'listTopics',
    node: 'any',
    timeoutMs: options.timeoutMs,
    attempt: async (connection, timeoutMs) => {
      const answer = await connection.send(
        metadataRequest,
        metadataResponse,
        (version) => (version === 0 ? { topics: [] } : { topics: null }),
        { timeoutMs },
      );
      const error = errorOf(answer.errorCode);
      if (error !== undefined) throw error;
      return answer;
    },
  });
  client.takeMetadata(response);
  return response.topics
    .filter((topic) => topic.name !== null && (options.listInternal === true || !topic.isInternal))
    .map(({ name, topicId, isInternal }) => ({ name: name ?? '', topicId, isInternal }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
