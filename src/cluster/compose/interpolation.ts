import { ClusterError } from '../layout.ts';
import { isMap } from './yaml-values.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Puts variables into all texts of a document: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`,
 * `${NAME:+alternative}`, `${NAME+alternative}`, `${NAME:?message}`, `${NAME?message}`, and `$$` for a dollar sign.
 * What stands behind an operator may hold variables itself. Throws ClusterError that names `path`.
 */
export function interpolate(value: unknown, variables: Environment, path: string): unknown {
  if (typeof value === 'string') return new Interpolation(variables, path).of(value);
  if (Array.isArray(value)) return value.map((item) => interpolate(item, variables, path));
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, interpolate(item, variables, path)]));
}

class Interpolation {
  readonly #variables: Environment;
  readonly #path: string;

  constructor(variables: Environment, path: string) {
    this.#variables = variables;
    this.#path = path;
  }

  of(text: string): string {
    let result = '';
    let at = 0;
    for (;;) {
      const dollar = text.indexOf('$', at);
      if (dollar < 0) return result + text.slice(at);
      result += text.slice(at, dollar);
      const [plain = '$', name] = /^\$(?:\$|([A-Za-z_]\w*))/.exec(text.slice(dollar)) ?? [];
      at = dollar + plain.length;
      if (name !== undefined) {
        result += this.#variables[name] ?? '';
      } else if (text[at] === '{' && plain === '$') {
        const end = this.#endOfBraces(text, dollar);
        result += this.#braced(text.slice(dollar + 2, end));
        at = end + 1;
      } else {
        result += '$';
      }
    }
  }

  /** Where the braces end that begin behind `dollar`: those of variables within are skipped, others do not count. */
  #endOfBraces(text: string, dollar: number): number {
    let depth = 0;
    for (const { 0: found, index } of text.slice(dollar).matchAll(/\$\{|\}/g)) {
      depth += found === '}' ? -1 : 1;
      if (depth === 0) return dollar + index;
    }
    throw this.#noVariable(text.slice(dollar));
  }

  #braced(text: string): string {
    const [, name, operator = '', word = ''] = /^([A-Za-z_]\w*)(?:(:?[-?+])(.*))?$/s.exec(text) ?? [];
    if (name === undefined) throw this.#noVariable(`\${${text}}`);
    const value = this.#variables[name];
    const isSet = value !== undefined && !(operator.startsWith(':') && value === '');
    if (operator.endsWith('+')) return isSet ? this.of(word) : '';
    if (isSet) return value;
    if (operator.endsWith('?')) {
      throw new ClusterError(`${this.#path}: the variable ${name} must be set: ${this.of(word)}`);
    }
    return this.of(word);
  }

  #noVariable(text: string): ClusterError {
    return new ClusterError(`${this.#path}: ${JSON.stringify(text)} is no variable; a dollar sign is written $$`);
  }
}
