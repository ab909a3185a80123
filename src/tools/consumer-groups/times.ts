/** The two ways in which `--reset-offsets` takes a time: a date and a duration back from now. */

/** A time that cannot be read; `exception` is the class that Kafka's tool throws. */
export class TimeFormatError extends Error {
  readonly exception: string;

  constructor(exception: string, message: string) {
    super(message);
    this.exception = exception;
  }
}

const DATE_TIME = /^(\d+)-(\d\d?)-(\d\d?)T(\d\d?):(\d\d?):(\d\d?)\.(\d{1,3})(Z|[+-]\d\d(?::?\d\d)?)/;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Milliseconds since 1970 of `yyyy-MM-ddTHH:mm:ss.SSS` with an optional zone (`Z`, `+05:30`, `+0530`, `+05`); without
 * one it is UTC. Throws TimeFormatError.
 */
export function parseDateTime(text: string): number {
  const [, time] = text.split('T');
  if (time === undefined || text.endsWith('T')) {
    throw new TimeFormatError(
      'java.text.ParseException',
      "Error parsing timestamp. It does not contain a 'T' according to ISO8601 format",
    );
  }
  const zoned = /[-+Z]/.test(time) ? text : `${text}Z`;
  const match = DATE_TIME.exec(zoned);
  const [year, month, day, hour, minute, second, millisecond] = (match ?? []).slice(1, 8).map(Number);
  const time0 = match === null ? undefined : utc(year, month, day, hour, minute, second, millisecond);
  if (time0 === undefined) throw new TimeFormatError('java.text.ParseException', `Unparseable date: "${zoned}"`);
  return time0 - zoneOffsetMs(match?.[8] ?? 'Z');
}

function utc(year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, millisecond = 0): number | undefined {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = month === 2 && isLeap ? 29 : (DAYS[month - 1] ?? 0);
  if (day < 1 || day > days || hour > 23 || minute > 59 || second > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second, millisecond);
  return date.getTime();
}

function zoneOffsetMs(zone: string): number {
  if (zone === 'Z') return 0;
  const digits = zone.replace(/\D/g, '').padEnd(4, '0');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}

const DURATION = /^([-+]?)P(?:([-+]?\d+)D)?(T(?:([-+]?\d+)H)?(?:([-+]?\d+)M)?(?:([-+]?\d+)(?:[.,](\d{0,9}))?S)?)?$/i;

/** Milliseconds of an ISO-8601 duration in the form `PnDTnHnMn.nS`, as Java's Duration.parse. Throws TimeFormatError. */
export function parseDurationMs(text: string): number {
  const match = DURATION.exec(text);
  const [, sign, days, timePart, hours, minutes, seconds, fraction] = match ?? [];
  const hasTime = hours !== undefined || minutes !== undefined || seconds !== undefined;
  if (match === null || (timePart !== undefined && !hasTime) || (days === undefined && !hasTime)) {
    throw new TimeFormatError('java.time.format.DateTimeParseException', 'Text cannot be parsed to a Duration');
  }
  const fractionMs = Number(`0.${fraction === undefined || fraction === '' ? '0' : fraction}`) * 1000;
  const wholeMs =
    Number(days ?? 0) * 86_400_000 +
    Number(hours ?? 0) * 3_600_000 +
    Number(minutes ?? 0) * 60_000 +
    Number(seconds ?? 0) * 1000;
  const totalMs = wholeMs + (seconds?.startsWith('-') === true ? -fractionMs : fractionMs);
  return sign === '-' ? -totalMs : totalMs;
}
