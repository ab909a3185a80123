/** Goal: tables at a terminal can be read and copied. */
import { expect, test } from 'vitest';
import { terminalTable } from '../../../src/tools/shared/terminal.ts';

const plain = (text: string) => text.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, 'g'), '');

test('a row is a line without borders, numbers stand to the right, and no line ends with blanks', async () => {
  const rows = [
    ['orders', '0', '7', ''],
    ['a', '10', '-', 'x'],
  ];
  expect(plain(await terminalTable(['Topic', 'Partition', 'Lag', 'Note'], rows))).toBe(
    ['Topic   Partition  Lag  Note', 'orders          0    7', 'a              10    -  x', ''].join('\n'),
  );
});

test('a coloured number is a number still', async () => {
  const red = (text: string) => `${String.fromCharCode(27)}[31m${text}${String.fromCharCode(27)}[39m`;
  expect(plain(await terminalTable(['Lag'], [['5'], [red('1234')]]))).toBe(' Lag\n   5\n1234\n');
});

test('a table without rows has its heading', async () => {
  expect(plain(await terminalTable(['Topic', 'Id'], []))).toBe('Topic  Id\n');
});
