import { JavaException } from './java-errors.ts';

/**
 * A Java regular expression over a whole name, as far as Java's notation differs from JavaScript's in what people write
 * for topics. Throws {@link JavaException} PatternSyntaxException with Java's text.
 */
export function javaRegex(pattern: string): RegExp {
  const { source, flags } = javaScriptSource(pattern);
  try {
    return new RegExp(`^(?:${source})$`, flags);
  } catch {
    throw new JavaException('java.util.regex.PatternSyntaxException', syntaxProblem(pattern));
  }
}

function javaScriptSource(pattern: string): { source: string; flags: string } {
  const quoted = pattern.replace(/\\Q(.*?)(?:\\E|$)/gs, (_, text: string) =>
    text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'),
  );
  const ignoreCase = /^\(\?i\)/.test(quoted);
  return {
    source: quoted.replace(/^\(\?i\)/, '').replace(/([*+?}])\+/g, '$1'),
    flags: ignoreCase ? 'i' : '',
  };
}

/** Java's message: what is wrong near which index, the pattern, and a caret below the place where it has that index. */
function syntaxProblem(pattern: string): string {
  const { what, index } = firstProblem(pattern);
  const where = index < 0 ? '' : ` near index ${index}`;
  const caret = index >= 0 && index < pattern.length ? `\n${' '.repeat(index)}^` : '';
  return `${what}${where}\n${pattern}${caret}`;
}

// What is left over is a mistake that only one of the two languages sees.
function firstProblem(pattern: string): { what: string; index: number } {
  let depth = 0;
  // What may stand here: any quantifier behind an atom, `?` or `+` behind a quantifier.
  let quantifiers = '';
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] ?? '';
    const isQuantifier = /[*+?]/.test(char);
    if (isQuantifier) {
      if (!quantifiers.includes(char)) return { what: `Dangling meta character '${char}'`, index: i };
    } else if (char === '\\') {
      if (++i === pattern.length) return { what: 'Unescaped trailing backslash', index: i };
    } else if (char === '[') {
      i = endOfClass(pattern, i);
      if (i === pattern.length) return { what: 'Unclosed character class', index: i - 1 };
    } else if (char === '(') {
      depth++;
      if (pattern[i + 1] === '?') i++;
    } else if (char === ')' && --depth < 0) return { what: "Unmatched closing ')'", index: i - 1 };
    if (isQuantifier) quantifiers = quantifiers === '*+?' ? '+?' : '';
    else quantifiers = char === '(' || char === '|' ? '' : '*+?';
  }
  return depth > 0
    ? { what: 'Unclosed group', index: pattern.length }
    : { what: 'Illegal regular expression', index: -1 };
}

/** Index of the `]` that ends the class which begins at `start`; the pattern's length when there is none. */
function endOfClass(pattern: string, start: number): number {
  for (let i = start + (pattern[start + 1] === '^' ? 3 : 2); i < pattern.length; i++) {
    if (pattern[i] === '\\') i++;
    else if (pattern[i] === ']') return i;
  }
  return pattern.length;
}
