/** What {@link scanOrdinaryRecords} found; its numbers are those of the last batch that was ordinary. */
export const ordinary = { minTimestampDelta: 0, maxTimestampDelta: 0 };

/** No varint of three bytes is beyond it. */
const LARGEST_DELTA = 1 << 20;

/**
 * A varint of up to three bytes as it stands (not unfolded from zigzag), times 4, plus its size; 0 when it is longer. One
 * number, so that it costs no object; bytes past the end of the buffer read as 0.
 */
function varintAndSize(buffer: Buffer, at: number): number {
  const first = buffer[at] ?? 0;
  if (first < 0x80) return (first << 2) | 1;
  const second = buffer[at + 1] ?? 0;
  const two = (first & 0x7f) | (second << 7);
  if (second < 0x80) return (two << 2) | 2;
  const third = buffer[at + 2] ?? 0;
  return third < 0x80 ? (((two & 0x3fff) | (third << 14)) << 2) | 3 : 0;
}

/** The position behind a field that has its length before it; -1 when that is not to be had here. Null has length -1. */
function behindField(buffer: Buffer, at: number, isNullable: boolean): number {
  const length = varintAndSize(buffer, at);
  const raw = length >> 2;
  if ((raw & 1) === 0) return length === 0 ? -1 : at + (length & 3) + (raw >> 1);
  return raw === 1 && isNullable ? at + (length & 3) : -1;
}

function behindHeaders(buffer: Buffer, from: number, count: number, end: number): number {
  let at = from;
  for (let i = 0; i < count; i++) {
    at = behindField(buffer, at, false);
    if (at < 0 || at >= end) return -1;
    at = behindField(buffer, at, true);
    if (at < 0 || at > end) return -1;
  }
  return at;
}

/**
 * Whether `buffer` holds exactly `count` records from `from` to its position `end`, each well formed, with offset deltas 0,
 * 1, 2, …, no field of a MiB or more, and timestamps within 17 minutes of the batch's first; their least and greatest
 * deltas are then in {@link ordinary}. False says nothing but that it takes a closer look (RecordCursor). A broker does
 * this for each record that it is sent, ten million times a GB: no object is made, and nothing is written.
 */
export function scanOrdinaryRecords(
  buffer: Buffer,
  from: number,
  end: number,
  count: number,
  needsKeys: boolean,
): boolean {
  if (count <= 0) return false;
  let least = LARGEST_DELTA;
  let greatest = -LARGEST_DELTA;
  let at = from;
  for (let index = 0; index < count; index++) {
    const length = varintAndSize(buffer, at);
    if (length === 0 || (length & 4) !== 0) return false;
    at += length & 3;
    const recordEnd = at + (length >> 3);
    if (recordEnd > end) return false;
    // One byte of attributes comes before the timestamp.
    const timestamp = varintAndSize(buffer, at + 1);
    if (timestamp === 0) return false;
    at += 1 + (timestamp & 3);
    const delta = (timestamp >> 3) ^ -((timestamp >> 2) & 1);
    if (delta > greatest) greatest = delta;
    if (delta < least) least = delta;
    const offset = varintAndSize(buffer, at);
    if (offset >> 2 !== index << 1 || offset === 0) return false;
    at += offset & 3;
    if (needsKeys && ((buffer[at] ?? 1) & 1) === 1) return false;
    at = behindField(buffer, at, true);
    if (at < 0 || at >= recordEnd) return false;
    at = behindField(buffer, at, true);
    if (at < 0 || at >= recordEnd) return false;
    const headers = buffer[at++] ?? 1;
    if (headers !== 0) {
      if (headers >= 0x80 || (headers & 1) === 1) return false;
      at = behindHeaders(buffer, at, headers >> 1, recordEnd);
    }
    if (at !== recordEnd) return false;
    // The same number, but it does not wait for the fields above: processors look into the next record meanwhile.
    at = recordEnd;
  }
  if (at !== end) return false;
  ordinary.minTimestampDelta = least;
  ordinary.maxTimestampDelta = greatest;
  return true;
}
