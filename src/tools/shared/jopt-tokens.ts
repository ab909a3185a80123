import { JoptError, unrecognizedOption } from './jopt-error.ts';
import type { OptionDeclarations } from './option-types.ts';

/** One option as found on the command line. */
export interface OptionToken {
  readonly name: string;
  /** Absent for a flag, or an optional argument that was left out. */
  readonly value?: string;
}

/** A command line taken apart by jopt-simple's rules. */
export interface TokenizedLine {
  readonly options: OptionToken[];
  /** Words that belong to no option. */
  readonly words: string[];
}

function looksLikeOption(text: string): boolean {
  return text.startsWith('-') && text !== '-' && text !== '--';
}

function isNumber(text: string): boolean {
  return /^[+-]?\d+$/.test(text);
}

class Tokenizer {
  readonly #declarations: OptionDeclarations;
  readonly #rest: string[];
  readonly #line: TokenizedLine = { options: [], words: [] };

  constructor(declarations: OptionDeclarations, argv: readonly string[]) {
    this.#declarations = declarations;
    this.#rest = [...argv];
  }

  run(): TokenizedLine {
    for (let token = this.#rest.shift(); token !== undefined; token = this.#rest.shift()) {
      if (token === '--') {
        this.#line.words.push(...this.#rest);
        break;
      }
      if (token.startsWith('--')) this.#longOption(token.slice(2));
      else if (looksLikeOption(token)) this.#shortOption(token.slice(1));
      else this.#line.words.push(token);
    }
    return this.#line;
  }

  #knows(name: string): boolean {
    return Object.hasOwn(this.#declarations, name);
  }

  #longOption(token: string): void {
    const { name, value } = splitAtEquals(token);
    if (!this.#knows(name)) throw unrecognizedOption(name);
    this.#found(name, value);
  }

  // A single dash starts a declared long name, or else a cluster of one-letter options.
  #shortOption(token: string): void {
    const { name, value } = splitAtEquals(token);
    if (this.#knows(name)) {
      this.#found(name, value);
      return;
    }
    const letters = [...token];
    for (const letter of letters) {
      if (!this.#knows(letter)) throw unrecognizedOption(letter);
      if (this.#declarations[letter]?.takes !== 'nothing') break;
    }
    for (const [index, letter] of letters.entries()) {
      const behind = letters.slice(index + 1).join('');
      if (this.#declarations[letter]?.takes !== 'nothing' && behind !== '') {
        this.#found(letter, behind);
        return;
      }
      this.#found(letter, undefined);
    }
  }

  #found(name: string, attached: string | undefined): void {
    const takes = this.#declarations[name]?.takes;
    if (takes === 'nothing') {
      this.#line.options.push({ name });
      return;
    }
    const value = attached ?? (takes === 'argument' ? this.#requiredArgument(name) : this.#optionalArgument(name));
    if (value === undefined) this.#line.options.push({ name });
    else for (const part of this.#split(name, value)) this.#line.options.push({ name, value: part });
  }

  /** A required argument swallows whatever stands next, also another option. */
  #requiredArgument(name: string): string {
    const next = this.#rest.shift();
    if (next === undefined) {
      throw new JoptError('OptionMissingRequiredArgumentException', `Option ${name} requires an argument`);
    }
    return next;
  }

  #optionalArgument(name: string): string | undefined {
    const next = this.#rest[0];
    if (next === undefined) return undefined;
    const wantsNumber = ['Integer', 'Long'].includes(this.#declarations[name]?.type ?? '');
    if (looksLikeOption(next) || next === '--' ? wantsNumber && isNumber(next) : !wantsNumber || isNumber(next)) {
      return this.#rest.shift();
    }
    return undefined;
  }

  #split(name: string, value: string): string[] {
    const separator = this.#declarations[name]?.separator;
    const parts = separator === undefined ? [] : value.split(separator).filter((part) => part !== '');
    return parts.length === 0 ? [value] : parts;
  }
}

function splitAtEquals(token: string): { name: string; value: string | undefined } {
  const at = token.indexOf('=');
  return at < 0 ? { name: token, value: undefined } : { name: token.slice(0, at), value: token.slice(at + 1) };
}

/**
 * Takes a command line apart as jopt-simple 5 does: `--name value`, `--name=value`, one dash or two, no abbreviations.
 * Throws {@link JoptError}.
 */
export function tokenize(declarations: OptionDeclarations, argv: readonly string[]): TokenizedLine {
  return new Tokenizer(declarations, argv).run();
}
