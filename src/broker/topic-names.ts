import { checkTopicName } from '../metadata/topic-name.ts';

/** Whether Kafka allows a topic of that name. */
export function isValidTopicName(name: string): boolean {
  try {
    checkTopicName(name);
    return true;
  } catch {
    return false;
  }
}
