import { breakPieces } from './line-breaks.ts';
import type { OptionDeclaration, OptionDeclarations } from './option-types.ts';

const OVERALL_WIDTH = 80;
const SEPARATOR = '  ';
const INDENT = '  ';

interface Row {
  readonly option: string;
  readonly description: string;
}

function argumentOf(declaration: OptionDeclaration): string {
  if (declaration.takes === 'nothing') return '';
  const type = declaration.type ?? '';
  const name = declaration.argument ?? '';
  const inside = type !== '' && name !== '' ? `${type}: ${name}` : type + name;
  return declaration.takes === 'argument' ? ` <${inside}>` : ` [${inside}]`;
}

function defaultsOf({ defaults }: OptionDeclaration): string {
  if (defaults === undefined) return '';
  return ` (default: ${defaults.length === 1 ? defaults[0] : `[${defaults.join(', ')}]`})`;
}

function rowOf(name: string, declaration: OptionDeclaration): Row {
  const required = declaration.required === true ? '* ' : '';
  const dashes = name.length === 1 ? '-' : '--';
  return {
    option: `${required}${dashes}${name}${argumentOf(declaration)}`,
    description: (declaration.description + defaultsOf(declaration)).trim(),
  };
}

function wrapLine(line: string, width: number): string[] {
  const pieces: string[] = [];
  let current = '';
  for (const word of breakPieces(line)) {
    if (current.length + word.length > width) {
      pieces.push(current.trimEnd());
      current = INDENT + word;
    } else current += word;
  }
  if (current !== '') pieces.push(current);
  return pieces;
}

function wrapCell(cell: string, width: number): string[] {
  return cell
    .trim()
    .split('\n')
    .flatMap((line) => wrapLine(line, width));
}

/**
 * jopt-simple's usage table, byte for byte: two columns in 80 characters, options sorted by name, every line padded.
 * Ends with a line end.
 */
export function joptUsage(declarations: OptionDeclarations): string {
  const visible = Object.entries(declarations).filter(([, declaration]) => declaration.hidden !== true);
  const rows = visible.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, declaration]) => rowOf(name, declaration));
  const anyRequired = visible.some(([, declaration]) => declaration.required === true);
  const title = anyRequired ? 'Option (* = required)' : 'Option';
  rows.unshift(
    { option: title, description: 'Description' },
    { option: '-'.repeat(title.length), description: '-'.repeat('Description'.length) },
  );
  const widestOption = Math.max(...rows.map((row) => row.option.length));
  const widestDescription = Math.max(...rows.map((row) => row.description.length));
  const optionWidth = Math.min(Math.floor((OVERALL_WIDTH - SEPARATOR.length) / 2), widestOption);
  const descriptionWidth = Math.min(OVERALL_WIDTH - optionWidth - SEPARATOR.length, widestDescription);
  const wrapped = rows.map((row) => ({
    left: wrapCell(row.option, optionWidth),
    right: wrapCell(row.description, descriptionWidth),
  }));
  // A column is as wide as the widest line in it, which wrapping may have made narrower than it could be.
  const leftWidth = Math.max(...wrapped.flatMap(({ left }) => left.map((line) => line.length)));
  const rightWidth = Math.max(...wrapped.flatMap(({ right }) => right.map((line) => line.length)));
  let table = '';
  for (const { left, right } of wrapped) {
    for (let i = 0; i < Math.max(left.length, right.length); i++) {
      table += `${(left[i] ?? '').padEnd(leftWidth)}${SEPARATOR}${(right[i] ?? '').padEnd(rightWidth)}\n`;
    }
  }
  return table;
}
