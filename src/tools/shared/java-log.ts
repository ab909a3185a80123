import type { ToolIo } from './tool.ts';

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** Log4j's date: local time, `2024-10-25 03:33:01,123`. */
export function logDate(nowMs: number): string {
  const date = new Date(nowMs);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day} ${time},${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/**
 * Prints a line on stderr as the logger of Kafka's scripts does: `[date] LEVEL message (logger)`.
 * @param logger the full name of the logging class
 */
export function logLine(io: ToolIo, level: 'WARN' | 'ERROR', message: string, logger: string): void {
  io.stderr.write(`[${logDate(io.clock.nowMs())}] ${level} ${message} (${logger})\n`);
}
