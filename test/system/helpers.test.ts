import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type QdomError, Secret } from '../../src/errors/index.ts';
import { findProgram } from '../../src/host/programs.ts';
import { realHost } from '../../src/host/real.ts';
import { endedFiles } from '../../src/machine/files.ts';
import {
  destroyMachine,
  type MachineEvent,
  machineEvents,
  machineStatus,
  reapAll,
  startMachine,
  tellLostHelpers,
} from '../../src/machine/index.ts';
import { type HostRequirement, jsonOption, keysOption, type QemuOption } from '../../src/plan/index.ts';
import { kill } from '../helpers/kill.ts';
import { createMachines, hasQemu, noQemu, notedPid, QEMU, type TestMachines } from '../helpers/machines.ts';
import { whyNoPasst } from '../helpers/passt.ts';

const GPU = '/usr/lib/qemu/vhost-user-gpu';
const PROGRAMS = {
  swtpm: 'swtpm_setup',
  virtiofsd: 'virtiofsd',
  passt: 'passt',
  'reservations-helper': 'qemu-pr-helper',
  'dbus-daemon': 'dbus-daemon',
  'vhost-user-gpu': 'vhost-user-gpu',
} as const;
type Kind = keyof typeof PROGRAMS;

function whyNot(kind: Kind): string | undefined {
  if (!hasQemu) return noQemu;
  if (process.getuid?.() !== 0) return 'helpers are tried as root';
  // The device needs the ioeventfds of KVM.
  if (kind === 'vhost-user-gpu' && !realHost().mayUse('/dev/kvm')) return 'there is no /dev/kvm';
  if (kind === 'passt') return whyNoPasst();
  if (kind === 'dbus-daemon' && !displays().includes('dbus')) return 'this QEMU has no display dbus';
  const isThere =
    kind === 'vhost-user-gpu' ? existsSync(GPU) : findProgram(realHost(), PROGRAMS[kind]) !== undefined;
  return !isThere ? `there is no ${PROGRAMS[kind]}` : undefined;
}

/** Some are modules in packages of their own. */
function displays(): readonly string[] {
  return execaSync(QEMU, ['-display', 'help'], { reject: false }).stdout.split('\n');
}

describe.each(Object.keys(PROGRAMS) as Kind[])('%s', (kind) => {
  const why = whyNot(kind);
  let machines: TestMachines;
  beforeAll(() => {
    machines = createMachines();
  });
  afterAll(() => machines.end());

  const socket = () => join(machines.root, 'h.sock');
  const state = () => join(machines.root, 'tpm');
  /** Its processes, by the socket that most are told of, and by their log. */
  const processes = () =>
    readdirSync('/proc')
      .filter((pid) => /^\d+$/.test(pid))
      .filter((pid) => !commandLine(pid).includes('qemu-system'))
      .filter((pid) => commandLine(pid).includes(socket()) || errorsOf(pid).includes(socket()));

  function requirement(more: object = {}): HostRequirement {
    const common = { device: 'helper0', socket: socket() };
    const own = {
      swtpm: { version: '2.0', state: { kind: 'dir', path: state() }, pcrBanks: ['sha256'] },
      virtiofsd: { directory: machines.root, readonly: false },
      passt: { vhostUser: false, addresses: [], portForwards: [] },
      'reservations-helper': {},
      'dbus-daemon': {},
      'vhost-user-gpu': { fd: 'gpu', binary: GPU, stem: socket(), virgl: false },
    } as const;
    return { type: kind, ...common, ...own[kind], ...more } as HostRequirement;
  }

  function options(): QemuOption[] {
    if (kind === 'reservations-helper')
      return [jsonOption('-object', { 'qom-type': 'pr-manager-helper', id: 'pr0', path: socket() })];
    if (kind === 'dbus-daemon')
      return [
        keysOption('-display', [
          [null, 'dbus'],
          ['addr', `unix:path=${socket()}`],
        ]),
      ];
    if (kind === 'vhost-user-gpu')
      return [
        keysOption('-chardev', [
          [null, 'socket'],
          ['id', 'gpu'],
          ['fd', { fd: 'gpu' }],
        ]),
        jsonOption('-object', { 'qom-type': 'memory-backend-memfd', id: 'ram', size: 16 << 20, share: true }),
        keysOption('-machine', [
          ['memory-backend', 'ram'],
          ['accel', 'kvm'],
        ]),
        jsonOption('-device', { driver: 'vhost-user-gpu-pci', chardev: 'gpu', id: 'video0' }),
      ];
    if (kind !== 'swtpm') return [];
    return [
      keysOption('-chardev', [
        [null, 'socket'],
        ['id', 'chartpm'],
        ['path', socket()],
      ]),
      keysOption('-tpmdev', [
        [null, 'emulator'],
        ['id', 'tpm0'],
        ['chardev', 'chartpm'],
      ]),
      jsonOption('-device', { driver: 'tpm-crb', tpmdev: 'tpm0', id: 'dev0' }),
    ];
  }

  const plan = (more: object = {}) => {
    const made = machines.plan('guest', { options: options() });
    mkdirSync(machines.root, { recursive: true });
    return { ...made, host: [requirement(more)] };
  };

  it.skipIf(why !== undefined)(
    `serves QEMU and ends with it${why === undefined ? '' : ` (${why})`}`,
    async () => {
      await startMachine(machines.cx, plan());
      expect(processes()).not.toEqual([]);
      await destroyMachine(machines.cx, 'guest');
      expect(processes()).toEqual([]);
      expect(readdirSync(machines.root).filter((name) => name.startsWith('h.sock'))).toEqual([]);
      // QEMU's own virtiofsd notes its pid elsewhere.
      expect(existsSync(`/run/virtiofsd/${socket().replaceAll('/', '.')}.pid`)).toBe(false);
      expect(existsSync(state())).toBe(kind === 'swtpm');
      // This one always has something to say.
      const { helpersLog } = endedFiles(machines.cx.directories, 'guest');
      if (kind === 'passt') expect(readFileSync(helpersLog, 'utf8')).toMatch(/^helper0: /);
    },
  );

  it.skipIf(why !== undefined)('is found and ended after kill -9 of everything', async () => {
    await startMachine(machines.cx, plan());
    for (const who of ['supervisorStat', 'qemuStat'] as const) await kill(notedPid(machines, 'guest', who));
    await reapAll(machines.cx);
    expect(processes()).toEqual([]);
  });

  it.skipIf(why !== undefined)('that ends before QEMU is told of, by the state and the events', async () => {
    await startMachine(machines.cx, plan());
    // QEMU itself stays: nothing of what is killed here is waited for by it.
    await kill(...processes().map(Number));
    const status = await machineStatus(machines.cx, 'guest');
    expect(status.lostHelpers).toMatchObject([{ device: 'helper0', program: expect.stringContaining('/') }]);
    expect(tellLostHelpers(status)).toMatchObject([{ code: 'machine/helper-lost', severity: 'warning' }]);
    const events: MachineEvent[] = [];
    for await (const event of machineEvents(machines.cx, 'guest')) events.push(event);
    expect(events.filter((e) => e.event === 'QDOM_HELPER_ENDED')).toMatchObject([
      { data: { device: 'helper0' } },
    ]);
    await destroyMachine(machines.cx, 'guest');
  });

  if (kind === 'swtpm')
    it.skipIf(why !== undefined)('keeps its state encrypted with the passphrase of a secret', async () => {
      const path = join(machines.root, 'encrypted');
      const passphraseFile = join(machines.root, 'tpm.secret');
      const make = (passphrase: string, pcrBanks: readonly string[] = []) => {
        const { host, ...rest } = plan({ state: { kind: 'dir', path }, passphraseFile, pcrBanks });
        const value = new Secret(passphrase);
        const secret = {
          type: 'secret-file',
          device: 'helper0',
          path: passphraseFile,
          secret: { value },
        } as const;
        return { ...rest, host: [secret, ...host] };
      };
      await startMachine(machines.cx, make('open sesame'));
      expect(existsSync(passphraseFile)).toBe(false);
      await destroyMachine(machines.cx, 'guest');
      const error = await startMachine(machines.cx, make('something else')).catch((e: unknown) => e);
      expect((error as QdomError).primary?.message).toContain('CMD_INIT');
      expect(processes()).toEqual([]);
      await startMachine(machines.cx, make('open sesame'));
      await destroyMachine(machines.cx, 'guest');
    });

  // Only this one can be told which program it is.
  if (kind === 'virtiofsd')
    it.skipIf(why !== undefined)('that fails ends the start, by its name', async () => {
      const error = await startMachine(machines.cx, plan({ binary: '/bin/false' })).catch((e: unknown) => e);
      expect((error as QdomError).primary).toMatchObject({
        code: 'host/helper-failed',
        message: "'/bin/false', which serves 'helper0', did not start: it ended without a word",
      });
      expect(processes()).toEqual([]);
    });
});

/** Where its standard error goes. */
function errorsOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/fd/2`);
  } catch {
    return '';
  }
}

/** Of a process that runs: a zombie has none. */
function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
