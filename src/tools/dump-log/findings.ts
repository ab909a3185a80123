import type { ToolIo } from '../shared/tool.ts';

type Pair = readonly [number, number];

/** Pairs of numbers by file, in the order of the files' first pair. */
class PairsByFile {
  readonly #pairs = new Map<string, Pair[]>();

  add(file: string, pair: Pair): void {
    const pairs = this.#pairs.get(file);
    if (pairs === undefined) this.#pairs.set(file, [pair]);
    else pairs.push(pair);
  }

  /** The pairs of each file, the last one for each first number, ordered by it. */
  sorted(order: 'up' | 'down'): [string, Pair[]][] {
    return [...this.#pairs].map(([file, pairs]) => {
      const unique = [...new Map(pairs).entries()].sort(([a], [b]) => (order === 'up' ? a - b : b - a));
      return [file, unique];
    });
  }

  all(): [string, Pair[]][] {
    return [...this.#pairs];
  }
}

/** What is wrong with the dumped files; printed at the end. Files are named by their absolute paths. */
export class Findings {
  readonly indexMismatches = new PairsByFile();
  readonly timestampMismatches = new PairsByFile();
  readonly timestampsOutOfOrder = new PairsByFile();
  readonly offsetsNotFound = new PairsByFile();
  readonly offsetGaps = new PairsByFile();

  print(io: ToolIo): void {
    const block = (files: [string, Pair[]][], title: string, line: (pair: Pair) => string) => {
      for (const [file, pairs] of files) {
        io.stderr.write(`${title}${file}\n`);
        for (const pair of pairs) io.stderr.write(`${line(pair)}\n`);
      }
    };
    block(this.indexMismatches.sorted('down'), 'Mismatches in :', ([index, log]) => {
      return `  Index offset: ${index}, log offset: ${log}`;
    });
    block(this.timestampMismatches.all(), 'Found timestamp mismatch in :', ([index, log]) => {
      return `  Index timestamp: ${index}, log timestamp: ${log}`;
    });
    block(this.timestampsOutOfOrder.all(), 'Found out of order timestamp in :', ([index, previous]) => {
      return `  Index timestamp: ${index}, Previously indexed timestamp: ${previous}`;
    });
    block(this.offsetsNotFound.all(), 'The following indexed offsets are not found in :', ([index, log]) => {
      return `Indexed offset: ${index}, found log offset: ${log}`;
    });
    block(this.offsetGaps.sorted('up'), 'Non-consecutive offsets in ', ([before, after]) => {
      return `  ${before} is followed by ${after}`;
    });
  }
}
