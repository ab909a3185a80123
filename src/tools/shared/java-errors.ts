import { KafkaError } from '../../base/kafka-error.ts';
import { exceptionName } from '../../client/errors.ts';

/**
 * An expected failure that Kafka's tools print with the name of a Java class, such as
 * `java.lang.IllegalArgumentException: The partitions must be greater than 0`. The class names are part of the output
 * that scripts look for.
 */
export class JavaException extends Error {
  /** Full class name. */
  readonly className: string;

  constructor(className: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'JavaException';
    this.className = className;
  }
}

/** `java.lang.IllegalArgumentException` with a message. */
export function illegalArgument(message: string): JavaException {
  return new JavaException('java.lang.IllegalArgumentException', message);
}

/** What Java's Integer.parseInt throws for `text`. */
export function numberFormat(text: string): JavaException {
  return new JavaException('java.lang.NumberFormatException', `For input string: "${text}"`);
}

const CLASS_BY_NODE_CODE: Readonly<Record<string, string>> = {
  ENOENT: 'java.nio.file.NoSuchFileException',
  EACCES: 'java.nio.file.AccessDeniedException',
  EISDIR: 'java.io.IOException',
};

interface NodeError extends Error {
  readonly code: string;
  readonly path?: string;
}

function isNodeError(error: unknown): error is NodeError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

/** The Java class that Kafka's tools would name for a thrown value. */
export function javaClassOf(error: unknown): string {
  if (error instanceof JavaException) return error.className;
  if (error instanceof KafkaError) return exceptionName(error);
  if (isNodeError(error)) return CLASS_BY_NODE_CODE[error.code] ?? 'java.io.IOException';
  return 'java.lang.RuntimeException';
}

/** The message that Kafka's tools would print for a thrown value: the error's own text, or the path of a file. */
export function javaMessageOf(error: unknown): string {
  if (isNodeError(error) && error.path !== undefined) {
    if (error.code === 'EISDIR') return 'Is a directory';
    return error.path;
  }
  return error instanceof Error ? error.message : String(error);
}

/** Java's Throwable.toString: `class: message`, the first line of a stack trace. Frames are left out everywhere. */
export function javaToString(error: unknown): string {
  const message = javaMessageOf(error);
  return message === '' ? javaClassOf(error) : `${javaClassOf(error)}: ${message}`;
}

/** What the constructors of Kafka's clients find; what the settings' own checks find is thrown as it is. */
const FOUND_BY_CONSTRUCTOR =
  /^(?:No resolvable|Invalid (?:url|port) in|To use the group management|Heartbeat must|delivery\.timeout\.ms should|Class \S+ cannot be found)/;

/** A failure to make a producer or consumer as Kafka throws it: what its constructor finds is wrapped, with the cause. */
export function constructionFailure(client: 'producer' | 'consumer', error: unknown): unknown {
  if (!(error instanceof KafkaError) || !FOUND_BY_CONSTRUCTOR.test(error.message)) return error;
  const text = `Failed to construct kafka ${client}\nCaused by: ${exceptionName(error)}: ${error.message}`;
  return new JavaException('org.apache.kafka.common.KafkaException', text, { cause: error });
}

/** The same error as the cause of a `java.util.concurrent.ExecutionException`, as the admin client's futures throw it. */
export function executionException(error: unknown): JavaException {
  return new JavaException('java.util.concurrent.ExecutionException', javaToString(error), { cause: error });
}
