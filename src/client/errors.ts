import { KafkaError } from '../base/kafka-error.ts';
import { ErrorCode, type ErrorName, errorInfo, errorNameOf } from '../protocol/error-codes.ts';

/** A failure of the client itself that Kafka's clients have a class for but its protocol has no code. */
export class ClientError extends KafkaError {
  /** Full name of the class in Apache Kafka's clients. */
  readonly exception: string;
  readonly retriable: boolean;

  constructor(exception: string, errorName: ErrorName, message: string, retriable = false, options?: ErrorOptions) {
    super(errorName, message, options);
    this.name = 'ClientError';
    this.exception = exception;
    this.retriable = retriable;
  }
}

const ERRORS_PACKAGE = 'org.apache.kafka.common.errors.';

/** A setting that is missing or wrong; `message` is Kafka's text. */
export function configError(message: string): ClientError {
  return new ClientError('org.apache.kafka.common.config.ConfigException', 'INVALID_CONFIG', message);
}

/** A connection that ended, or could not be made, while an answer was awaited. Clients try again. */
export function disconnectError(message: string, cause?: unknown): ClientError {
  return new ClientError(`${ERRORS_PACKAGE}DisconnectException`, 'NETWORK_EXCEPTION', message, true, { cause });
}

/** Something took longer than it may. `message` is Kafka's text. */
export function timeoutError(message: string, cause?: unknown): KafkaError {
  return new KafkaError('REQUEST_TIMED_OUT', message, { cause });
}

/** The error that a code in a response stands for; undefined for NONE. `message` null = Kafka's default text. */
export function errorOf(code: number, message?: string | null): KafkaError | undefined {
  return code === ErrorCode.NONE ? undefined : serverError(code, message);
}

/** As {@link errorOf} for a code that is known to be an error. */
export function serverError(code: number, message?: string | null): KafkaError {
  return new KafkaError(errorNameOf(code), message ?? errorInfo(code).message ?? errorNameOf(code));
}

/** An error by its name with Kafka's default text. */
export function namedError(errorName: ErrorName, message?: string | null): KafkaError {
  return serverError(ErrorCode[errorName], message);
}

function isErrorName(name: string): name is ErrorName {
  return name in ErrorCode;
}

/** What calls that only brokers serve fail with when the client speaks to controllers (KIP-919). */
export function notServedByControllers(): KafkaError {
  const text = 'This Admin API is not yet supported when communicating directly with the controller quorum.';
  return namedError('UNSUPPORTED_ENDPOINT_TYPE', text);
}

/** The same error, but one that no call tries again for; NOT_CONTROLLER stays what it is. */
export function finalError(error: KafkaError): KafkaError {
  if (!isRetriable(error) || error.errorName === 'NOT_CONTROLLER' || !isErrorName(error.errorName)) return error;
  return new ClientError(exceptionName(error), error.errorName, error.message, false, { cause: error });
}

/** Whether the same request may be sent again. */
export function isRetriable(error: unknown): boolean {
  if (error instanceof ClientError) return error.retriable;
  return error instanceof KafkaError && isErrorName(error.errorName) && errorInfo(error.errorName).retriable;
}

/** Whether the error says that what the client knows of the cluster is out of date. */
export function isStaleMetadata(error: unknown): boolean {
  return error instanceof KafkaError && isErrorName(error.errorName) && errorInfo(error.errorName).refreshMetadata;
}

/**
 * Full name of the class that Apache Kafka's clients throw for this failure, e.g.
 * `org.apache.kafka.common.errors.TimeoutException`: some tools print it.
 */
export function exceptionName(error: unknown): string {
  if (error instanceof ClientError) return error.exception;
  if (error instanceof KafkaError && isErrorName(error.errorName)) {
    const name = errorInfo(error.errorName).exception ?? 'ApiException';
    // The one class that lies elsewhere.
    return (name === 'InvalidRecordException' ? 'org.apache.kafka.common.' : ERRORS_PACKAGE) + name;
  }
  return 'java.lang.RuntimeException';
}
