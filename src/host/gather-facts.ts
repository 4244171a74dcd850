import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { HostFacts, NumaCell } from '../plan/index.ts';
import { currentUser } from './current-user.ts';
import { findDescriptors } from './descriptors.ts';
import { findHugepages } from './hugepages/mounts.ts';
import { listeningPorts } from './listening-ports.ts';

export interface GatherOptions {
  /** The directory that stands for `/`. */
  readonly root?: string;
  /** Seconds since 1970. */
  readonly now?: number;
  /** Whether the ports in use are looked up, which takes long on some hosts; they are unless this is false. */
  readonly ports?: boolean;
  /** Where a hugetlbfs is mounted for machines if there is none; without it such page sizes are not offered. */
  readonly hugepagesDir?: string;
}

/** The size of a PCI function's configuration space (PCI Express 7.2): conventional PCI has 256 bytes. */
const EXPRESS_CONFIG_BYTES = 4096;

/** What the compiler needs to know of this host. Reads /proc, /sys and /dev and changes nothing; what is not there is left out. */
export function gatherFacts({
  root = '/',
  now = Math.floor(Date.now() / 1000),
  ports = true,
  hugepagesDir,
}: GatherOptions = {}): HostFacts {
  const at = (path: string) => join(root, path);
  const user = currentUser();
  const renderNode = names(at('/dev/dri')).find((n) => n.startsWith('renderD'));
  const descriptors = (kind: 'firmware' | 'vhost-user') =>
    findDescriptors({ listDirectory: names, readText: text }, kind, {
      root: root === '/' ? '' : root,
      ...(user.uid === 0 ? {} : { home: user.home }),
    });
  return {
    cpu: cpuFacts(text(at('/proc/cpuinfo')) ?? ''),
    pageSizeKiB: 4,
    numa: { cells: numaCells(at('/sys/devices/system/node')) },
    hugepages: hugepageFacts(at, hugepagesDir),
    clock: { now, timezone: timezone(at) },
    user: { name: user.name, home: user.home, privileged: user.uid === 0 },
    security: { model: 'none' },
    ...(renderNode !== undefined && { renderNode: `/dev/dri/${renderNode}` }),
    ...(ports && {
      listeningPorts: ['tcp', 'tcp6'].flatMap((name) => listeningPorts(text(at(`/proc/net/${name}`)) ?? '')),
    }),
    hostCdroms: hostCdroms(at('/dev')),
    pciDevices: pciDevices(at('/sys/bus/pci/devices')),
    usbDevices: usbDevices(at('/sys/bus/usb/devices')),
    scsiGenericNodes: scsiGenericNodes(at('/sys/bus/scsi/devices')),
    ...tpmFacts(at),
    tap: { autoName: 'vnet%d', existing: tapNames(at('/sys/class/net')) },
    vhostNet: existsSync(at('/dev/vhost-net')),
    qemuRdp: existsSync(at('/usr/bin/qemu-rdp')),
    unusableSecretUsages: [],
    networks: {},
    volumes: {},
    firmware: descriptors('firmware'),
    vhostUser: descriptors('vhost-user'),
  };
}

function hugepageFacts(at: (path: string) => string, made: string | undefined): HostFacts['hugepages'] {
  return findHugepages({
    mounts: text(at('/proc/mounts')) ?? '',
    meminfo: text(at('/proc/meminfo')) ?? '',
    pools: names(at('/sys/kernel/mm/hugepages')),
    ...(made !== undefined && { made }),
  });
}

/** The zone's name as tzset(3) finds it; Node's own answer costs more than the rest of this file. */
function timezone(at: (path: string) => string): string {
  const { TZ } = process.env;
  if (TZ) return TZ.replace(/^:/, '');
  try {
    const [, zone] = readlinkSync(at('/etc/localtime')).split('/zoneinfo/');
    if (zone !== undefined) return zone;
  } catch {
    // It is not there, or no link: the next file may tell.
  }
  return text(at('/etc/timezone'))?.trim() || 'UTC';
}

const VENDORS: Readonly<Record<string, string>> = {
  GenuineIntel: 'Intel',
  AuthenticAMD: 'AMD',
  HygonGenuine: 'Hygon',
};

function cpuFacts(cpuinfo: string): HostFacts['cpu'] {
  const field = (name: string) => new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(cpuinfo)?.[1]?.trim();
  const vendorId = field('vendor_id') ?? '';
  const siblings = Number(field('siblings') ?? 1);
  const cores = Number(field('cpu cores') ?? 1);
  const sockets = new Set([...cpuinfo.matchAll(/^physical id\s*: (.*)$/gm)].map(([, id]) => id)).size;
  return {
    arch: 'x86_64',
    model: field('model name') ?? 'unknown',
    vendor: VENDORS[vendorId] ?? vendorId,
    sockets: Math.max(sockets, 1),
    cores,
    threads: Math.max(1, Math.floor(siblings / Math.max(cores, 1))),
    features: (field('flags') ?? '').split(' ').filter(Boolean).map(featureName),
  };
}

/** Flags of the kernel's whose feature has another name, but for dashes and dots. */
const FEATURE_NAMES: Readonly<Record<string, string>> = {
  pclmulqdq: 'pclmuldq',
  tsc_deadline_timer: 'tsc-deadline',
  nonstop_tsc: 'invtsc',
  cr8_legacy: 'cr8legacy',
  dts: 'ds',
  cqm: 'cmt',
  tsxldtrk: 'tsx-ldtrk',
};

/** Flags in which the kernel's underscore stands for nothing. */
const JOINED = /^avx512_(?:vbmi2|vnni|bitalg)$/;

/** Features that have an underscore in libvirt's words too. */
const UNDERSCORED = new Set([
  ...['ds_cpl', 'lahf_lm', 'cmp_legacy', 'nodeid_msr', 'perfctr_core', 'perfctr_nb', 'fxsr_opt'],
  'tsc_adjust',
]);

/** What libvirt calls a feature that is a flag in /proc/cpuinfo. */
function featureName(flag: string): string {
  if (UNDERSCORED.has(flag)) return flag;
  if (JOINED.test(flag)) return flag.replace('_', '');
  return FEATURE_NAMES[flag] ?? flag.replace(/^(sse4)_/, '$1.').replaceAll('_', '-');
}

function numaCells(directory: string): NumaCell[] {
  return names(directory)
    .flatMap((name) => /^node(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
    .map((id) => {
      const total = /MemTotal:\s*(\d+) kB/.exec(text(join(directory, `node${id}/meminfo`)) ?? '')?.[1];
      return {
        id,
        cpus: (text(join(directory, `node${id}/cpulist`)) ?? '').trim(),
        ...(total !== undefined && { memoryKiB: Number(total) }),
      };
    });
}

function hostCdroms(dev: string): string[] {
  return names(dev)
    .filter((name) => /^(cdrom|sr\d+)$/.test(name))
    .map((name) => `/dev/${name}`);
}

function pciDevices(directory: string): Record<string, { express: boolean }> {
  return Object.fromEntries(
    names(directory).map((address) => [
      address,
      { express: size(join(directory, address, 'config')) >= EXPRESS_CONFIG_BYTES },
    ]),
  );
}

/** Documentation/ABI/testing/sysfs-bus-usb; hubs and interfaces of a device have no `devnum` or no `idVendor`. */
function usbDevices(directory: string): NonNullable<HostFacts['usbDevices']> {
  return names(directory).flatMap((name) => {
    const number = (file: string, base: number) =>
      Number.parseInt(text(join(directory, name, file)) ?? '', base);
    const device = {
      bus: number('busnum', 10),
      device: number('devnum', 10),
      vendor: number('idVendor', 16),
      product: number('idProduct', 16),
    };
    // BUS-PORT, or usbBUS for the bus itself.
    const port = /^\d+-([\d.]+)$/.exec(name)?.[1];
    return Object.values(device).some(Number.isNaN)
      ? []
      : [{ ...device, ...(port !== undefined && { port }) }];
  });
}

/** `0:0:0:0` to `sg0`, from the `scsi_generic` directory of each unit. */
function scsiGenericNodes(directory: string): Record<string, string> {
  return Object.fromEntries(
    names(directory).flatMap((unit) => {
      const [node] = names(join(directory, unit, 'scsi_generic'));
      return node === undefined ? [] : [[unit, node]];
    }),
  );
}

function tpmFacts(at: (path: string) => string): Pick<HostFacts, 'tpm'> {
  const cancel = ['/sys/class/tpm/tpm0/device/cancel', '/sys/class/misc/tpm0/device/cancel'].find((p) =>
    existsSync(at(p)),
  );
  const hasSwtpm = ['/usr/bin/swtpm', '/usr/local/bin/swtpm'].some((p) => existsSync(at(p)));
  return {
    tpm: {
      ...(cancel !== undefined && { passthroughCancel: cancel }),
      swtpmVersions: hasSwtpm ? ['1.2', '2.0'] : [],
    },
  };
}

/** A tap or tun device has this file. */
function tapNames(net: string): string[] {
  return names(net).filter((name) => existsSync(join(net, basename(name), 'tun_flags')));
}

function names(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function text(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function size(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}
