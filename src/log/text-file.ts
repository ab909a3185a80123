import type { FileSystem } from '../base/file-system.ts';

/**
 * Replaces a small file by rename without waiting for the disk: a killed process leaves the old or the new one. For
 * files that recovery can build again from the log; what must survive a power failure uses writeFileAtomically.
 */
export function replaceFile(fileSystem: FileSystem, path: string, text: string): void {
  const temporary = `${path}.tmp`;
  const bytes = Buffer.from(text);
  const handle = fileSystem.open(temporary, 'write');
  try {
    handle.truncate(0);
    handle.write([bytes], 0);
  } finally {
    handle.close();
  }
  fileSystem.rename(temporary, path);
}

/**
 * The rows of a Kafka text checkpoint (version 0, count, one row a line), split at spaces; undefined when it is broken.
 * A file of 0 bytes has no rows.
 */
export function parseLines(text: string, columns: number): string[][] | undefined {
  if (text.length === 0) return [];
  // Without the last line's end the file was torn off, maybe within a number.
  if (!text.endsWith('\n')) return undefined;
  const lines = text.slice(0, -1).split('\n');
  const [version, count, ...rest] = lines;
  if (version !== '0' || Number(count) !== rest.length) return undefined;
  const rows = rest.map((line) => line.split(' '));
  return rows.every((row) => row.length === columns) ? rows : undefined;
}
