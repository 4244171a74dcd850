/**
 * How fast, always beside a reference in the same run: a ratio says something, seconds on some machine do not.
 *   npm run bench [-- compile|cold|start]
 */
import { existsSync } from 'node:fs';
import { benchCold } from './cold.ts';
import { benchCompile } from './compile.ts';
import { benchStart } from './start.ts';

const only = process.argv[2];
if (only === undefined || only === 'compile') await benchCompile();
if (only === undefined || only === 'cold') await benchCold();
if (only === undefined || only === 'start') {
  if (existsSync('/usr/bin/qemu-system-x86_64')) await benchStart();
  else console.log('start: skipped, there is no /usr/bin/qemu-system-x86_64');
}
