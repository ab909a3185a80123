/** Offsets to reset as a CSV plan: what `--export` writes and `--from-file` reads. */

export interface PlannedOffset {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** A plan that cannot be read; `exception` names the class that Kafka's tool (Jackson) throws. */
export class CsvError extends Error {
  readonly exception: string;

  constructor(exception: string, message: string) {
    super(message);
    this.exception = exception;
  }
}

// Jackson's CSV generator quotes what is longer than this or has a character below '-'.
const MAX_UNQUOTED_LENGTH = 24;

function field(text: string): string {
  const needsQuotes = text.length > MAX_UNQUOTED_LENGTH || [...text].some((char) => char < '-');
  return needsQuotes ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One line of a plan, with its line end; without the group when the plan is of a single one. */
export function csvLine(planned: PlannedOffset, withGroup: boolean): string {
  const { group, topic, partition, offset } = planned;
  return `${withGroup ? `${field(group)},` : ''}${field(topic)},${partition},${offset}\n`;
}

/**
 * Reads a plan. For a single group lines are `topic,partition,offset` when the first one is, else (and for several
 * groups) `group,topic,partition,offset`; what is missing at the end of a line is empty or 0. Throws CsvError.
 */
export function parsePlan(text: string, groups: readonly string[]): PlannedOffset[] {
  const lines = splitLines(text);
  const [group] = groups;
  const isShort = groups.length === 1 && group !== undefined && (lines.length === 0 || isReadable(lines[0] ?? ''));
  if (isShort) return lines.map((line) => ({ group, ...readLine(line, SHORT_RECORD).fields }));
  return lines.map((line) => {
    const { first, fields } = readLine(line, LONG_RECORD);
    return { group: first, ...fields };
  });
}

// Java's String.split drops empty pieces at the end, but a text without separator stays.
function splitLines(text: string): string[] {
  if (text === '') return [''];
  const lines = text.split('\n');
  while (lines.length > 0 && lines[lines.length - 1] === '') lines.pop();
  return lines;
}

const CLASSES = 'org.apache.kafka.tools.consumer.group.CsvUtils$CsvRecord';
const SHORT_RECORD = { columns: 3, className: `${CLASSES}NoGroup` };
const LONG_RECORD = { columns: 4, className: `${CLASSES}WithGroup` };
type RecordKind = typeof SHORT_RECORD;

function isReadable(line: string): boolean {
  try {
    readLine(line, SHORT_RECORD);
    return true;
  } catch (error) {
    if (error instanceof CsvError) return false;
    throw error;
  }
}

interface Cell {
  readonly text: string;
  /** Position of the cell in its line, from 1. */
  readonly column: number;
}

function readLine(line: string, kind: RecordKind) {
  const cells = splitCells(line.endsWith('\r') ? line.slice(0, -1) : line);
  if (cells.length === 0) {
    throw new CsvError(
      'com.fasterxml.jackson.databind.exc.MismatchedInputException',
      'No content to map due to end-of-input\n at [Source: (StringReader); line: UNKNOWN, column: UNKNOWN]',
    );
  }
  const extra = cells[kind.columns];
  if (extra !== undefined) {
    const value = `(value #${kind.columns} (${extra.text.length} chars) "${extra.text}")`;
    throw new CsvError(
      'com.fasterxml.jackson.dataformat.csv.CsvReadException',
      `Too many entries: expected at most ${kind.columns} ${value}${source(extra.column)}`,
    );
  }
  const at = kind.columns - 3;
  const fields = {
    topic: cells[at]?.text ?? '',
    partition: integer(cells[at + 1], 'partition', 'int', kind),
    offset: integer(cells[at + 2], 'offset', 'long', kind),
  };
  return { first: cells[0]?.text ?? '', fields };
}

function source(column: number): string {
  return `\n at [Source: (StringReader); line: 1, column: ${column}]`;
}

function integer(cell: Cell | undefined, name: string, type: 'int' | 'long', kind: RecordKind): number {
  const text = cell?.text.trim() ?? '';
  if (text === '') return 0;
  const value = /^[-+]?\d+$/.test(text) ? Number(text) : Number.NaN;
  const limit = type === 'int' ? 0x7fffffff : Number.MAX_SAFE_INTEGER;
  if (value >= -limit && value <= limit) return value;
  const where = `${source(cell?.column ?? 1)} (through reference chain: ${kind.className}["${name}"])`;
  throw new CsvError(
    'com.fasterxml.jackson.databind.exc.InvalidFormatException',
    `Cannot deserialize value of type \`${type}\` from String "${text}": not a valid \`${type}\` value${where}`,
  );
}

function splitCells(line: string): Cell[] {
  const cells: Cell[] = [];
  if (line === '') return cells;
  for (let at = 0; at <= line.length; ) {
    if (line[at] === '"') {
      const { text, end } = quotedCell(line, at);
      cells.push({ text, column: at + 1 });
      at = end + 1;
      continue;
    }
    const comma = line.indexOf(',', at);
    const end = comma < 0 ? line.length : comma;
    cells.push({ text: line.slice(at, end), column: at + 1 });
    at = end + 1;
  }
  return cells;
}

function quotedCell(line: string, start: number): { text: string; end: number } {
  let text = '';
  for (let at = start + 1; at < line.length; at++) {
    if (line[at] !== '"') text += line[at];
    else if (line[at + 1] === '"') {
      text += '"';
      at++;
    } else return { text, end: line.indexOf(',', at) < 0 ? line.length : line.indexOf(',', at) };
  }
  throw new CsvError(
    'com.fasterxml.jackson.core.JsonParseException',
    `Missing closing quote for value${source(line.length + 1)}`,
  );
}
