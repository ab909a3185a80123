/** Small parts that answers to requests are made of. */
import { KafkaError } from '../base/kafka-error.ts';
import type { JoinGroupResponseInput } from '../protocol/messages/11-join-group.ts';

/** A response that has nothing but an error. */
export function failure(errorCode: number): { errorCode: number } {
  return { errorCode };
}

/** As {@link failure}, with what was wrong where the error says it. */
export function failureWithMessage(errorCode: number, errorMessage: string | null) {
  return { errorCode, errorMessage };
}

/** What was wrong in words; null for an error without a message of its own. */
export function messageOf(error: unknown): string | null {
  return error instanceof KafkaError && error.message !== error.errorName ? error.message : null;
}

/** From version 7 of JoinGroup on no protocol name is null, not empty. */
export function withNull(response: JoinGroupResponseInput): JoinGroupResponseInput {
  return { ...response, protocolName: response.protocolName || null };
}

/** Calls `done` with all of `count` answers, in their places, when the last is there. */
export function collector<T>(count: number, done: (answers: T[]) => void): (index: number, answer: T) => void {
  const answers: T[] = new Array(count);
  let missing = count;
  if (count === 0) done([]);
  return (index, answer) => {
    answers[index] = answer;
    missing--;
    if (missing === 0) done(answers);
  };
}
