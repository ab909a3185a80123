import type { ToolIo, ToolOutput } from './tool.ts';

/** Whether a command line asks for a JSON document; help and version are texts whatever else it says. */
export function asksForJson(argv: readonly string[]): boolean {
  if (argv.includes('--help') || argv.includes('--version')) return false;
  return argv.includes('--output=json') || argv.some((word, i) => word === '--output' && argv[i + 1] === 'json');
}

/** Passes everything on to `target` and keeps it. */
function overheard(target: ToolOutput, texts: string[]): ToolOutput {
  return {
    write(data) {
      texts.push(typeof data === 'string' ? data : Buffer.from(data).toString());
      target.write(data);
    },
    get needsDrain() {
      return target.needsDrain;
    },
    drained: () => target.drained(),
    get closed() {
      return target.closed;
    },
  };
}

const LOG_LINE = /^\[\d{4}-\d\d-\d\d [\d:,]+\] ([A-Z]+) (.*?)(?: \([\w.$]+\))?$/;
/** Words that Kafka's tools put before what they have to say. */
const PREFIX =
  /^(?:Error: |ERROR: |Error occurred: |Exception in thread "main" |Error while executing [\w ]+ command ?: )/;
const ARGPARSE_ERROR = /^[\w-]+: error: /;
/** Lines that only lead to the next one. */
const LEAD = /^Error while executing config command with args /;

/** The line that says why a tool failed: the first that is no warning; argparse says it last, behind its usage. */
function reasonIn(texts: readonly string[]): string | undefined {
  const lines = texts
    .join('')
    .split('\n')
    .filter((line) => line.trim() !== '' && !LEAD.test(line) && !/^WARN/.test(LOG_LINE.exec(line)?.[1] ?? line));
  const isUsage = lines[0]?.startsWith('usage: ') === true;
  const behind = lines.slice(lines.findIndex((line) => ARGPARSE_ERROR.test(line)));
  const reason = isUsage ? behind.join(' ').replace(ARGPARSE_ERROR, '').replace(/\s+/g, ' ') : lines[0];
  return reason?.replace(LOG_LINE, '$2').replace(PREFIX, '').trim();
}

/**
 * Runs a tool whose answer is to be JSON. Its documents, and nothing else, go to stdout; what Kafka's tool says in words
 * goes to stderr. A run that ends without a document prints `{"error": reason}`, or `{}` when there was nothing to say.
 * Nobody is asked anything.
 */
export async function runForJson(io: ToolIo, run: (io: ToolIo) => Promise<number>): Promise<number> {
  const documents: unknown[] = [];
  const said: string[] = [];
  const warned: string[] = [];
  const exitCode = await run({
    get stdin() {
      return io.stdin;
    },
    stdout: overheard(io.stderr, said),
    stderr: overheard(io.stderr, warned),
    env: io.env,
    cwd: io.cwd,
    terminal: { stdin: false, stdout: false, stderr: false },
    columns: io.columns,
    clock: io.clock,
    random: io.random,
    onInterrupt: (hook) => io.onInterrupt(hook),
    document: (value) => documents.push(value),
  });
  if (documents.length === 0) {
    const reason = reasonIn(said) ?? (exitCode === 0 ? undefined : (reasonIn(warned) ?? `exit code ${exitCode}`));
    documents.push(reason === undefined ? {} : { error: reason });
  }
  for (const document of documents) io.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  return exitCode;
}
