/** Goal: without a quorum the views wait for an election, and Ctrl-C does not wait with them. */

import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { nodeFileSystem } from '../../src/base/file-system.ts';
import { systemRandom } from '../../src/base/random.ts';
import { Cluster, type ClusterEnvironment } from '../../src/cluster/cluster.ts';
import { ottlaCommand } from '../../src/cluster/ottla-command.ts';
import type { VerbContext } from '../../src/tools/cluster/command.ts';
import { superviseInForeground } from '../../src/tools/cluster/supervise.ts';
import { status } from '../../src/tools/cluster/verbs.ts';
import { removeFolder, temporaryFolder, until } from '../support/processes.ts';
import { TestIo } from '../tools/test-io.ts';

/** A terminal that knows whether the tool lets time pass. */
class TerminalIo extends TestIo {
  override readonly terminal = { stdin: true, stdout: true, stderr: true };
  override readonly clock: Clock = {
    ...systemClock,
    schedule: (delayMs, run, isBackground) => {
      this.pendingDelays++;
      const passed = (): void => {
        this.pendingDelays--;
        run();
      };
      return systemClock.schedule(delayMs, passed, isBackground);
    },
  };
  pendingDelays = 0;
}

const environment: ClusterEnvironment = {
  fileSystem: nodeFileSystem,
  clock: systemClock,
  random: systemRandom,
  command: ottlaCommand(),
  endsWithUs: true,
};
/** Well below the two seconds that a view waits. */
const SOON_MS = 1000;

let folder: string;
let cluster: Cluster;
let io: TerminalIo;
let context: VerbContext;
beforeEach(async () => {
  folder = temporaryFolder();
  io = new TerminalIo();
  const directory = join(folder, 'cluster');
  cluster = await Cluster.create(directory, { brokers: 1, controllers: 1, port: 0 }, environment);
  context = { io, environment, directory, output: 'text', open: () => cluster };
  await cluster.start();
});
afterEach(async () => {
  await cluster.purge();
  removeFolder(folder);
});

/** Resolves when a view is being made that will wait for an election. */
async function untilViewWaits(): Promise<void> {
  await until('a view tells of it', () => io.stdout.text.includes('No broker knows an active controller'));
  await until('the next view is made', () => io.pendingDelays === 0);
}

test('Ctrl-C stops a cluster in the foreground while its view waits', async () => {
  const running = superviseInForeground(cluster, context);
  await cluster.process(2).kill();
  await untilViewWaits();
  io.interrupt('SIGINT');
  await until('it stops', () => io.stderr.text.includes('ottla cluster: stopping ...'), SOON_MS);
  expect(await running).toBe(0);
  expect(cluster.runningIds()).toEqual([]);
});

test('Ctrl-C ends a repeated status while it waits', async () => {
  await cluster.process(2).kill();
  let exitCode: number | undefined;
  const running = status(context, true).then((code) => {
    exitCode = code;
  });
  await untilViewWaits();
  io.interrupt('SIGINT');
  await until('it ends', () => exitCode !== undefined, SOON_MS);
  await running;
  expect(exitCode).toBe(0);
});

test('Ctrl-C ends a status as it ends any program', async () => {
  const running = status(context, false);
  expect(io.isInterruptible).toBe(false);
  expect(await running).toBe(0);
});
