/** A table as kafka-metadata-quorum and kafka-transactions print it: each cell padded to its column and then a tab. */
export function paddedTable(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headers.map((header, i) => Math.max(header.length, ...rows.map((row) => (row[i] ?? '').length)));
  const line = (cells: readonly string[]) => `${cells.map((cell, i) => `${cell.padEnd(widths[i] ?? 0)}\t`).join('')}\n`;
  return [headers, ...rows].map(line).join('');
}
