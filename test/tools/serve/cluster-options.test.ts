/** Goal: what the launcher tells a node of its cluster is understood, and a slip is named. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { nodeFileSystem } from '../../../src/base/file-system.ts';
import { FaultFile } from '../../../src/tools/serve/fault-file.ts';
import { initialControllers } from '../../../src/tools/serve/initial-controllers.ts';
import { removeFolder, temporaryFolder, until } from '../../support/processes.ts';

const DIRECTORY_ID = 'mEYyVNs6Sc2VU2JDGAiiew';

describe('--initial-controllers', () => {
  test('names voters with their address and directory id', () => {
    const text = `1@localhost:9093:${DIRECTORY_ID}, 2@[::1]:9094:${DIRECTORY_ID}`;
    expect(initialControllers(text)).toEqual([
      { id: 1, host: 'localhost', port: 9093, directoryId: DIRECTORY_ID },
      { id: 2, host: '::1', port: 9094, directoryId: DIRECTORY_ID },
    ]);
  });

  test.each([
    ['', 'must be ID@HOST:PORT:DIRECTORY_ID, received ""'],
    [`localhost:9093:${DIRECTORY_ID}`, 'must be ID@HOST:PORT:DIRECTORY_ID'],
    ['1@localhost:9093', 'must be ID@HOST:PORT:DIRECTORY_ID'],
    ['1@localhost:9093:short', 'the directory id of controller 1 must be a UUID in base64, received "short"'],
  ])('refuses %j', (text, message) => {
    expect(() => initialControllers(text)).toThrow(message);
  });
});

describe('the file of faults', () => {
  let folder: string;
  let path: string;
  let file: FaultFile | undefined;
  const applied: (readonly number[])[] = [];
  beforeEach(() => {
    folder = temporaryFolder();
    path = join(folder, 'faults.json');
    applied.length = 0;
  });
  afterEach(() => {
    file?.stop();
    removeFolder(folder);
  });
  const watch = () => {
    file = FaultFile.watch(path, systemClock, (nodeIds) => applied.push(nodeIds));
  };
  const write = (text: string) => nodeFileSystem.writeFileAtomically(path, text);

  test('is acted upon before anything else when it is there, and whenever it changes; each time that is confirmed', async () => {
    write('{"cutOffFrom":[2,3]}');
    watch();
    expect(applied).toEqual([[2, 3]]);
    expect(nodeFileSystem.readFile(`${path}.applied`).toString()).toBe('{"cutOffFrom":[2,3]}');
    write('{"cutOffFrom":[]}');
    await until('the change is applied', () => applied.length === 2);
    expect(applied[1]).toEqual([]);
    expect(nodeFileSystem.readFile(`${path}.applied`).toString()).toBe('{"cutOffFrom":[]}');
  });

  test.each(['no JSON', '{"cutOffFrom":"all"}', '[]'])('means no cut when it holds %j', (text) => {
    writeFileSync(path, text);
    watch();
    expect(applied).toEqual([[]]);
  });
});
