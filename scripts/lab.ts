/**
 * Boots the lab and runs its tests, or a shell, inside (docs/lab.md).
 *   npm run test:lab [-- --shell | FILTER…]
 */
import { runLab } from '../test/lab/machine/run.ts';
import { summarize } from './counts.ts';
import { countLab } from './lab-count.ts';

const args = process.argv.slice(2);
if (args[0] === '--shell') {
  const result = await runLab('shell', []);
  if ('none' in result) console.log(result.none);
} else summarize([await countLab(args)]);
