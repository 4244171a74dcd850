import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../../src/host/wait.ts';
import { machineFiles, machinesDirectory } from '../../src/machine/files.ts';
import {
  destroyMachine,
  lastEnd,
  listMachines,
  machineEvents,
  machineStatus,
  resumeMachine,
  shutdownMachine,
  startMachine,
} from '../../src/machine/index.ts';
import { planToJson } from '../../src/machine/plan-file.ts';
import { GREETING } from '../helpers/boot-sector.ts';
import { kill } from '../helpers/kill.ts';
import {
  consoleLog,
  createMachines,
  hasQemu,
  nodeWithTypeScript,
  noQemu,
  notedPid,
  processesOf,
  type TestMachines,
  untilGone,
} from '../helpers/machines.ts';

let machines: TestMachines;
beforeEach(() => {
  machines = createMachines({ reap: true });
});
afterEach(() => machines.end());

const START_AND_DIE = new URL('../helpers/start-and-die.ts', import.meta.url).pathname;

async function greeted(name: string): Promise<void> {
  const log = consoleLog(machines, name);
  const seen = () => existsSync(log) && readFileSync(log, 'latin1').includes(GREETING);
  if (!(await waitUntil(seen, 15_000))) throw new Error('no greeting');
}

describe.skipIf(!hasQemu)(`kill -9${hasQemu ? '' : ` (${noQemu})`}`, () => {
  it('of the launcher after any of its steps leaves nothing, or a machine that can be controlled', async () => {
    const plan = machines.plan('g', {
      host: [{ type: 'directory', path: join(machines.root, 'sockets/deep') }],
    });
    const planFile = join(machines.root, 'plan');
    writeFileSync(planFile, planToJson(plan));
    const outcomes: string[] = [];
    for (let k = 1; outcomes.at(-1) !== 'started'; k++) {
      const [node = '', ...args] = nodeWithTypeScript;
      const { stdout } = await execa(node, [...args, START_AND_DIE, machines.root, planFile, String(k)], {
        reject: false,
      });
      const [seen] = await listMachines(machines.cx);
      if (seen?.state === 'running' || seen?.state === 'paused') {
        await resumeMachine(machines.cx, 'g');
        await greeted('g');
        await destroyMachine(machines.cx, 'g');
      } else {
        expect(seen, `k = ${k}`).toBeUndefined();
      }
      await untilGone(machines, 'g');
      expect(machines.cx.host.listDirectory(machinesDirectory(machines.cx.directories)), `k = ${k}`).toEqual(
        [],
      );
      expect(existsSync(join(machines.root, 'sockets')), `k = ${k}`).toBe(false);
      const { directory } = machineFiles(machines.cx.directories, 'g');
      expect(await waitUntil(() => processesOf(directory).length === 0, 10_000), `k = ${k}`).toBe(true);
      outcomes.push(stdout || (seen?.state ?? 'nothing'));
    }
    expect(outcomes.length).toBeGreaterThan(15);
    expect(outcomes).toContain('nothing');
    expect(outcomes).toContain('paused');
  }, 300_000);

  it('of QEMU is noticed, recorded and cleaned up', async () => {
    const { pid } = await startMachine(machines.cx, machines.plan('g'));
    process.kill(pid, 'SIGKILL');
    await untilGone(machines, 'g');
    expect(lastEnd(machines.cx, 'g')).toMatchObject({ reason: 'failed', exitStatus: 137 });
  });

  it('of the waiting shell leaves a machine that runs, and whose end the next command notes', async () => {
    await startMachine(machines.cx, machines.plan('g'));
    await greeted('g');
    await kill(notedPid(machines, 'g', 'supervisorStat'));
    expect(await machineStatus(machines.cx, 'g')).toMatchObject({ state: 'running' });
    await shutdownMachine(machines.cx, 'g');
    for await (const _ of machineEvents(machines.cx, 'g', { follow: true })) {
      // Until it ends.
    }
    expect(await listMachines(machines.cx)).toEqual([]);
    expect(lastEnd(machines.cx, 'g')).toMatchObject({ reason: 'shutdown' });
    expect(readdirSync(machinesDirectory(machines.cx.directories))).toEqual([]);
  });

  it('of the waiting shell and QEMU is cleaned up by whoever comes next, and the name is free', async () => {
    await startMachine(machines.cx, machines.plan('g'));
    const qemu = notedPid(machines, 'g', 'qemuStat');
    await kill(notedPid(machines, 'g', 'supervisorStat'));
    await kill(qemu);
    await startMachine(machines.cx, machines.plan('g'));
    await greeted('g');
    expect(lastEnd(machines.cx, 'g')).toMatchObject({ reason: 'failed' });
  });

  it('is what a QEMU gets that hangs, when it is destroyed; until then it is said to give no answer', async () => {
    const { pid } = await startMachine(machines.cx, machines.plan('g'));
    process.kill(pid, 'SIGSTOP');
    expect(await machineStatus(machines.cx, 'g', { timeoutMs: 300 })).toMatchObject({
      state: 'no answer',
      pid,
    });
    const gentle = destroyMachine(machines.cx, 'g', { graceful: true, timeoutMs: 300 });
    await expect(gentle).rejects.toThrow(/has not ended within 300 ms/);
    await destroyMachine(machines.cx, 'g', { timeoutMs: 300 });
    expect(lastEnd(machines.cx, 'g')).toMatchObject({ reason: 'destroyed', exitStatus: 137 });
  });

  it('a pid that is somebody else now is not taken for the machine', async () => {
    await startMachine(machines.cx, machines.plan('g'));
    const files = machineFiles(machines.cx.directories, 'g');
    const supervisor = notedPid(machines, 'g', 'supervisorStat');
    const qemu = notedPid(machines, 'g', 'qemuStat');
    await kill(supervisor);
    await kill(qemu);
    const mine = readFileSync('/proc/self/stat', 'utf8').split(' ');
    mine[21] = '1';
    writeFileSync(files.qemuStat, mine.join(' '));
    expect(await listMachines(machines.cx)).toEqual([]);
    process.kill(process.pid, 0);
  });
});
