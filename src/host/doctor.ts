import { hasCapability } from './credentials.ts';
import { kvmOf } from './kvm.ts';
import { iommuOf } from './pci/iommu.ts';
import { findProgram } from './programs.ts';
import type { HostSystem } from './system.ts';

/** One thing that a host can have. */
export interface HostCheck {
  readonly name: string;
  readonly ok: boolean;
  /** What was seen. */
  readonly found: string;
  /** What is not possible without it. */
  readonly costs: string;
  /** What to do about it. */
  readonly remedy?: string;
}

interface CheckRule {
  readonly name: string;
  readonly costs: string;
  readonly remedy: string;
  /** What was seen, or why it is missing; a remedy of its own where that is known better. */
  look(host: HostSystem): { readonly ok: boolean; readonly found: string; readonly remedy?: string };
}

const CENTISECONDS = 100;
/** The kernel's least with the spanning tree protocol (net/bridge: BR_MIN_FORWARD_DELAY). */
const LEAST_DELAY_SECONDS = 2;

/** capabilities(7), linux/capability.h. */
const CAP_NET_ADMIN = 12n;

const QEMU: CheckRule = {
  name: 'qemu',
  costs: 'nothing runs',
  remedy: 'apt install qemu-system-x86, or dnf install qemu-kvm',
  look: (host) => program(host, 'qemu-system-x86_64'),
};

const RULES: readonly CheckRule[] = [
  {
    name: 'kvm',
    costs: 'guests run under TCG, ten to a hundred times slower',
    remedy: "load kvm_intel or kvm_amd, turn on virtualization in the firmware, and join the group 'kvm'",
    look: (host) => {
      const kvm = kvmOf(host);
      return kvm.ok ? { ok: true, found: '/dev/kvm' } : kvm;
    },
  },
  QEMU,
  {
    name: 'qemu-img',
    costs: 'no backing chains, snapshots and new images',
    remedy: 'apt install qemu-utils',
    look: (host) => program(host, 'qemu-img'),
  },
  {
    name: 'firmware',
    costs: "no UEFI guests (<os firmware='efi'>)",
    remedy: 'apt install ovmf',
    look: (host) => {
      const files = ['/usr/share/qemu/firmware', '/etc/qemu/firmware'].flatMap((d) => host.listDirectory(d));
      return { ok: files.length > 0, found: `${files.length} firmware descriptors` };
    },
  },
  {
    name: 'tun',
    costs: 'no taps: only user networking',
    remedy: 'modprobe tun; a tap also needs CAP_NET_ADMIN',
    look: (host) => device(host, '/dev/net/tun'),
  },
  {
    name: 'network-rights',
    costs: 'no taps: only user networking',
    remedy: 'run as root, or give the process CAP_NET_ADMIN',
    look: (host) => {
      const ok = hasCapability(host, CAP_NET_ADMIN);
      return { ok, found: ok ? 'CAP_NET_ADMIN' : 'this user has no CAP_NET_ADMIN' };
    },
  },
  {
    name: 'ip',
    costs: 'no taps: only user networking',
    remedy: 'apt install iproute2',
    look: (host) => program(host, 'ip'),
  },
  {
    name: 'bridge',
    costs: 'no bridges for guests',
    remedy: 'modprobe bridge',
    look: (host) => {
      const loaded = host.status('/sys/module/bridge') !== undefined;
      const found = ['the kernel has it', ...slowBridges(host)].join('; ');
      return { ok: loaded, found: loaded ? found : 'not loaded' };
    },
  },
  {
    name: 'nft',
    costs: 'no isolated, NAT or routed virtual networks',
    remedy: 'apt install nftables',
    look: (host) => program(host, 'nft'),
  },
  {
    name: 'dnsmasq',
    costs: 'virtual networks give no addresses',
    remedy: 'apt install dnsmasq-base',
    look: (host) => program(host, 'dnsmasq'),
  },
  {
    name: 'vhost-net',
    costs: 'network packets go through QEMU, slower',
    remedy: 'modprobe vhost_net',
    look: (host) => {
      const { ok, found } = device(host, '/dev/vhost-net');
      const zeroCopy = host.readText('/sys/module/vhost_net/parameters/experimental_zcopytx')?.trim();
      return { ok, found: zeroCopy === '1' ? `${found}, sends without copying` : found };
    },
  },
  {
    name: 'cgroup',
    costs: 'no tuning of CPU, memory and I/O',
    remedy: 'mount -t cgroup2 none /sys/fs/cgroup',
    look: cgroupVersion,
  },
  {
    name: 'hugepages',
    costs: 'no <hugepages>',
    remedy:
      "write their number into nr_hugepages in /sys/kernel/mm/hugepages or of a node, or set 'allocateHugepages' in the configuration",
    look: hugepages,
  },
  {
    name: 'resctrl',
    costs: 'no <cachetune> and <memorytune>',
    remedy: 'mount -t resctrl resctrl /sys/fs/resctrl, where the CPU and the kernel have it',
    look: (host) => {
      const resources = host.listDirectory('/sys/fs/resctrl/info').filter((name) => /^[A-Z]/.test(name));
      return { ok: resources.length > 0, found: resources.join(', ') || 'not mounted' };
    },
  },
  {
    name: 'constant-tsc',
    costs: "guests' clocks drift when the CPU changes its frequency or sleeps",
    remedy: 'boot with processor.max_cstate=1 and keep the frequency (cpupower frequency-set -g performance)',
    look: (host) => {
      const ok = /^flags\s*:.*\bconstant_tsc\b/m.test(host.readText('/proc/cpuinfo') ?? '');
      return { ok, found: ok ? 'the CPU has it' : 'the CPU does not say so' };
    },
  },
  {
    name: 'iommu',
    costs: 'no PCI devices of the host in guests',
    remedy: 'turn on the IOMMU in the firmware, boot with intel_iommu=on where needed, modprobe vfio-pci',
    look: (host) => {
      const iommu = iommuOf(host);
      return iommu.state === 'on'
        ? { ok: true, found: `${iommu.groups} groups` }
        : { ok: false, found: iommu.found, remedy: iommu.remedy };
    },
  },
  {
    name: 'irq-remapping',
    costs: 'PCI devices of the host only in guests that are trusted',
    remedy:
      'turn on interrupt remapping in the firmware; or, where all guests are trusted, options vfio_iommu_type1 allow_unsafe_interrupts=1 in /etc/modprobe.d',
    look: (host) => {
      const iommu = iommuOf(host);
      if (iommu.state === 'off') return { ok: false, found: 'no IOMMU', remedy: iommu.remedy };
      return iommu.remapsInterrupts
        ? { ok: true, found: 'interrupts are remapped' }
        : { ok: false, found: 'no interrupt is remapped' };
    },
  },
  {
    name: 'vfio',
    costs: 'no PCI devices of the host in guests',
    remedy: 'modprobe vfio-pci; who runs QEMU must be allowed to open what is in /dev/vfio',
    look: (host) => {
      const driver = host.status('/sys/bus/pci/drivers/vfio-pci') !== undefined;
      return driver ? device(host, '/dev/vfio/vfio') : { ok: false, found: 'vfio-pci is not loaded' };
    },
  },
  {
    name: 'swtpm',
    costs: "no <tpm> with <backend type='emulator'>",
    remedy: 'apt install swtpm swtpm-tools',
    look: (host) => program(host, 'swtpm'),
  },
  {
    name: 'virtiofsd',
    costs: "no <filesystem> with <driver type='virtiofs'>",
    remedy: 'apt install virtiofsd',
    look: (host) => program(host, 'virtiofsd'),
  },
  {
    name: 'passt',
    costs: "no <interface> with <backend type='passt'>",
    remedy: 'apt install passt',
    look: (host) => program(host, 'passt'),
  },
];

/**
 * What this host can and what it lacks, as this user sees it.
 * @param qemu the QEMU that is meant, if not any
 * @param guestsKiB what the guests of running machines may take of the memory
 */
export function examineHost(
  host: HostSystem,
  { qemu, guestsKiB = 0 }: { readonly qemu?: string | undefined; readonly guestsKiB?: number } = {},
): HostCheck[] {
  return [...checksOf(host, qemu), memory(host, guestsKiB)];
}

const VERSION_TIMEOUT_MS = 10_000;

/** The same with what QEMU says of itself: a program of its name may be anything, or not start. */
export async function askQemu(host: HostSystem, checks: readonly HostCheck[]): Promise<readonly HostCheck[]> {
  return Promise.all(checks.map(async (check) => (isQemu(check) ? await asked(host, check) : check)));
}

function isQemu({ name, ok }: HostCheck): boolean {
  return name === QEMU.name && ok;
}

async function asked(host: HostSystem, check: HostCheck): Promise<HostCheck> {
  const path = check.found;
  const { stdout, stderr, exitCode } = await host.run(path, ['--version'], { timeoutMs: VERSION_TIMEOUT_MS });
  const version = /QEMU emulator version (\S+)/.exec(stdout)?.[1];
  if (version !== undefined) return { ...check, found: `${path}, version ${version}` };
  const [said = `it ended with ${exitCode}`] = `${stderr}\n${stdout}`
    .split('\n')
    .filter((line) => line !== '');
  const found = `${path} --version does not say that it is a QEMU: ${said}`;
  return { ...check, ok: false, found, remedy: QEMU.remedy };
}

function checksOf(host: HostSystem, qemu: string | undefined): readonly HostCheck[] {
  return RULES.map(({ name, costs, remedy, look }) => {
    const seen = name === QEMU.name && qemu !== undefined ? binary(host, qemu) : look(host);
    const { ok, found } = seen;
    return { name, ok, found, costs, ...(ok ? {} : { remedy: seen.remedy ?? remedy }) };
  });
}

/** Guests that take all of their memory must find it somewhere. */
function memory(host: HostSystem, guestsKiB: number): HostCheck {
  const text = host.readText('/proc/meminfo') ?? '';
  const mib = (name: string) =>
    Math.floor(Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) / KIB_IN_MIB);
  const [ram, swap, guests] = [mib('MemTotal'), mib('SwapTotal'), Math.ceil(guestsKiB / KIB_IN_MIB)];
  const ok = ram > 0 && guests <= ram + swap;
  return {
    name: 'memory',
    ok,
    found: `${ram} MiB and ${swap} MiB of swap, ${mib('MemAvailable')} MiB available; running guests may take ${guests} MiB`,
    costs: 'the kernel kills machines when they take what they were promised',
    ...(!ok && { remedy: 'add swap, end machines, or give them less memory' }),
  };
}

const KIB_IN_MIB = 1024;

function binary(host: HostSystem, path: string): ReturnType<CheckRule['look']> {
  const ok = host.status(path)?.kind === 'file';
  return { ok, found: ok ? path : `there is no program '${path}'` };
}

/** What boots from the network gives up before such a bridge forwards its packets. */
function slowBridges(host: HostSystem): readonly string[] {
  return host.listDirectory('/sys/class/net').flatMap((name) => {
    const read = (file: string) => Number(host.readText(`/sys/class/net/${name}/bridge/${file}`) ?? 0);
    const seconds = read('forward_delay') / CENTISECONDS;
    return read('stp_state') !== 0 && seconds > LEAST_DELAY_SECONDS
      ? [
          `${name} keeps a new port waiting for twice ${seconds} s (ip link set ${name} type bridge stp_state 0)`,
        ]
      : [];
  });
}

function device(host: HostSystem, path: string) {
  if (host.status(path) === undefined) return { ok: false, found: `${path} is not there` };
  const ok = host.mayUse(path);
  return { ok, found: ok ? path : `no permission to open ${path}` };
}

function program(host: HostSystem, name: string) {
  const found = findProgram(host, name);
  return { ok: found !== undefined, found: found ?? 'not installed' };
}

function hugepages(host: HostSystem) {
  const pools = '/sys/kernel/mm/hugepages';
  const seen = host.listDirectory(pools).flatMap((name) => {
    const of = (file: string) => Number(host.readText(`${pools}/${name}/${file}`) ?? 0);
    const pages = of('nr_hugepages');
    const size = name.replace(/^hugepages-|kB$/g, '');
    return pages === 0 ? [] : [`${pages} of ${size} KiB, ${of('free_hugepages')} free`];
  });
  return { ok: seen.length > 0, found: seen.join('; ') || 'none' };
}

function cgroupVersion(host: HostSystem) {
  if (host.status('/sys/fs/cgroup/cgroup.controllers') !== undefined) return { ok: true, found: 'version 2' };
  const controllers = host
    .listDirectory('/sys/fs/cgroup')
    .filter((name) => host.status(`/sys/fs/cgroup/${name}/tasks`) !== undefined);
  return controllers.length === 0
    ? { ok: false, found: 'not mounted' }
    : { ok: true, found: `version 1 (${controllers.join(', ')})` };
}
