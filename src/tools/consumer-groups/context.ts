import type { KafkaClient } from '../../client/client.ts';
import { exceptionName } from '../../client/errors.ts';
import type { TopicPartition } from '../../client/types.ts';
import { executionException, JavaException, javaMessageOf } from '../shared/java-errors.ts';
import { JoptError } from '../shared/jopt-error.ts';
import type { ToolIo } from '../shared/tool.ts';

/** What every action of kafka-consumer-groups works with. */
export interface GroupsContext {
  readonly client: KafkaClient;
  readonly io: ToolIo;
  /** How long each call may take, `--timeout`. */
  readonly timeoutMs: number;
  /** Whether `--output json` was asked for. */
  readonly json: boolean;
}

/** What stands in a column that has no value. */
export const MISSING = '-';

/** Java's Throwable.toString of a failure. */
export function throwableText(error: unknown): string {
  if (error instanceof JoptError) return `${error.className}: ${error.message}`;
  const className = error instanceof JavaException ? error.className : exceptionName(error);
  return `${className}: ${javaMessageOf(error)}`;
}

/** A failure as the cause of a java.lang.RuntimeException. */
export function runtimeException(error: unknown): JavaException {
  return new JavaException('java.lang.RuntimeException', throwableText(error), { cause: error });
}

/** A failure of the admin client as its futures throw it. */
export function futureException(error: unknown): JavaException {
  return new JavaException(EXECUTION_EXCEPTION, throwableText(error), { cause: error });
}

const EXECUTION_EXCEPTION = executionException(new Error()).className;

/** An empty line and `Error: …` on stdout, then the first line of the failure's stack trace on stderr. */
export function printError(io: ToolIo, message: string, error?: unknown): void {
  io.stdout.write(`\nError: ${message}\n`);
  if (error !== undefined) io.stderr.write(`${throwableText(error)}\n`);
}

/** Compares by topic, then by partition number. */
export function comparePartitions(a: TopicPartition, b: TopicPartition): number {
  if (a.topic !== b.topic) return a.topic < b.topic ? -1 : 1;
  return a.partition - b.partition;
}

/** The widest of `texts`, at least `minimum`. */
export function columnWidth(minimum: number, texts: Iterable<string>): number {
  let width = minimum;
  for (const text of texts) width = Math.max(width, text.length);
  return width;
}
