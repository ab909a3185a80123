import { KafkaError } from '../base/kafka-error.ts';
import { errorCodeOf } from '../protocol/error-codes.ts';

/** What a failed write means to a group's client, as Kafka's coordinator translates it. */
export function coordinatorError(error: KafkaError): KafkaError {
  switch (error.errorName) {
    case 'UNKNOWN_TOPIC_OR_PARTITION':
    case 'NOT_ENOUGH_REPLICAS':
    case 'REQUEST_TIMED_OUT':
      return new KafkaError('COORDINATOR_NOT_AVAILABLE');
    case 'NOT_LEADER_OR_FOLLOWER':
    case 'KAFKA_STORAGE_ERROR':
      return new KafkaError('NOT_COORDINATOR');
    case 'MESSAGE_TOO_LARGE':
    case 'RECORD_LIST_TOO_LARGE':
    case 'INVALID_FETCH_SIZE':
      return new KafkaError('UNKNOWN_SERVER_ERROR');
    default:
      return error;
  }
}

/** The code of {@link coordinatorError}; 0 without an error. */
export function coordinatorErrorCode(error: KafkaError | undefined): number {
  return error === undefined ? 0 : errorCodeOf(coordinatorError(error));
}
