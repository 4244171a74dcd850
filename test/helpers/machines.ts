import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseStat } from '../../src/host/process.ts';
import { realHost } from '../../src/host/real.ts';
import { waitUntil } from '../../src/host/wait.ts';
import { machineFiles } from '../../src/machine/files.ts';
import {
  destroyMachine,
  findDirectories,
  listMachines,
  type MachineContext,
  reapAll,
  runDirectory,
} from '../../src/machine/index.ts';
import {
  jsonOption,
  keysOption,
  type Plan,
  plainOption,
  type QemuCaps,
  type QemuOption,
  qdomFrame,
} from '../../src/plan/index.ts';
import { bootSector, type GuestBehaviour } from './boot-sector.ts';

export const QEMU = '/usr/bin/qemu-system-x86_64';
export const hasQemu = existsSync(QEMU);
export const noQemu = `there is no ${QEMU}`;

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** Machines under a directory of their own; `end` leaves nothing of them. */
export interface TestMachines {
  readonly cx: MachineContext;
  readonly root: string;
  plan(name: string, changes?: PlanChanges): Plan;
  end(): Promise<void>;
}

export interface PlanChanges {
  readonly uuid?: string;
  readonly guest?: GuestBehaviour;
  readonly lifecycle?: Partial<Plan['lifecycle']>;
  readonly options?: readonly QemuOption[];
  readonly host?: Plan['host'];
  readonly threads?: Plan['threads'];
  readonly console?: 'file' | 'pty' | 'unix';
}

/** How a script runs in a process of its own, from TypeScript. */
export const nodeWithTypeScript: readonly string[] = [
  process.execPath,
  '--import',
  import.meta.resolve('tsx'),
];

/** Where the guest's greeting goes when its console is a file. */
export function consoleLog(machines: TestMachines, name: string): string {
  return join(machines.root, `${name}.console`);
}

export function createMachines({ reap = false, directory = '' } = {}): TestMachines {
  const base = mkdtempSync(join(tmpdir(), 'machine-'));
  const root = join(base, directory);
  const directories = findDirectories({ root, uid: 0, home: '/', env: {} });
  const reapScript = join(REPOSITORY, 'test/helpers/reap.ts');
  const cx: MachineContext = {
    directories,
    host: realHost(),
    reapCommand: reap ? [...nodeWithTypeScript, reapScript, root] : [],
  };
  const machines: TestMachines = {
    cx,
    root,
    plan: (name, changes = {}) => testPlan(machines, name, changes),
    end: async () => {
      for (const { name, pid } of await listMachines(cx))
        if (pid !== undefined) await destroyMachine(cx, name);
      await reapAll(cx);
      // The waiting shells become reapers: they must be done before their directory goes.
      await waitUntil(() => processesOf(base).length === 0, 10_000);
      rmSync(base, { recursive: true });
    },
  };
  return machines;
}

const NO_CAPS: QemuCaps = {
  version: { major: 7, minor: 2, micro: 0 },
  package: '',
  arch: 'x86_64',
  kvm: false,
  types: {},
  properties: {},
  accel: { tcg: { machines: [], cpus: [] } },
  options: {},
  schema: {
    'set-action': { 'meta-type': 'command', name: 'set-action', 'arg-type': '0', 'ret-type': '0' },
  },
  tpm: { models: [], types: [] },
  migrationCapabilities: [],
};

function testPlan(machines: TestMachines, name: string, changes: PlanChanges): Plan {
  const { guest = 'wait', console = 'file' } = changes;
  const runDir = runDirectory(machines.cx.directories, name);
  const lifecycle = {
    onPoweroff: 'destroy',
    onReboot: 'restart',
    onCrash: 'destroy',
    ...changes.lifecycle,
  } as const;
  const image = join(machines.root, `${name}.img`);
  machines.cx.host.listDirectory(machines.root).length === 0 && makeRoot(machines);
  writeFileSync(image, bootSector(guest));
  const file = consoleLog(machines, name);
  const socket = join(machines.root, `${name}.sock`);
  return {
    format: 1,
    name,
    uuid: changes.uuid ?? '6f2b4a52-2d5c-4d27-9d5b-3f6f1f6c0a01',
    binary: QEMU,
    accel: 'tcg',
    options: [
      keysOption('-name', [['guest', name]]),
      ...qdomFrame(runDir, NO_CAPS, lifecycle),
      plainOption('-nodefaults'),
      plainOption('-no-user-config'),
      keysOption('-display', [[null, 'none']]),
      keysOption('-machine', [
        [null, 'pc'],
        ['accel', 'tcg'],
      ]),
      plainOption('-m', '16'),
      jsonOption('-blockdev', {
        driver: 'raw',
        'node-name': 'disk',
        file: { driver: 'file', filename: image },
      }),
      jsonOption('-device', { driver: 'ide-hd', drive: 'disk', id: 'ide0-0-0' }),
      jsonOption('-device', { driver: 'pvpanic' }),
      keysOption('-chardev', [
        [null, console === 'unix' ? 'socket' : console],
        ['id', 'charserial0'],
        ...(console === 'file' ? [['path', file] as const] : []),
        ...(console === 'unix'
          ? ([
              ['path', socket],
              ['server', true],
              ['wait', false],
            ] as const)
          : []),
      ]),
      jsonOption('-device', { driver: 'isa-serial', chardev: 'charserial0' }),
      ...(changes.options ?? []),
    ],
    host: changes.host ?? [],
    threads: changes.threads ?? [],
    afterStart: [],
    lifecycle,
    environment: {},
    consoles: [
      {
        alias: 'serial0',
        chardev: 'charserial0',
        backend: console,
        ...(console === 'unix' ? { target: socket } : {}),
      },
    ],
    domainXml: `<domain type='qemu'><name>${name}</name></domain>`,
    warnings: [],
  };
}

function makeRoot(machines: TestMachines): void {
  machines.cx.host.status(machines.root) ?? machines.cx.host.makeDirectory(machines.root, 0o700);
}

/** Every other live process whose command line names the directory. */
export function processesOf(directory: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => commandLine(pid).includes(directory))
    .map(Number);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** Waits until nothing of the machine is left: its reaper has done its work. */
export async function untilGone(machines: TestMachines, name: string, timeoutMs = 15_000): Promise<void> {
  const { directory } = machineFiles(machines.cx.directories, name);
  if (!(await waitUntil(() => !existsSync(directory), timeoutMs)))
    throw new Error(`${directory} is still there`);
}

/** The pid that a process of the machine noted of itself. */
export function notedPid(
  { cx }: Pick<TestMachines, 'cx'>,
  name: string,
  who: 'qemuStat' | 'supervisorStat',
): number {
  const stat = parseStat(readFileSync(machineFiles(cx.directories, name)[who], 'utf8'));
  if (stat === undefined) throw new Error(`no pid in ${who}`);
  return stat.pid;
}
