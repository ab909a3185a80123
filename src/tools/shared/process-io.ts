import { fstatSync } from 'node:fs';
import { isatty } from 'node:tty';
import type { Clock } from '../../base/clock.ts';
import { systemClock } from '../../base/clock.ts';
import { systemRandom } from '../../base/random.ts';
import type { Interrupt, ToolIo, ToolOutput } from './tool.ts';

/** Output is handed to the stream in pieces of about this many bytes. */
const CHUNK_BYTES = 64 * 1024;
/** Beyond this many bytes in flight a writer should wait. */
const MAX_IN_FLIGHT_BYTES = 1024 * 1024;

/** Gathers small writes for a stream and flushes them on the next turn of the event loop. */
export class BufferedOutput implements ToolOutput {
  readonly #stream: NodeJS.WritableStream;
  readonly #clock: Clock;
  #texts: string[] = [];
  #textLength = 0;
  #scheduled = false;
  #inFlightBytes = 0;
  #closed = false;
  #waiting: (() => void)[] = [];

  constructor(stream: NodeJS.WritableStream, clock: Clock) {
    this.#stream = stream;
    this.#clock = clock;
    // EPIPE and its kin: the reader is gone, which is an ordinary end. Kafka's tools ignore it too.
    stream.on('error', () => {
      this.#closed = true;
      this.#texts = [];
      this.#wake();
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  get needsDrain(): boolean {
    return this.#inFlightBytes > MAX_IN_FLIGHT_BYTES;
  }

  write(data: string | Uint8Array): void {
    if (this.#closed) return;
    if (typeof data !== 'string') {
      this.#flush();
      this.#send(data, data.length);
      return;
    }
    this.#texts.push(data);
    this.#textLength += data.length;
    if (this.#textLength >= CHUNK_BYTES) this.#flush();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      this.#clock.schedule(0, () => {
        this.#scheduled = false;
        this.#flush();
      });
    }
  }

  drained(): Promise<void> {
    this.#flush();
    if (this.#closed || this.#inFlightBytes === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #flush(): void {
    if (this.#texts.length === 0) return;
    const text = this.#texts.length === 1 ? (this.#texts[0] ?? '') : this.#texts.join('');
    const length = this.#textLength;
    this.#texts = [];
    this.#textLength = 0;
    this.#send(text, length);
  }

  #send(data: string | Uint8Array, length: number): void {
    this.#inFlightBytes += length;
    this.#stream.write(data, () => {
      this.#inFlightBytes -= length;
      if (this.#inFlightBytes === 0) this.#wake();
    });
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

const INTERRUPTS: readonly Interrupt[] = ['SIGHUP', 'SIGINT', 'SIGTERM'];

function onInterrupt(run: (signal: Interrupt) => void): () => void {
  const hooks = INTERRUPTS.map((signal) => [signal, () => run(signal)] as const);
  for (const [signal, hook] of hooks) process.on(signal, hook);
  return () => {
    for (const [signal, hook] of hooks) process.off(signal, hook);
  };
}

function isFile(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFile();
  } catch {
    // A stream that was closed by the parent process.
    return false;
  }
}

/** The streams, the environment and the signals of this process. */
export function processIo(): ToolIo {
  return {
    // Opening stdin costs time and may keep the process alive, so it is opened by the tool that reads it.
    get stdin() {
      return process.stdin;
    },
    stdout: new BufferedOutput(process.stdout, systemClock),
    stderr: new BufferedOutput(process.stderr, systemClock),
    env: process.env,
    cwd: process.cwd(),
    terminal: {
      get stdin() {
        return isatty(0);
      },
      stdout: process.stdout.isTTY === true,
      stderr: process.stderr.isTTY === true,
      get isStdoutFile() {
        return isFile(process.stdout.fd);
      },
    },
    columns: process.stdout.columns ?? 80,
    clock: systemClock,
    random: systemRandom,
    onInterrupt,
  };
}
