/**
 * An expected failure that has a name in Kafka's protocol, such as `UNKNOWN_TOPIC_OR_PARTITION`. Every layer throws this
 * one type; `protocol/error-codes.ts` knows the number of each name.
 */
export class KafkaError extends Error {
  /** Kafka's name of the error, in capitals. */
  readonly errorName: string;

  /**
   * @param errorName Kafka's name of the error
   * @param message what was wrong and what was received; reaches the client where the response has a message field.
   *   Without one the response carries null there, as Kafka's does, and clients show their own default text.
   */
  constructor(errorName: string, message?: string, options?: ErrorOptions) {
    super(message ?? errorName, options);
    this.name = 'KafkaError';
    this.errorName = errorName;
  }
}
