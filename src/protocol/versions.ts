/** Versions from `min` to `max`, both included; `min` > `max` is no version at all. */
export interface VersionRange {
  readonly min: number;
  readonly max: number;
}

/** The highest version number that the wire can hold. */
const MAX_VERSION = 32767;

// A few dozen texts stand in thousands of fields.
const parsed = new Map<string, VersionRange>();

/** Reads `3-5`, `3+`, `3` or `none`. Throws RangeError for anything else. */
export function parseVersions(text: string): VersionRange {
  let range = parsed.get(text);
  if (range === undefined) {
    range = parse(text);
    parsed.set(text, range);
  }
  return range;
}

function parse(text: string): VersionRange {
  if (text === 'none') return { min: 0, max: -1 };
  const match = /^(\d+)(?:(\+)|-(\d+))?$/.exec(text);
  if (match === null) throw new RangeError(`versions are written 3-5, 3+, 3 or none, received ${text}`);
  const min = Number(match[1]);
  if (match[2] === '+') return { min, max: MAX_VERSION };
  return { min, max: match[3] === undefined ? min : Number(match[3]) };
}

export function includesVersion(range: VersionRange, version: number): boolean {
  return version >= range.min && version <= range.max;
}
