/** Starts a machine and is killed after its k-th change to the host: `start-and-die.ts ROOT PLAN K`. */
import { readFileSync } from 'node:fs';
import { realHost } from '../../src/host/real.ts';
import type { HostSystem } from '../../src/host/system.ts';
import { findDirectories, startMachine } from '../../src/machine/index.ts';
import { planFromJson } from '../../src/machine/plan-file.ts';

const LOOKS: ReadonlySet<string> = new Set(['listDirectory', 'readText', 'readLink', 'status', 'mayUse']);

const [, , root = '', planFile = '', k = ''] = process.argv;
let changes = 0;
const host = new Proxy<HostSystem>(realHost(), {
  get(target, name) {
    const call: unknown = Reflect.get(target, name);
    if (typeof call !== 'function' || LOOKS.has(String(name))) return call;
    return (...args: unknown[]) => {
      const result: unknown = call.apply(target, args);
      if (++changes === Number(k)) process.kill(process.pid, 'SIGKILL');
      return result;
    };
  },
});
const directories = findDirectories({ root, uid: 0, home: '/', env: {} });
await startMachine({ directories, host, reapCommand: [] }, planFromJson(readFileSync(planFile, 'utf8')));
process.stdout.write('started\n');
