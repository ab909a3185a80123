import { ToolExit, type ToolIo } from './tool.ts';

/** Whether questions may be asked: a person sits at both ends. */
export function canAsk(io: ToolIo): boolean {
  return io.terminal.stdin && io.terminal.stdout;
}

async function prompt<T>(question: Record<string, unknown>): Promise<T> {
  const { default: inquirer } = await import('inquirer');
  try {
    const answers: Record<string, T> = await inquirer.prompt([{ ...question, name: 'answer' }] as never);
    return answers['answer'] as T;
  } catch (error) {
    // Ctrl-C in a question ends the tool as Ctrl-C anywhere does.
    if (error instanceof Error && error.name === 'ExitPromptError') throw new ToolExit(130);
    throw error;
  }
}

/** Asks for a text; the answer is trimmed and, unless there is a default, not empty. */
export async function askText(message: string, defaultValue?: string): Promise<string> {
  const answer = await prompt<string>({
    type: 'input',
    message,
    ...(defaultValue === undefined ? {} : { default: defaultValue }),
    validate: (text: string) => defaultValue !== undefined || text.trim() !== '' || 'An answer is needed.',
  });
  return answer.trim();
}

/** Asks for one of some texts. */
export async function askChoice(message: string, choices: readonly string[]): Promise<string> {
  return prompt<string>({ type: 'select', message, choices: [...choices], loop: false });
}

/** Asks yes or no, below what was printed so far; no when just Enter is pressed. */
export async function askYesNo(io: ToolIo, message: string): Promise<boolean> {
  await Promise.all([io.stdout.drained(), io.stderr.drained()]);
  return prompt<boolean>({ type: 'confirm', message, default: false });
}

/** No lines: what is printed can be copied, and a long table keeps to a row a line. */
const NO_LINES = Object.fromEntries(
  ['top', 'bottom', 'mid', 'left', 'right'].flatMap((side) =>
    ['', '-mid', '-left', '-right'].map((corner) => [`${side}${corner}`, '']),
  ),
);

const ESCAPES = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, 'g');

/** Whether a column holds numbers, `-` for those that are not known included. */
function isNumeric(cells: readonly string[]): boolean {
  const texts = cells.map((cell) => cell.replaceAll(ESCAPES, ''));
  return texts.some((text) => /\d/.test(text)) && texts.every((text) => /^-?\d*$/.test(text));
}

/** Formats rows as a table with a bold heading, for a terminal. Columns of numbers are set to the right. */
export async function terminalTable(head: readonly string[], rows: readonly (readonly string[])[]): Promise<string> {
  const [{ default: Table }, { default: chalk }] = await Promise.all([import('cli-table3'), import('chalk')]);
  const table = new Table({
    head: head.map((title) => chalk.bold(title)),
    colAligns: head.map((_, i) => (isNumeric(rows.map((row) => row[i] ?? '')) ? 'right' : 'left')),
    chars: { ...NO_LINES, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  for (const row of rows) table.push([...row]);
  return `${table.toString().replaceAll(/ +$/gm, '')}\n`;
}

/** Colours for a terminal, loaded when first needed. */
export async function loadChalk(): Promise<typeof import('chalk').default> {
  return (await import('chalk')).default;
}
