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

/** Asks yes or no; no when just Enter is pressed. */
export async function askYesNo(message: string): Promise<boolean> {
  return prompt<boolean>({ type: 'confirm', message, default: false });
}

/** Prints rows as a table with borders and a bold heading, for a terminal. */
export async function terminalTable(head: readonly string[], rows: readonly (readonly string[])[]): Promise<string> {
  const [{ default: Table }, { default: chalk }] = await Promise.all([import('cli-table3'), import('chalk')]);
  const table = new Table({ head: head.map((title) => chalk.bold(title)), style: { head: [], border: ['gray'] } });
  for (const row of rows) table.push([...row]);
  return `${table.toString()}\n`;
}

/** Colours for a terminal, loaded when first needed. */
export async function loadChalk(): Promise<typeof import('chalk').default> {
  return (await import('chalk')).default;
}
