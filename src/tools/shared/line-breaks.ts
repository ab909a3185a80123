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

/** A number with a sign or a separator; it does not merge with what follows as digits in a word do. */
const NUMBER_AT_END = /(?:(?:^|[\s([{$.,:;!?)\]}%"])-\d[\d.,]*|(?:^|\W)\d+[.,]\d[\d.,]*)$/;

function breaksBehindHyphen(line: string, at: number): boolean {
  const after = line.charAt(at);
  if (after === '-' || after === "'" || after === '$') return false;
  // A hyphen in front of a number is its sign, unless a word stands before it.
  const ahead = line[at - 2];
  const isFree = isBlank(ahead) || STICKS_TO_NEXT.has(ahead ?? '') || BREAKS_BEHIND.has(ahead ?? '');
  return !(isFree && /^['([{$]*\d/.test(line.slice(at, at + 8)));
}

/** A double quote opens where nothing, a blank, an opening bracket or a hyphen stands before it. */
function opensQuote(line: string, at: number): boolean {
  const ahead = line[at - 1];
  return isBlank(ahead) || ahead === '(' || ahead === '[' || ahead === '{' || ahead === '-';
}

function mayBreak(line: string, at: number): boolean {
  const before = line.charAt(at - 1);
  const after = line.charAt(at);
  if (before === '\t' || before === '\n') return true;
  if (after === '\t' || after === '\n') return false;
  if (before === ' ') return after !== ' ';
  if (STICKS_TO_NEXT.has(before) || after === ' ') return false;
  if (before === '"' && opensQuote(line, at - 1)) return false;
  if (before === '-') return breaksBehindHyphen(line, at);
  if (BREAKS_BEHIND.has(before)) {
    if (STICKS_TO_PREVIOUS.has(after) || after === '$') return false;
    return !((before === '.' || before === ',') && isDigit(line[at - 2]) && isDigit(after));
  }
  if (after === '(' || after === '[' || after === '{') return true;
  const isBehindNumber = isDigit(before) && !isDigit(after) && !STICKS_TO_PREVIOUS.has(after) && after !== '-';
  return isBehindNumber && NUMBER_AT_END.test(line.slice(0, at));
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
