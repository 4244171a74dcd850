import { once } from 'node:events';
import {
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { QdomError } from '../../src/errors/index.ts';
import { loadLibc } from '../../src/host/ffi.ts';
import { waitUntil } from '../../src/host/wait.ts';
import { machineFiles } from '../../src/machine/files.ts';
import {
  attachConsole,
  destroyMachine,
  lastEnd,
  listMachines,
  type MachineEvent,
  machineEvents,
  machineStatus,
  qmpCommand,
  rebootMachine,
  resetMachine,
  resumeMachine,
  shutdownMachine,
  startMachine,
  suspendMachine,
} from '../../src/machine/index.ts';
import { keysOption, plainOption, printArgv } from '../../src/plan/index.ts';
import { GREETING } from '../helpers/boot-sector.ts';
import {
  consoleLog,
  createMachines,
  hasQemu,
  noQemu,
  type TestMachines,
  untilGone,
} from '../helpers/machines.ts';

let machines: TestMachines;
beforeEach(() => {
  machines = createMachines({ reap: true });
});
afterEach(() => machines.end());

const codeOf = (error: unknown) => (error instanceof QdomError ? error.primary?.code : String(error));
const failure = (promise: Promise<unknown>) => promise.then(() => 'none', codeOf);

/** Reads the life of a machine up to its end. */
async function life(name: string): Promise<string[]> {
  const events: MachineEvent[] = [];
  for await (const event of machineEvents(machines.cx, name, { follow: true })) events.push(event);
  return events.map(({ event, data }) => (event === 'SHUTDOWN' ? `SHUTDOWN ${data.reason}` : event));
}

/** Waits until the guest has greeted so often. */
async function greeted(name: string, times = 1): Promise<void> {
  const log = consoleLog(machines, name);
  const count = () => (existsSync(log) ? readFileSync(log, 'latin1').split(GREETING).length - 1 : 0);
  if (!(await waitUntil(() => count() >= times, 15_000))) throw new Error(`${count()} greetings`);
}

describe.skipIf(!hasQemu)(`a machine${hasQemu ? '' : ` (${noQemu})`}`, () => {
  it('runs what the plan prints, token for token, in a session of its own', async () => {
    const plan = machines.plan('g');
    const { pid } = await startMachine(machines.cx, plan);
    const running = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
    expect(running).toEqual([plan.binary, ...printArgv(plan.options, () => '3')]);
    expect(
      readFileSync(machineFiles(machines.cx.directories, 'g').argv, 'utf8').split('\n').slice(0, -1),
    ).toEqual(running);
    const session = Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[3]);
    expect(session).not.toBe(Number(readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ')[3]));
    await greeted('g');
  });

  it('that gives no answer is told with what it said last', async () => {
    const options = [
      keysOption('-chardev', [
        [null, 'socket'],
        ['id', 'switch'],
        ['path', join(machines.root, 'switch.sock')],
        ['server', true],
      ]),
    ];
    const start = startMachine(machines.cx, machines.plan('g', { options }), { timeoutMs: 3_000 });
    const error = await start.catch((e: unknown) => e);
    expect((error as QdomError).primary).toMatchObject({
      code: 'machine/qemu-silent',
      message: expect.stringMatching(/waiting for connection on: .*switch\.sock/),
    });
  });

  it('inherits neither open files nor the environment of whoever starts it', async () => {
    const secret = join(machines.root, 'secret');
    const plan = machines.plan('g');
    writeFileSync(secret, '');
    const libc = loadLibc();
    // Not by Node, which would close it on exec.
    const leaking = libc.open(secret, constants.O_RDONLY);
    process.env.QDOM_TEST_SECRET = 'secret';
    try {
      const { pid } = await startMachine(machines.cx, plan);
      const files = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
      expect(files).toContain(join(machines.root, 'g.img'));
      expect(files).not.toContain(secret);
      expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain('secret');
    } finally {
      libc.close(leaking);
      delete process.env.QDOM_TEST_SECRET;
    }
  });

  it('is seen, suspended, resumed, reset and destroyed', async () => {
    const plan = machines.plan('g');
    const started = await startMachine(machines.cx, plan);
    expect(await machineStatus(machines.cx, 'g')).toMatchObject({ state: 'running', pid: started.pid });
    await greeted('g');
    await suspendMachine(machines.cx, 'g');
    expect(await machineStatus(machines.cx, 'g')).toMatchObject({ state: 'paused' });
    await resumeMachine(machines.cx, 'g');
    await resetMachine(machines.cx, 'g');
    await greeted('g', 2);
    expect(await qmpCommand(machines.cx, 'g', 'query-name')).toEqual({ name: 'g' });
    expect((await listMachines(machines.cx)).map((m) => [m.name, m.state])).toEqual([['g', 'running']]);
    await destroyMachine(machines.cx, 'g');
    expect(await failure(machineStatus(machines.cx, 'g'))).toBe('machine/not-found');
    expect(lastEnd(machines.cx, 'g')).toMatchObject({ reason: 'destroyed', exitStatus: 0 });
    expect(await failure(destroyMachine(machines.cx, 'g'))).toBe('machine/not-found');
  });

  it('stays before its first instruction when it is started paused', async () => {
    await startMachine(machines.cx, machines.plan('g'), { paused: true });
    expect(await machineStatus(machines.cx, 'g')).toMatchObject({ state: 'paused', reason: 'prelaunch' });
    await resumeMachine(machines.cx, 'g');
    await greeted('g');
  });

  it('ends by the power button, is reaped, and its record tells how', async () => {
    await startMachine(machines.cx, machines.plan('g'));
    await greeted('g');
    await shutdownMachine(machines.cx, 'g');
    expect(await life('g')).toEqual(['RESUME', 'POWERDOWN', 'SHUTDOWN guest-shutdown']);
    await untilGone(machines, 'g');
    expect(lastEnd(machines.cx, 'g')).toMatchObject({ reason: 'shutdown', exitStatus: 0 });
  });

  it('is started again when the guest powers off and on_poweroff is restart', async () => {
    const plan = machines.plan('g', { lifecycle: { onPoweroff: 'restart' } });
    const { pid } = await startMachine(machines.cx, plan);
    await greeted('g');
    await shutdownMachine(machines.cx, 'g');
    await restarted('g', pid);
    await destroyMachine(machines.cx, 'g');
    expect(lastEnd(machines.cx, 'g')).toMatchObject({ reason: 'destroyed' });
  });

  it('is started again by reboot', async () => {
    const { pid } = await startMachine(machines.cx, machines.plan('g'));
    await greeted('g');
    await rebootMachine(machines.cx, 'g');
    await restarted('g', pid);
  });

  it('that did not listen to a reboot ends for good when it listens to a shutdown', async () => {
    await startMachine(machines.cx, machines.plan('g'));
    await greeted('g');
    await suspendMachine(machines.cx, 'g');
    await rebootMachine(machines.cx, 'g');
    await shutdownMachine(machines.cx, 'g');
    await resumeMachine(machines.cx, 'g');
    expect(await life('g')).toContain('SHUTDOWN guest-shutdown');
    await untilGone(machines, 'g');
    expect(lastEnd(machines.cx, 'g')).toMatchObject({ reason: 'shutdown' });
    expect(await listMachines(machines.cx)).toEqual([]);
  });

  it('resets by itself, or ends when on_reboot is destroy', async () => {
    await startMachine(machines.cx, machines.plan('a', { guest: 'reset' }));
    await greeted('a', 1);
    expect(await machineStatus(machines.cx, 'a')).toMatchObject({ state: 'running' });
    await startMachine(
      machines.cx,
      machines.plan('b', { uuid: 'b', guest: 'reset', lifecycle: { onReboot: 'destroy' } }),
    );
    expect(await life('b')).toEqual(['RESUME', 'SHUTDOWN guest-reset']);
    await untilGone(machines, 'b');
    expect(lastEnd(machines.cx, 'b')).toMatchObject({ reason: 'shutdown' });
  });

  it('ends, stays or is started again when the guest panics, as on_crash says', async () => {
    await startMachine(machines.cx, machines.plan('a', { guest: 'panic' }));
    await untilGone(machines, 'a');
    expect(lastEnd(machines.cx, 'a')).toMatchObject({ reason: 'crashed' });

    await startMachine(
      machines.cx,
      machines.plan('b', { uuid: 'b', guest: 'panic', lifecycle: { onCrash: 'preserve' } }),
    );
    await eventSeen('b', 'GUEST_PANICKED');
    expect(await machineStatus(machines.cx, 'b')).toMatchObject({ state: 'crashed' });

    const plan = machines.plan('c', { uuid: 'c', guest: 'panic', lifecycle: { onCrash: 'restart' } });
    const { pid } = await startMachine(machines.cx, plan);
    await restarted('c', pid);
  });

  it('has a console on a pty and on a socket', async () => {
    for (const console of ['pty', 'unix'] as const) {
      await startMachine(machines.cx, machines.plan(console, { guest: 'echo', console, uuid: console }), {
        paused: true,
      });
      const terminal = await attachConsole(machines.cx, console);
      try {
        await resumeMachine(machines.cx, console);
        const text = await new Promise<string>((resolve, reject) => {
          let seen = '';
          terminal.on('data', (chunk: Buffer) => {
            const before = seen;
            seen += chunk.toString('latin1');
            if (!before.includes(GREETING) && seen.includes(GREETING)) terminal.write('x');
            if (seen.includes(`${GREETING}x`)) resolve(seen);
          });
          terminal.on('error', reject);
        });
        expect(text).toBe(`${GREETING}x`);
        const second = await attachConsole(machines.cx, console).catch((e: unknown) => e);
        expect(codeOf(second)).toBe('machine/console-in-use');
        expect(String(second)).toContain(`by process ${process.pid}`);
      } finally {
        terminal.destroy();
      }
      await once(terminal, 'close');
      (await attachConsole(machines.cx, console)).destroy();
    }
  });

  it('that has ended has its last words on its pty until they are read', async () => {
    const plan = machines.plan('last', { guest: 'poweroff', console: 'pty' });
    const { pid } = await startMachine(machines.cx, plan, { paused: true });
    const terminal = await attachConsole(machines.cx, 'last');
    await resumeMachine(machines.cx, 'last');
    expect(await waitUntil(() => !existsSync(`/proc/${pid}/fd/0`), 20_000)).toBe(true);
    let said = '';
    terminal.on('data', (chunk: Buffer) => {
      said += chunk.toString('latin1');
    });
    // A terminal whose other end is closed reads EIO.
    await new Promise((resolve) => terminal.once('error', resolve).once('close', resolve));
    expect(said).toBe(GREETING);
  });

  it('is one machine and one refusal when it is started twice at once', async () => {
    const plan = machines.plan('g');
    const results = await Promise.allSettled([
      startMachine(machines.cx, plan),
      startMachine(machines.cx, plan),
    ]);
    expect(results.map((r) => (r.status === 'fulfilled' ? 'started' : codeOf(r.reason))).sort()).toEqual([
      'machine/already-running',
      'started',
    ]);
  });

  it("that QEMU refuses gives QEMU's words, the place of the option, and leaves nothing", async () => {
    const from = { path: '/domain/devices/x', at: { line: 7, column: 5, offset: 99 } };
    const plan = machines.plan('g', { options: [plainOption('-device', 'nonsense,id=x', from)] });
    const error = await startMachine(machines.cx, plan).catch((e: unknown) => e);
    expect((error as QdomError).diagnostics).toEqual([
      expect.objectContaining({
        code: 'machine/qemu-refused',
        message: "-device nonsense,id=x: 'nonsense' is not a valid device model name",
        ...from,
      }),
    ]);
    await untilGone(machines, 'g');
    expect(await listMachines(machines.cx)).toEqual([]);
  });

  it('whose start is interrupted is taken back at once, and leaves nothing', async () => {
    const binary = join(machines.root, 'qemu');
    const plan = { ...machines.plan('g'), binary };
    writeFileSync(binary, '#!/bin/sh\nexec sleep 60\n', { mode: 0o700 });
    const interrupt = new AbortController();
    const start = failure(startMachine(machines.cx, plan, { signal: interrupt.signal }));
    const { qemuStat, directory } = machineFiles(machines.cx.directories, 'g');
    await waitUntil(() => existsSync(qemuStat), 15_000);
    interrupt.abort('SIGINT');
    const begin = performance.now();
    expect(await start).not.toBe('none');
    expect(performance.now() - begin).toBeLessThan(30_000);
    expect(existsSync(directory)).toBe(false);
  });

  it('that cannot be started again ends, and its record says why', async () => {
    const plan = machines.plan('g', { lifecycle: { onPoweroff: 'restart' } });
    await startMachine(machines.cx, plan);
    await greeted('g');
    unlinkSync(join(machines.root, 'g.img'));
    await shutdownMachine(machines.cx, 'g');
    await untilGone(machines, 'g');
    const noted = () => lastEnd(machines.cx, 'g')?.restartError ?? '';
    await waitUntil(() => noted() !== '', 15_000);
    expect(noted()).toMatch(/Could not open .*g\.img/);
  });

  it('with the UUID of another that runs is refused', async () => {
    await startMachine(machines.cx, machines.plan('a'));
    expect(await failure(startMachine(machines.cx, machines.plan('b')))).toBe('machine/uuid-taken');
  });

  it('with the UUID of another that is started at the same moment is refused, whichever comes second', async () => {
    const starts = await Promise.allSettled(
      ['a', 'b'].map((name) => startMachine(machines.cx, machines.plan(name))),
    );
    expect(starts.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const refused = starts.find((start) => start.status === 'rejected');
    expect(await failure(Promise.reject(refused?.reason))).toBe('machine/uuid-taken');
    const [winner = ''] = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value.name] : []));
    expect(await machineStatus(machines.cx, winner)).toMatchObject({ state: 'running' });
  });

  it('with a root whose socket paths are too long runs all the same', async () => {
    await machines.end();
    machines = createMachines({ directory: 'd'.repeat(150) });
    await startMachine(machines.cx, machines.plan('g'));
    expect(await machineStatus(machines.cx, 'g')).toMatchObject({ state: 'running' });
  });

  async function restarted(name: string, oldPid: number): Promise<void> {
    const back = await waitUntilAsync(async () => {
      const status = await machineStatus(machines.cx, name).catch(() => undefined);
      return status?.state === 'running' && status.pid !== oldPid;
    });
    if (!back) throw new Error(`${name} did not come back`);
  }

  async function eventSeen(name: string, event: string): Promise<void> {
    for await (const seen of machineEvents(machines.cx, name, { follow: true }))
      if (seen.event === event) return;
    throw new Error(`no ${event}`);
  }
});

async function waitUntilAsync(holds: () => Promise<boolean>, timeoutMs = 15_000): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return true;
}
