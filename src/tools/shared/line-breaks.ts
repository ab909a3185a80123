// Java's line BreakIterator, which both of Kafka's option parsers wrap their texts with, for ASCII text: between which
// two characters a line may break. Found by asking Java for every pair.

const STICKS_TO_NEXT = new Set(`'([{$`);
const STICKS_TO_PREVIOUS = new Set(' .,:;!?\'")]}%');
const BREAKS_BEHIND = new Set('.,:;!?")]}%');

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= '0' && char <= '9';
}

function isBlank(char: string | undefined): boolean {
  return char === undefined || char === ' ' || char === '\t' || char === '\n';
}

function mayBreak(line: string, at: number): boolean {
  const before = line.charAt(at - 1);
  const after = line.charAt(at);
  if (before === '\t' || before === '\n') return true;
  if (after === '\t' || after === '\n') return false;
  if (before === ' ') return after !== ' ';
  if (STICKS_TO_NEXT.has(before) || after === ' ') return false;
  if (before === '-') {
    if (after === '-' || after === "'" || after === '$') return false;
    // A hyphen in front of a number is its sign, unless a word stands before it.
    const ahead = line[at - 2];
    return !(isDigit(after) && (isBlank(ahead) || STICKS_TO_NEXT.has(ahead ?? '') || BREAKS_BEHIND.has(ahead ?? '')));
  }
  if (BREAKS_BEHIND.has(before)) {
    if (STICKS_TO_PREVIOUS.has(after) || after === '$') return false;
    return !((before === '.' || before === ',') && isDigit(line[at - 2]) && isDigit(after));
  }
  return after === '(' || after === '[' || after === '{';
}

/** The pieces between which Java would break a line; joined they are `text` again. */
export function breakPieces(text: string): string[] {
  const pieces: string[] = [];
  let start = 0;
  for (let at = 1; at < text.length; at++) {
    if (!mayBreak(text, at)) continue;
    pieces.push(text.slice(start, at));
    start = at;
  }
  if (start < text.length) pieces.push(text.slice(start));
  return pieces;
}
