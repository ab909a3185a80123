import { Writable } from 'node:stream';
import type { SingleBar } from 'cli-progress';
import type { ToolIo } from './tool.ts';

/** Work that is over before this is not worth a bar. */
const QUIET_MS = 500;
/** Redrawn at most as often. */
const FRAMES_PER_SECOND = 8;
const BAR_COLUMNS = 20;
const [DONE, LEFT] = ['█', '░'];
/** Save and restore the cursor: of no use where other lines may have moved the screen. */
const CURSOR_ESCAPES = ['\x1b7', '\x1b8'];

/** Work that takes long, as a person at a terminal sees it. */
export interface Progress {
  /** How much is done by now, and how much there is to do when that has changed. Cheap; may be called for each step. */
  advanceTo(value: number, total?: number): void;
  /** Clears the bar's line, for a line of text that is about to be printed. */
  makeRoom(): void;
  /** Takes the bar away. Whoever started it must call this, whatever happens. */
  stop(): void;
}

export interface ProgressOptions {
  /** What is done, such as `Reading offsets`. */
  readonly what: string;
  /** What is counted, such as `groups`; without it only the time is shown. */
  readonly unit?: string;
  /** How much there is to do; without it a rate is shown instead of a bar. */
  readonly total?: number;
  /** Whether there may be more to do at any time: then it shows how long it has taken, not how long it still will. */
  readonly isEndless?: true;
}

/** Progress that nobody sees. */
export const NO_PROGRESS: Progress = { advanceTo() {}, makeRoom() {}, stop() {} };

/**
 * Shows on stderr how far long work has come, from half a second on. Only at a terminal, and never while stdout goes
 * through a pipe: what reads there may draw on the same screen.
 */
export function startProgress(io: ToolIo, options: ProgressOptions): Progress {
  return isSeen(io) ? new TerminalProgress(io, options) : NO_PROGRESS;
}

function isSeen({ terminal: { stdout, stderr, isStdoutFile = false } }: ToolIo): boolean {
  return stderr && (stdout || isStdoutFile);
}

/** Tells, below what was printed so far, how far work is that goes on elsewhere; to whom {@link startProgress} shows it. */
export async function tellProgress(
  io: ToolIo,
  { what, unit, total }: { readonly what: string; readonly unit: string; readonly total: number },
  value: number,
): Promise<void> {
  if (!isSeen(io)) return;
  await io.stdout.drained();
  const done = value / total;
  const columns = Math.floor(done * BAR_COLUMNS);
  const bar = DONE.repeat(columns) + LEFT.repeat(BAR_COLUMNS - columns);
  const counts = `${numberText(value)} of ${numberText(total)} ${unit}`;
  io.stderr.write(`${what} ${bar} ${Math.floor(done * 100)}%, ${counts}\n`);
}

/** Shows progress while `work` is under way. */
export async function withProgress<T>(
  io: ToolIo,
  options: ProgressOptions,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  const progress = startProgress(io, options);
  try {
    return await work(progress);
  } finally {
    progress.stop();
  }
}

function formatOf({ what, unit, total, isEndless }: ProgressOptions): string {
  if (unit === undefined) return `${what} … {duration_formatted}`;
  if (total === undefined) return `${what}: {value} ${unit}, {rate}/s, {duration_formatted}`;
  const time = isEndless ? '{duration_formatted}' : '{eta_formatted} left';
  return `${what} {bar} {percentage}%, {value} of {total} ${unit}, ${time}`;
}

class TerminalProgress implements Progress {
  readonly #io: ToolIo;
  readonly #options: ProgressOptions;
  readonly #startMs: number;
  readonly #timer: { cancel(): void };
  #value = 0;
  #total: number;
  #isStopped = false;
  #bar: SingleBar | undefined;

  constructor(io: ToolIo, options: ProgressOptions) {
    this.#io = io;
    this.#options = options;
    this.#total = options.total ?? 0;
    this.#startMs = io.clock.monotonicMs();
    this.#timer = io.clock.schedule(QUIET_MS, () => void this.#show(), true);
  }

  advanceTo(value: number, total = this.#total): void {
    this.#value = value;
    this.#total = total;
    this.#bar?.setTotal(total);
    this.#bar?.update(value, this.#payload());
  }

  makeRoom(): void {
    if (this.#bar === undefined) return;
    this.#io.stderr.write('\r\x1b[K');
    // At once: what is printed on the other stream must not come first.
    void this.#io.stderr.drained();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer.cancel();
    this.#bar?.stop();
    this.#bar = undefined;
  }

  async #show(): Promise<void> {
    const { SingleBar: Bar } = (await import('cli-progress')).default;
    if (this.#isStopped) return;
    this.#bar = new Bar({
      format: formatOf(this.#options),
      stream: this.#stream(),
      barsize: BAR_COLUMNS,
      formatValue: (value, _options, type) => (type === 'percentage' ? String(value) : numberText(value)),
      barCompleteChar: DONE,
      barIncompleteChar: LEFT,
      fps: FRAMES_PER_SECOND,
      clearOnComplete: true,
      // Ctrl-C ends the tool as ever, and must not leave the terminal changed.
      gracefulExit: false,
      hideCursor: false,
      linewrap: true,
    });
    this.#bar.start(this.#total, this.#value, this.#payload());
  }

  #payload(): { rate: string } {
    const seconds = (this.#io.clock.monotonicMs() - this.#startMs) / 1000;
    return { rate: numberText(Math.round(this.#value / Math.max(seconds, 0.001))) };
  }

  /** Stderr as cli-progress wants it. */
  #stream(): NodeJS.WritableStream {
    const { stderr, columns } = this.#io;
    const stream = new Writable({
      write(chunk, _encoding, done) {
        const text = String(chunk);
        if (!CURSOR_ESCAPES.includes(text)) stderr.write(text);
        done();
      },
    });
    return Object.assign(stream, { isTTY: true, columns });
  }
}

function numberText(value: number): string {
  return value.toLocaleString('en');
}
