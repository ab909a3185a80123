import type { Logger } from '../../base/logger.ts';
import { logLine } from './java-log.ts';
import type { ToolIo } from './tool.ts';

/** Which of Kafka's classes logs a line, by its text; the network client says most of them. */
const LOGGERS: readonly (readonly [RegExp, string])[] = [
  [/^Couldn't resolve server/, 'org.apache.kafka.clients.ClientUtils'],
  [/Metadata response reported invalid topics/, 'org.apache.kafka.clients.Metadata'],
  [/invalid topic error for topic/, 'org.apache.kafka.clients.admin.internals.PartitionLeaderStrategy'],
];
const NETWORK_CLIENT = 'org.apache.kafka.clients.NetworkClient';

/** Prints what a client logs on stderr as Kafka's scripts do: warnings and errors, no information. */
export function clientLogger(io: ToolIo): Logger {
  const line = (level: 'WARN' | 'ERROR', message: string) => {
    const logger = LOGGERS.find(([pattern]) => pattern.test(message))?.[1] ?? NETWORK_CLIENT;
    logLine(io, level, message, logger);
  };
  return {
    info: () => {},
    warn: (message) => line('WARN', message),
    error: (message) => line('ERROR', message),
  };
}
