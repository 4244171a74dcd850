import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { machineFiles } from '../../src/machine/files.ts';
import { startMachine } from '../../src/machine/index.ts';
import { createMachines, hasQemu, noQemu, type TestMachines } from '../helpers/machines.ts';

let machines: TestMachines;
beforeEach(() => {
  machines = createMachines();
});
afterEach(() => machines.end());

/** The soft and the hard limit as `/proc/PID/limits` has them. */
function limitsOf(pid: number | 'self', title: string): readonly string[] {
  const line = readFileSync(`/proc/${pid}/limits`, 'utf8')
    .split('\n')
    .find((one) => one.startsWith(title));
  return line?.slice(title.length).trim().split(/\s+/).slice(0, 2) ?? [];
}

describe.skipIf(!hasQemu)(`QEMU's process${hasQemu ? '' : ` (${noQemu})`}`, () => {
  it('has the limits that were asked for, and its waiting shell has those of who started it', async () => {
    const host = [
      { type: 'process-limit', resource: 'memlock', value: 65_536n },
      { type: 'process-limit', resource: 'nofile', value: 512n },
      { type: 'process-limit', resource: 'core', value: 4096n },
    ] as const;
    const { pid } = await startMachine(machines.cx, machines.plan('g', { host }));
    expect(limitsOf(pid, 'Max locked memory')).toEqual(['65536', '65536']);
    expect(limitsOf(pid, 'Max open files')).toEqual(['512', '512']);
    expect(limitsOf(pid, 'Max core file size')).toEqual(['4096', '4096']);
    const shell = Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]);
    expect(limitsOf(shell, 'Max locked memory')).toEqual(limitsOf('self', 'Max locked memory'));
  });

  it('begins with the descriptors and the environment that are meant for it, and with nothing else', async () => {
    const told = join(machines.root, 'told');
    const binary = join(machines.root, 'qemu');
    const plan = { ...machines.plan('g'), binary };
    writeFileSync(
      binary,
      `#!/bin/sh\numask >${told}; pwd >>${told}; cat /proc/self/oom_score_adj >>${told}
echo $$ $(cut -d' ' -f6 /proc/$$/stat) >>${told}
tr '\\0' '\\n' </proc/$$/environ | sort >>${told}; ls -l /proc/self/fd >>${told}; exit 7\n`,
    );
    chmodSync(binary, 0o700);
    await expect(startMachine(machines.cx, plan)).rejects.toThrow();
    const lines = readFileSync(told, 'utf8').trim().split('\n');
    const home = machineFiles(machines.cx.directories, 'g').home;
    const [mask, directory, oom, session = '', ...rest] = lines;
    expect([mask, directory]).toEqual(['0077', '/']);
    expect(oom).toBe(readFileSync('/proc/self/oom_score_adj', 'utf8').trim());
    const [, sid] = session.trim().split(/\s+/);
    expect(sid).not.toBe(readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ')[3]);
    const environment = rest.filter((line) => /^[A-Z_]+=/.test(line));
    expect(environment).toEqual([
      `HOME=${home}`,
      'LC_ALL=C',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      `XDG_CACHE_HOME=${home}/.cache`,
      `XDG_CONFIG_HOME=${home}/.config`,
      `XDG_DATA_HOME=${home}/.local/share`,
    ]);
    const descriptors = rest.flatMap((line) => / (\d+) -> (.*)$/.exec(line)?.slice(1).join(' ') ?? []);
    expect(descriptors.filter((line) => !/ \/proc\/\d+\/fd$/.test(line))).toEqual([
      '0 /dev/null',
      `1 ${told}`,
      `2 ${machineFiles(machines.cx.directories, 'g').qemuLog}`,
      expect.stringMatching(/^3 socket:/),
    ]);
  });
});
