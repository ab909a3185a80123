import type { ToolIo } from './tool.ts';

/** Prints a value as the answer to `--output json`: one document, indented by two, with a line end. */
export function printJson(io: ToolIo, value: unknown): void {
  if (io.document !== undefined) io.document(value);
  else io.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
