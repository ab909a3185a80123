import {
  type ArgumentDeclaration,
  type ArgumentGroup,
  type ArgumentParser,
  isPositional,
  type Subcommand,
} from './argparse-types.ts';
import { breakPieces } from './line-breaks.ts';

const WIDTH = 75;
const HELP_COLUMN = 25;
/** A longer title has its help on the next line. */
const LONGEST_TITLE_BESIDE_HELP = 21;
/** A longer program name has its arguments on the next line. */
const LONGEST_PROGRAM_BESIDE_ARGUMENTS = 30;

/** Spreads blanks between the words of a full line so that it fills `width`, the odd ones in the middle. */
function justify(line: string, width: number, usedWidth: number): string {
  const text = line.replace(/^ +| +$/g, '');
  const gaps = text.match(/ +/g)?.length ?? 0;
  if (gaps === 0) return text;
  const missing = width - (usedWidth - (line.length - text.length));
  const each = Math.trunc(missing / gaps);
  const odd = missing % gaps;
  const firstOdd = Math.trunc((gaps - odd + 1) / 2);
  let gap = 0;
  return text.replace(/ +/g, (blanks) => {
    const more = each + (gap >= firstOdd && gap < firstOdd + odd ? 1 : 0);
    gap++;
    return blanks + ' '.repeat(Math.max(0, more));
  });
}

/** Wraps a text at 75 columns as argparse4j does, every full line justified. */
export function wrapJustified(text: string, startColumn = 0, indent = ''): string {
  let result = '';
  let line = '';
  let column = startColumn;
  for (const piece of breakPieces(text)) {
    column += piece.length;
    if (column > WIDTH) {
      result += `${justify(line, WIDTH, column - piece.length)}\n${indent}`;
      line = '';
      column = indent.length + piece.length;
    }
    line += piece;
    if (piece.endsWith('\n')) {
      result += line + indent;
      line = '';
      column = indent.length;
    }
  }
  return result + line;
}

function metavarOf({ metavar, many, choices }: ArgumentDeclaration): string {
  if (metavar === undefined) return '';
  const value = choices !== undefined && metavar === '' ? `{${choices.join(',')}}` : metavar;
  return many === true ? `${value} [${value} ...]` : value;
}

function helpEntry(title: string, help: string): string {
  if (help === '') return `  ${title}\n`;
  const beside = title.length <= LONGEST_TITLE_BESIDE_HELP;
  const lead = beside ? `  ${title}`.padEnd(HELP_COLUMN) : `  ${title}\n${' '.repeat(HELP_COLUMN)}`;
  return `${lead}${wrapJustified(help, HELP_COLUMN, ' '.repeat(HELP_COLUMN))}\n`;
}

function argumentHelp(argument: ArgumentDeclaration, showsDefaults: boolean): string {
  const metavar = metavarOf(argument);
  const title = isPositional(argument)
    ? metavar
    : argument.flags.map((flag) => (metavar === '' ? flag : `${flag} ${metavar}`)).join(', ');
  const isHelp = argument.flags.includes('--help');
  const shown = argument.defaultValue ?? (argument.metavar === undefined && !isHelp ? 'false' : undefined);
  const help = showsDefaults && shown !== undefined ? `${argument.help} (default: ${shown})` : argument.help;
  return helpEntry(title, help.trimStart());
}

function syntaxWithoutBrackets(argument: ArgumentDeclaration): string {
  const metavar = metavarOf(argument);
  if (isPositional(argument)) return metavar;
  return metavar === '' ? (argument.flags[0] ?? '') : `${argument.flags[0]} ${metavar}`;
}

function syntax(argument: ArgumentDeclaration): string {
  const bare = syntaxWithoutBrackets(argument);
  return argument.required === true || isPositional(argument) ? bare : `[${bare}]`;
}

/** What usage and help are made of: a parser, or one of its sub-commands behind it. */
interface Part {
  readonly arguments: readonly ArgumentDeclaration[];
  readonly groups?: readonly ArgumentGroup[];
}

function visible(part: Part): ArgumentDeclaration[] {
  return part.arguments.filter((argument) => argument.hidden !== true);
}

function membersOf(part: Part, group: ArgumentGroup): ArgumentDeclaration[] {
  return group.members.flatMap((member) => visible(part).filter((argument) => argument.flags[0] === member));
}

function isInExclusiveGroup(part: Part, argument: ArgumentDeclaration): boolean {
  return (part.groups ?? []).some(
    (group) => group.exclusive === true && group.members.includes(argument.flags[0] ?? ''),
  );
}

function groupSyntax(part: Part, group: ArgumentGroup): string[] {
  const words = membersOf(part, group).map(syntaxWithoutBrackets);
  const [open, close] = group.required === true ? ['(', ')'] : ['[', ']'];
  return words.flatMap((word, i) => [
    ...(i > 0 ? ['|'] : []),
    `${i === 0 ? open : ''}${word}${i === words.length - 1 ? close : ''}`,
  ]);
}

function partSyntax(part: Part, onlyRequired: boolean): string[] {
  const arguments_ = visible(part);
  const flags = arguments_.filter(
    (argument) =>
      !isPositional(argument) && !isInExclusiveGroup(part, argument) && (!onlyRequired || argument.required === true),
  );
  const groups = (part.groups ?? []).filter(
    (group) => group.exclusive === true && (!onlyRequired || group.required === true),
  );
  return [
    ...flags.map(syntax),
    ...groups.flatMap((group) => groupSyntax(part, group)),
    ...arguments_.filter(isPositional).map(syntax),
  ];
}

function subcommandChoice(parser: ArgumentParser): string {
  return parser.subcommandsMetavar ?? `{${(parser.subcommands ?? []).map(({ name }) => name).join(',')}}`;
}

/** The usage lines of a parser, or of one of its sub-commands; ends with a line end. */
export function argparseUsage(parser: ArgumentParser, subcommand?: Subcommand): string {
  const words =
    subcommand === undefined
      ? [...partSyntax(parser, false), ...(parser.subcommands === undefined ? [] : [subcommandChoice(parser), '...'])]
      : [...partSyntax(parser, true), subcommand.name, ...partSyntax(subcommand, false)];
  const program = `usage: ${parser.prog}`;
  const beside = program.length <= LONGEST_PROGRAM_BESIDE_ARGUMENTS;
  const indent = ' '.repeat(beside ? program.length : 6);
  let text = beside ? program : `${program}\n${indent}`;
  // argparse4j counts the indent of the first line twice.
  let column = beside ? indent.length : 2 * indent.length;
  for (const [i, word] of words.entries()) {
    if (i > 0 && column + word.length + 1 > WIDTH) {
      text += `\n${indent} ${word}`;
      column = indent.length + 1 + word.length;
    } else {
      text += ` ${word}`;
      column += 1 + word.length;
    }
  }
  return `${text}\n`;
}

function hasSeparateHelp(group: ArgumentGroup): boolean {
  return group.exclusive !== true || group.title !== undefined || group.description !== undefined;
}

function groupHelp(part: Part, group: ArgumentGroup, showsDefaults: boolean): string {
  const title = group.title === undefined ? '' : `${group.title}:\n`;
  const description = group.description === undefined ? '' : `  ${wrapJustified(group.description, 2, '  ')}\n\n`;
  const members = membersOf(part, group).map((argument) => argumentHelp(argument, showsDefaults));
  return `\n${title}${description}${members.join('')}`;
}

/** The whole help of a parser, or of one of its sub-commands. */
export function argparseHelp(parser: ArgumentParser, subcommand?: Subcommand): string {
  const part = subcommand ?? parser;
  const showsDefaults = subcommand === undefined && parser.showsDefaults === true;
  let text = argparseUsage(parser, subcommand);
  if (part.description !== undefined) text += `\n${wrapJustified(part.description)}\n`;
  const separate = (part.groups ?? []).filter(hasSeparateHelp);
  const inDefaultList = visible(part).filter(
    (argument) => !separate.some((group) => group.members.includes(argument.flags[0] ?? '')),
  );
  const positional = inDefaultList.filter(isPositional);
  const subcommands = subcommand === undefined ? (parser.subcommands ?? []) : [];
  const subcommandList =
    subcommands.length === 0
      ? ''
      : `  ${subcommandChoice(parser)}\n${subcommands.map(({ name, help }) => subcommandHelp(name, help)).join('')}`;
  const subcommandsTitle = subcommands.length === 0 ? undefined : parser.subcommandsTitle;
  if (positional.length > 0 || (subcommands.length > 0 && subcommandsTitle === undefined)) {
    text += '\npositional arguments:\n';
    text += positional.map((argument) => argumentHelp(argument, showsDefaults)).join('');
    if (subcommandsTitle === undefined) text += subcommandList;
  }
  const optional = inDefaultList.filter((argument) => !isPositional(argument));
  if (optional.length > 0) {
    text += `\noptional arguments:\n${optional.map((argument) => argumentHelp(argument, showsDefaults)).join('')}`;
  }
  if (subcommandsTitle !== undefined) text += `\n${subcommandsTitle}:\n${subcommandList}`;
  return text + separate.map((group) => groupHelp(part, group, showsDefaults)).join('');
}

function subcommandHelp(name: string, help: string): string {
  return help === '' ? '' : helpEntry(`  ${name}`, help);
}
