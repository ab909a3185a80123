/** Goal: long work shows how far it is, to a person at a terminal and to nobody else. */
import { expect, test } from 'vitest';
import { type Clock, systemClock } from '../../../src/base/clock.ts';
import { startProgress, tellProgress, withProgress } from '../../../src/tools/shared/progress.ts';
import type { TerminalFlags } from '../../../src/tools/shared/tool.ts';
import { until } from '../../support/processes.ts';
import { TestIo } from '../test-io.ts';

/** A terminal whose half second passes when the test says so. */
class TerminalIo extends TestIo {
  override readonly terminal: { -readonly [name in keyof TerminalFlags]: TerminalFlags[name] };
  override readonly clock: Clock;
  readonly delaysMs: number[] = [];
  passTime: () => void = () => {};

  constructor(flags: Partial<TerminalFlags> = {}) {
    super();
    this.terminal = { stdin: true, stdout: true, stderr: true, ...flags };
    this.clock = {
      ...systemClock,
      schedule: (delayMs, run) => {
        this.delaysMs.push(delayMs);
        this.passTime = run;
        return {
          cancel: () => {
            this.passTime = () => {};
          },
        };
      },
    };
  }
}

const CLEAR_LINE = '\x1b[2K';

test('quick work shows nothing', async () => {
  const io = new TerminalIo();
  await withProgress(io, { what: 'Deleting' }, async () => {});
  io.passTime();
  expect([io.delaysMs, io.stderr.text, io.stdout.text]).toEqual([[500], '', '']);
});

test('a bar stands on stderr after half a second, moves on, and leaves an empty line', async () => {
  const io = new TerminalIo();
  const progress = startProgress(io, { what: 'Reading offsets', unit: 'groups', total: 2000 });
  progress.advanceTo(500);
  io.passTime();
  await until('the bar is drawn', () => io.stderr.text.includes('█'));
  expect(io.stderr.text).toMatch(/Reading offsets █+░+ 25%, 500 of 2,000 groups, /);
  progress.advanceTo(1000);
  await until('the bar moves', () => io.stderr.text.includes('50%, 1,000 of 2,000 groups'));
  progress.stop();
  expect(io.stderr.text.endsWith(CLEAR_LINE)).toBe(true);
  expect(io.stdout.text).toBe('');
});

test('without a known end it shows the count and a rate', async () => {
  const io = new TerminalIo();
  const progress = startProgress(io, { what: 'Sent', unit: 'records' });
  progress.advanceTo(12_345);
  io.passTime();
  await until('the count is drawn', () => /Sent: 12,345 records, [\d,]+\/s/.test(io.stderr.text));
  progress.stop();
});

test('work to which more may be added shows how long it has taken, and the new total', async () => {
  const io = new TerminalIo();
  const progress = startProgress(io, { what: 'Comparing', unit: 'records', total: 0, isEndless: true });
  progress.advanceTo(0, 2000);
  io.passTime();
  await until('the bar is drawn', () => io.stderr.text.includes('0%, 0 of 2,000 records, 0s'));
  progress.advanceTo(1000, 4000);
  await until('the bar moves', () => io.stderr.text.includes('25%, 1,000 of 4,000 records'));
  progress.stop();
  expect(io.stderr.text).not.toContain('left');
});

test('work that goes on elsewhere is told once, on a line that stays', async () => {
  const io = new TerminalIo();
  await tellProgress(io, { what: 'Moving 2 replicas', unit: 'MB', total: 2500 }, 1249);
  expect(io.stderr.text).toBe(`Moving 2 replicas ${'█'.repeat(9)}${'░'.repeat(11)} 49%, 1,249 of 2,500 MB\n`);
  const pipe = new TerminalIo({ stdout: false });
  await tellProgress(pipe, { what: 'Moving 2 replicas', unit: 'MB', total: 2500 }, 1249);
  expect(pipe.stderr.text).toBe('');
});

test('a line that is printed meanwhile gets a line of its own', async () => {
  const io = new TerminalIo();
  const progress = startProgress(io, { what: 'Deleting' });
  progress.makeRoom();
  expect(io.stderr.text).toBe('');
  io.passTime();
  await until('the text is drawn', () => io.stderr.text.includes('Deleting …'));
  progress.makeRoom();
  expect(io.stderr.text.endsWith('\r\x1b[K')).toBe(true);
  progress.stop();
});

test('work that fails takes its bar away', async () => {
  const io = new TerminalIo();
  const failing = withProgress(io, { what: 'Deleting' }, async () => {
    io.passTime();
    await until('the text is drawn', () => io.stderr.text.includes('Deleting …'));
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(io.stderr.text.endsWith(CLEAR_LINE)).toBe(true);
});

test.each<[string, Partial<TerminalFlags>, boolean]>([
  ['a terminal', {}, true],
  ['stdout into a file', { stdout: false, isStdoutFile: true }, true],
  ['stdout through a pipe', { stdout: false }, false],
  ['stderr into a file or a pipe', { stderr: false }, false],
  ['no terminal at all', { stdin: false, stdout: false, stderr: false }, false],
])('%s', (_what, flags, isShown) => {
  const io = new TerminalIo(flags);
  startProgress(io, { what: 'Deleting' }).stop();
  expect(io.delaysMs.length > 0).toBe(isShown);
});
