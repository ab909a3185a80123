/** Where a component reports what a person who runs it should know. Never on a hot path. */
export interface Logger {
  info(message: string): void;
  warn(message: string): void;
  error(message: string, cause?: unknown): void;
}

/** A logger that keeps silent. */
export const silentLogger: Logger = { info: () => {}, warn: () => {}, error: () => {} };
