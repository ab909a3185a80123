const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

function zone(date: Date, separator: string): string {
  const minutes = -date.getTimezoneOffset();
  const two = (value: number) => String(value).padStart(2, '0');
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${separator}${two(size % 60)}`;
}

function text(names: readonly string[], index: number, width: number): string {
  const name = names[index] ?? '';
  return width >= 4 ? name : name.slice(0, 3);
}

const FIELDS: Readonly<Record<string, (date: Date, width: number) => string>> = {
  y: (date, width) => {
    const year = String(date.getFullYear());
    return width === 2 ? year.slice(-2) : year.padStart(width, '0');
  },
  M: (date, width) =>
    width >= 3 ? text(MONTHS, date.getMonth(), width) : String(date.getMonth() + 1).padStart(width, '0'),
  d: (date, width) => String(date.getDate()).padStart(width, '0'),
  E: (date, width) => text(DAYS, date.getDay(), width),
  u: (date, width) => String(date.getDay() === 0 ? 7 : date.getDay()).padStart(width, '0'),
  a: (date) => (date.getHours() < 12 ? 'AM' : 'PM'),
  H: (date, width) => String(date.getHours()).padStart(width, '0'),
  k: (date, width) => String(date.getHours() === 0 ? 24 : date.getHours()).padStart(width, '0'),
  K: (date, width) => String(date.getHours() % 12).padStart(width, '0'),
  h: (date, width) => String(date.getHours() % 12 === 0 ? 12 : date.getHours() % 12).padStart(width, '0'),
  m: (date, width) => String(date.getMinutes()).padStart(width, '0'),
  s: (date, width) => String(date.getSeconds()).padStart(width, '0'),
  S: (date, width) => String(date.getMilliseconds()).padStart(width, '0'),
  Z: (date) => zone(date, ''),
  X: (date, width) => (date.getTimezoneOffset() === 0 ? 'Z' : zone(date, width === 3 ? ':' : '')),
};

/**
 * Formats times as Java's SimpleDateFormat does with `pattern`, in local time and English; the fields that a report may
 * need. Throws RangeError on a letter that it does not know.
 */
export function dateFormat(pattern: string): (timeMs: number) => string {
  const parts = [...pattern.matchAll(/'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+/g)].map(([whole, quoted, letter]) => {
    if (quoted !== undefined) return quoted === '' ? "'" : quoted.replaceAll("''", "'");
    if (letter === undefined) return whole;
    const field = FIELDS[letter];
    if (field === undefined) throw new RangeError(`Illegal pattern character '${letter}'`);
    return (date: Date) => field(date, whole.length);
  });
  return (timeMs) => {
    const date = new Date(timeMs);
    return parts.map((part) => (typeof part === 'string' ? part : part(date))).join('');
  };
}
