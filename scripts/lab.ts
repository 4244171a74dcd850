/**
 * Boots the lab and runs its tests, or a shell, inside (docs/lab.md).
 *   npm run test:lab [-- --shell | FILTER…]
 */
import { Lab } from '../test/lab/machine/run.ts';
import { summarize } from './counts.ts';
import { countLab } from './lab-count.ts';

const args = process.argv.slice(2);
if (args[0] === '--shell') await openShell();
else summarize([await countLab(args)]);

async function openShell(): Promise<void> {
  const lab = await Lab.prepare();
  if ('missing' in lab) return console.log(`the lab cannot be had here: ${lab.missing}`);
  try {
    await lab.shell();
  } finally {
    lab.end();
  }
}
