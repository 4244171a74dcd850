import { expect, test } from 'vitest';
import {
  addFdOption,
  fdSetPath,
  jsonOption,
  keysOption,
  numberFdSets,
  printArgv,
} from '../../src/plan/index.ts';

test('sets are numbered in the order of -add-fd, wherever they are used', () => {
  const options = numberFdSets([
    addFdOption('net0-vdpa'),
    jsonOption('-netdev', { vhostdev: fdSetPath('net0-vdpa'), id: 'hostnet0' }),
    addFdOption('serial0-log'),
    keysOption('-chardev', [
      [null, 'pty'],
      ['logfile', fdSetPath('serial0-log')],
    ]),
  ]);
  expect(printArgv(options)).toEqual([
    '-add-fd',
    'set=0,fd=@net0-vdpa@,opaque=net0-vdpa',
    '-netdev',
    '{"vhostdev":"/dev/fdset/0","id":"hostnet0"}',
    '-add-fd',
    'set=1,fd=@serial0-log@,opaque=serial0-log',
    '-chardev',
    'pty,logfile=/dev/fdset/1',
  ]);
});

test('several descriptors print in one value', () => {
  expect(printArgv([jsonOption('-netdev', { fds: { fds: ['a', 'b'] } })])).toEqual([
    '-netdev',
    '{"fds":"@a@:@b@"}',
  ]);
});
