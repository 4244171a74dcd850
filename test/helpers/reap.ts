/** The reap command of machines in tests: `reap.ts ROOT -- NAME`. */
import { realHost } from '../../src/host/real.ts';
import { findDirectories, reapMachine } from '../../src/machine/index.ts';
import { nodeWithTypeScript } from './machines.ts';

const [script = '', root = '', , name = ''] = process.argv.slice(1);
const directories = findDirectories({ root, uid: 0, home: '/', env: {} });
await reapMachine(
  { directories, host: realHost(), reapCommand: [...nodeWithTypeScript, script, root] },
  name,
);
