import { type ChildProcess, fork } from 'node:child_process';
import { type Coverage, NO_COVERAGE, sumOf } from './coverage.ts';

/** What a worker says of a seed. */
export interface SeedReport {
  readonly seed: number;
  /** Undefined when it failed. */
  readonly coverage: Coverage | undefined;
  /** What was wrong; empty when nothing was. */
  readonly failures: readonly string[];
  readonly cpuMs: number;
}

/** What all seeds together came to. */
export interface PoolResult {
  readonly seeds: number;
  readonly failed: readonly SeedReport[];
  readonly coverage: Coverage;
  readonly cpuMs: number;
}

export interface PoolOptions {
  /** The file that the workers run; it must call {@link serveSeeds}. */
  readonly file: string;
  readonly args: readonly string[];
  readonly workers: number;
  readonly seeds: Iterator<number>;
  readonly onReport: (report: SeedReport, done: number) => void;
}

/** Runs seeds in processes of their own, one seed at a time each. */
export function runPool(options: PoolOptions): Promise<PoolResult> {
  const failed: SeedReport[] = [];
  let coverage = NO_COVERAGE;
  let cpuMs = 0;
  let done = 0;
  const report = (one: SeedReport): void => {
    done++;
    cpuMs += one.cpuMs;
    if (one.coverage !== undefined) coverage = sumOf(coverage, one.coverage);
    if (one.failures.length > 0) failed.push(one);
    options.onReport(one, done);
  };
  const runWorker = (): Promise<void> =>
    new Promise((ended, broke) => {
      let current: number | undefined;
      const next = (worker: ChildProcess): void => {
        const { value, done: isDone } = options.seeds.next();
        current = isDone === true ? undefined : value;
        if (current === undefined) worker.disconnect();
        else worker.send({ seed: current });
      };
      const worker = fork(options.file, [...options.args, '--worker'], { stdio: 'inherit' });
      worker.on('message', (message: SeedReport) => {
        report(message);
        next(worker);
      });
      worker.on('error', broke);
      worker.on('exit', (code, signal) => {
        if (current === undefined) ended();
        else {
          const what = `seed ${current}: the process that ran it ended with ${signal ?? code}`;
          report({ seed: current, coverage: undefined, failures: [what], cpuMs: 0 });
          runWorker().then(ended, broke);
        }
      });
      next(worker);
    });
  const workers = Array.from({ length: options.workers }, () => runWorker());
  return Promise.all(workers).then(() => ({ seeds: done, failed, coverage, cpuMs }));
}

/** The other end: runs each seed that it is given. */
export function serveSeeds(run: (seed: number) => Promise<SeedReport>): void {
  process.on('message', ({ seed }: { readonly seed: number }) => {
    void run(seed).then((report) => process.send?.(report));
  });
}
