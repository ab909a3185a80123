import { KafkaError } from '../../base/kafka-error.ts';
import { terse } from '../shared/feature-commands.ts';
import { javaMessageOf } from '../shared/java-errors.ts';
import { ToolExit } from '../shared/tool.ts';

/** How kafka-transactions ends when a request failed. */
export function failure(what: string, error: unknown): ToolExit {
  if (error instanceof ToolExit) return error;
  return terse(`${what}: ${javaMessageOf(error)}. Enable debug logging for additional detail.`);
}

/** The value, or the end of the tool when there is none. */
export function valueOrFailure<T>(what: string, result: T | KafkaError): T {
  if (result instanceof KafkaError) throw failure(what, result);
  return result;
}
