import { KafkaError } from '../base/kafka-error.ts';

/** One record that a broker refused; goes into ProduceResponse.recordErrors. */
export interface RecordError {
  /** Index of the record in its batch, from 0. */
  readonly batchIndex: number;
  readonly message: string;
}

/** A batch refused because of single records; `recordErrors` names them (Kafka's RecordValidationException). */
export class RecordValidationError extends KafkaError {
  readonly recordErrors: readonly RecordError[];

  constructor(errorName: string, message: string, recordErrors: readonly RecordError[]) {
    super(errorName, message);
    this.name = 'RecordValidationError';
    this.recordErrors = recordErrors;
  }
}
