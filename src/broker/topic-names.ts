const MAX_LENGTH = 249;
const LEGAL = /^[a-zA-Z0-9._-]+$/;

/** Whether Kafka allows a topic of that name. */
export function isValidTopicName(name: string): boolean {
  return name !== '.' && name !== '..' && name.length <= MAX_LENGTH && LEGAL.test(name);
}
