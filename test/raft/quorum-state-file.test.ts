import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { QuorumStateFile } from '../../src/raft/quorum-state-file.ts';
import { SimulatedClock } from '../simulation/simulated-clock.ts';
import { SimulatedFileSystem } from '../simulation/simulated-file-system.ts';

const reference = join(import.meta.dirname, '../../../shared/reference/traffic/metadata-log');
const PATH = '/d/quorum-state';
const DIRECTORY_ID = 'wIUPl8xATKiYWS0MncKCHQ';

function fileWith(text?: string) {
  const disk = new SimulatedFileSystem({ clock: new SimulatedClock(), random: seededRandom(1) });
  disk.makeDirectory('/d');
  if (text !== undefined) disk.writeFileAtomically(PATH, text);
  return { disk, file: new QuorumStateFile(disk, '/d') };
}

// Goal: the file is Kafka's, in both of its versions, and what cannot be understood is not taken for "nothing".
describe('quorum-state', () => {
  it('is written as Kafka writes it with kraft.version 1', () => {
    const { disk, file } = fileWith();
    file.write({ epoch: 8, leaderId: 2, votedKey: { id: 2, directoryId: DIRECTORY_ID } }, 1, [1, 2, 3]);
    expect(disk.readFile(PATH).toString()).toBe(
      `{"leaderId":2,"leaderEpoch":8,"votedId":2,"votedDirectoryId":"${DIRECTORY_ID}","data_version":1}`,
    );
    file.write({ epoch: 9, leaderId: undefined, votedKey: undefined }, 1, []);
    expect(disk.readFile(PATH).toString()).toBe(
      '{"leaderId":-1,"leaderEpoch":9,"votedId":-1,"votedDirectoryId":"AAAAAAAAAAAAAAAAAAAAAA","data_version":1}',
    );
  });

  it('is written as Kafka writes it with kraft.version 0', () => {
    const { disk, file } = fileWith();
    file.write({ epoch: 1, leaderId: 1, votedKey: undefined }, 0, [1]);
    expect(disk.readFile(PATH).toString()).toBe(
      '{"clusterId":"","leaderId":1,"leaderEpoch":1,"votedId":-1,"appliedOffset":0,"currentVoters":[{"voterId":1}],"data_version":0}',
    );
  });

  it('is read in both versions', () => {
    const v1 = `{"leaderId":-1,"leaderEpoch":8,"votedId":2,"votedDirectoryId":"${DIRECTORY_ID}","data_version":1}`;
    expect(fileWith(v1).file.read()).toEqual({
      epoch: 8,
      leaderId: undefined,
      votedKey: { id: 2, directoryId: DIRECTORY_ID },
    });
    const v0 =
      '{"clusterId":"","leaderId":1,"leaderEpoch":4,"votedId":3,"appliedOffset":0,"currentVoters":[],"data_version":0}';
    expect(fileWith(v0).file.read()).toEqual({ epoch: 4, leaderId: 1, votedKey: { id: 3, directoryId: undefined } });
    expect(fileWith().file.read()).toBeUndefined();
  });

  it.each([
    ['', /no JSON/],
    ['{"leaderId":1', /no JSON/],
    ['[]', /data_version/],
    ['{"leaderId":1,"leaderEpoch":4,"votedId":-1,"data_version":2}', /data_version 2/],
    ['{"leaderId":1,"leaderEpoch":"4","votedId":-1,"data_version":0}', /leaderEpoch/],
    ['{"leaderId":1,"leaderEpoch":4,"votedId":2,"votedDirectoryId":"x","data_version":1}', /votedDirectoryId/],
  ])('is refused when it is %j', (text, message) => {
    expect(() => fileWith(text).file.read()).toThrow(message);
  });

  it.runIf(existsSync(reference))('of Apache Kafka 4.4.0 is read', () => {
    const v1 = readFileSync(join(reference, 'n1.quorum-state.v1.json'), 'utf8');
    expect(fileWith(v1).file.read()).toEqual({ epoch: 8, leaderId: 2, votedKey: { id: 2, directoryId: DIRECTORY_ID } });
  });
});
