import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** The entries of a Java .properties file; a later one of the same name wins. */
export type Properties = Map<string, string>;

const BLANK = /[ \t\f]/;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', f: '\f' };

function endsWithOddBackslashes(line: string): boolean {
  let count = 0;
  for (let i = line.length - 1; i >= 0 && line[i] === '\\'; i--) count++;
  return count % 2 === 1;
}

/** Natural lines joined where one ends in an unescaped backslash; comments and empty lines dropped. */
function logicalLines(text: string): string[] {
  const lines: string[] = [];
  let open: string | undefined;
  for (const natural of text.split(/\r\n|\n|\r/)) {
    const line = natural.replace(/^[ \t\f]+/, '');
    if (open === undefined && (line === '' || line.startsWith('#') || line.startsWith('!'))) continue;
    const whole = (open ?? '') + line;
    if (endsWithOddBackslashes(line)) open = whole.slice(0, -1);
    else {
      lines.push(whole);
      open = undefined;
    }
  }
  if (open !== undefined) lines.push(open);
  return lines;
}

function unescaped(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|([\s\S]))/g, (_, hex: string | undefined, char: string | undefined) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    return ESCAPES[char ?? ''] ?? char ?? '';
  });
}

/** Reads the text of a Java .properties file: comments, escapes, continuation lines, `=`, `:` or blanks between. */
export function parseProperties(text: string): Properties {
  const properties: Properties = new Map();
  for (const line of logicalLines(text)) {
    let end = 0;
    while (end < line.length && !BLANK.test(line[end] ?? '') && line[end] !== '=' && line[end] !== ':') {
      end += line[end] === '\\' ? 2 : 1;
    }
    let start = end;
    while (BLANK.test(line[start] ?? '')) start++;
    if (line[start] === '=' || line[start] === ':') start++;
    while (BLANK.test(line[start] ?? '')) start++;
    properties.set(unescaped(line.slice(0, end)), unescaped(line.slice(start)));
  }
  return properties;
}

/**
 * Reads a .properties file. Throws Node's system errors with the path as it was given, because Kafka prints that.
 * @param cwd folder of relative paths
 */
export function readPropertiesFile(path: string, cwd: string): Properties {
  try {
    return parseProperties(readFileSync(resolve(cwd, path), 'utf8'));
  } catch (error) {
    if (error instanceof Error) Object.assign(error, { path });
    throw error;
  }
}

/**
 * `key=value` options such as `--command-property`: split at the first `=`; without one, or with nothing behind it, the
 * value is empty; later ones win.
 */
export function parseKeyValues(texts: readonly string[]): Properties {
  const properties: Properties = new Map();
  for (const text of texts) {
    const at = text.indexOf('=');
    properties.set(at < 0 ? text : text.slice(0, at), at < 0 ? '' : text.slice(at + 1));
  }
  return properties;
}
