import { fail } from '../errors/index.ts';
import { hostErrors } from './errors.ts';
import type { HostSystem } from './system.ts';

const DIRECTORIES = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** PATH of every program that is started, whatever the caller's is. */
export const SEARCH_PATH = DIRECTORIES.join(':');

/** Programs that are not in PATH, where distributions put them, and the package that has them. */
const PROGRAMS = {
  ip: { package: 'iproute2' },
  tc: { package: 'iproute2' },
  bridge: { package: 'iproute2' },
  nft: { package: 'nftables' },
  dnsmasq: { package: 'dnsmasq-base' },
  'ovs-vsctl': { package: 'openvswitch-switch' },
  ethtool: { package: 'ethtool' },
  passt: { package: 'passt' },
  swtpm: { package: 'swtpm' },
  swtpm_setup: { package: 'swtpm-tools' },
  setpriv: { package: 'util-linux' },
  prlimit: { package: 'util-linux' },
  'qemu-system-x86_64': { package: 'qemu-system-x86', elsewhere: ['/usr/libexec/qemu-kvm'] },
  'qemu-img': { package: 'qemu-utils' },
  virtiofsd: { package: 'virtiofsd', elsewhere: ['/usr/libexec/virtiofsd', '/usr/lib/qemu/virtiofsd'] },
  'qemu-pr-helper': { package: 'qemu-system-common' },
  'systemd-run': { package: 'systemd' },
  'dbus-daemon': { package: 'dbus-daemon' },
} as const satisfies Record<string, KnownProgram>;

export type ProgramName = keyof typeof PROGRAMS;

/** Where a program is, by its name; undefined if it is not installed. */
export function findProgram(host: HostSystem, name: string): string | undefined {
  const known = knownProgram(name);
  const places = [...DIRECTORIES.map((directory) => `${directory}/${name}`), ...(known?.elsewhere ?? [])];
  return places.find((path) => host.status(path)?.kind === 'file');
}

/**
 * Where a program that `device` needs is.
 * @throws QdomError `host/program-missing` with the package that has it.
 */
export function requireProgram(host: HostSystem, name: ProgramName, device: string): string {
  const found = findProgram(host, name);
  if (found !== undefined) return found;
  throw fail(hostErrors['program-missing'], { program: name, device, package: PROGRAMS[name].package });
}

interface KnownProgram {
  readonly package: string;
  readonly elsewhere?: readonly string[];
}

function knownProgram(name: string): KnownProgram | undefined {
  return Object.hasOwn(PROGRAMS, name) ? PROGRAMS[name as ProgramName] : undefined;
}
