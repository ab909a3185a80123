import { askChoice, askText } from './terminal.ts';
import type { AskableOption } from './tool.ts';

const ANOTHER = '(another one)';
/** More than this is not read through; a name is typed then. */
const MOST_CHOICES = 200;

async function choicesOf({ choices }: AskableOption): Promise<readonly string[]> {
  try {
    return (await choices?.()) ?? [];
  } catch {
    // What keeps the list away will be told when the tool itself comes to it.
    return [];
  }
}

async function askValue(option: AskableOption): Promise<string> {
  const question = `${option.name}: ${option.description}`;
  const names = await choicesOf(option);
  if (names.length === 0 || names.length > MOST_CHOICES) return askText(question, option.defaultValue);
  const chosen = await askChoice(question, [...names, ANOTHER]);
  return chosen === ANOTHER ? askText(`${option.name}:`) : chosen;
}

/** Asks which of some options is meant, and for its value; what it returns completes the command line. */
export async function askForOption(options: readonly AskableOption[]): Promise<string[]> {
  const [first, ...more] = options;
  if (first === undefined) return [];
  const texts = options.map(({ name, description }) => `${name}: ${description}`);
  const chosen = more.length === 0 ? first : (options[texts.indexOf(await askChoice('Which one?', texts))] ?? first);
  return chosen.takesValue ? [`--${chosen.name}`, await askValue(chosen)] : [`--${chosen.name}`];
}
