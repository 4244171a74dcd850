import { accessSync, constants, existsSync } from 'node:fs';
import type { HostRequirement, Plan, QemuOption } from '../../../src/plan/index.ts';
import { canCertify } from './certificates.ts';
import { type Fields, fieldsOf } from './fields.ts';

/** Whoever runs the tests may open taps of their own, which QEMU cannot tell from any other link of the host. */
const canOpenTaps = process.getuid?.() === 0 && opens('/dev/net/tun');

/** What the host would have to give and a test cannot; undefined where it can, or where QEMU does not look. */
const REQUIREMENTS: Readonly<Record<HostRequirement['type'], string | undefined>> = {
  tap: canOpenTaps ? undefined : 'a tap',
  macvtap: canOpenTaps ? undefined : 'a macvtap',
  'device-fd': 'a character device of the host',
  'pci-function': 'a PCI function of the host',
  'virtual-function': 'a PCI function of the host',
  'mediated-device': 'a mediated device',
  'usb-device': 'a USB device of the host',
  'scsi-unit': 'a SCSI unit of the host',
  'vhost-scsi-target': 'a vhost-scsi target of the host',
  'vhost-user-gpu': 'a vhost-user program',
  'dbus-daemon': 'a D-Bus daemon',
  virtiofsd: 'a vhost-user program',
  swtpm: undefined,
  'free-memory': undefined,
  hugepages: undefined,
  hugetlbfs: undefined,
  passt: undefined,
  port: undefined,
  'qemu-socket': undefined,
  'virtual-bridge': undefined,
  'ip-forwarding': undefined,
  'firewall-table': undefined,
  dnsmasq: undefined,
  'vhost-user-socket': 'a vhost-user program',
  'interface-setup': undefined,
  directory: undefined,
  nvram: undefined,
  'output-file': undefined,
  'unix-listener': undefined,
  cgroup: undefined,
  resctrl: undefined,
  'process-limit': undefined,
  'qemu-user': undefined,
  'file-owner': undefined,
  'secret-file': undefined,
  'reservations-helper': undefined,
  overlay: undefined,
  image: undefined,
  'image-chain': undefined,
  'fd-group': undefined,
};

interface Obstacle {
  readonly option: string;
  readonly when: (fields: Fields) => boolean;
  readonly reason: string;
}

const NETWORK_DRIVERS = new Set([
  'nbd',
  'iscsi',
  'http',
  'https',
  'ftp',
  'ftps',
  'gluster',
  'rbd',
  'ssh',
  'nfs',
]);
const SOUND_SERVERS = new Set(['alsa', 'dbus', 'jack', 'oss', 'pa', 'pipewire', 'sdl']);
/** QEMU 7.2: more CPUs need x2APIC, which TCG got in 8.2. */
const MAX_XAPIC_CPUS = 255;

/** What a host may have, and a test then uses. */
export const NEEDS_KVM = 'KVM';

/** Whether the guest is offered what only KVM gives: its own paravirtualization or Hyper-V's. */
function usesKvm(cpu: Fields): boolean {
  return Object.entries(cpu).some(([key, value]) => /^(kvm|hv)-/.test(key) && value !== false);
}

const driver =
  (pattern: RegExp) =>
  ({ driver }: Fields): boolean =>
    pattern.test(String(driver));

/** What an option needs that is no file, socket or descriptor of our own making. */
const OBSTACLES: readonly Obstacle[] = [
  {
    option: '-blockdev',
    when: ({ driver }) => NETWORK_DRIVERS.has(String(driver)),
    reason: 'a storage server',
  },
  { option: '-blockdev', when: driver(/^nvme$/), reason: 'an NVMe controller of the host' },
  { option: '-device', when: driver(/^vhost-user-/), reason: 'a vhost-user program' },
  { option: '-netdev', when: (f) => f.vhost === true && !opens('/dev/vhost-net'), reason: '/dev/vhost-net' },
  { option: '-netdev', when: ({ type }) => type === 'vhost-user', reason: 'a vhost-user program' },
  { option: '-device', when: driver(/^ivshmem-doorbell$/), reason: 'an ivshmem server' },
  { option: '-device', when: driver(/^virtio-input-host/), reason: 'an input device of the host' },
  { option: '-object', when: (f) => f['qom-type'] === 'input-linux', reason: 'an input device of the host' },
  {
    option: '-object',
    when: (f) => f['qom-type'] === 'tls-creds-x509' && !canCertify,
    reason: 'TLS certificates',
  },
  { option: '-spice', when: (f) => 'x509-dir' in f && !canCertify, reason: 'TLS certificates' },
  { option: '-device', when: driver(/^scsi-(generic|block)$/), reason: 'a SCSI device of the host' },
  { option: '-device', when: driver(/^vfio-/), reason: 'a device of the host' },
  { option: '-device', when: driver(/^usb-host$/), reason: 'a USB device of the host' },
  { option: '-device', when: driver(/^ccid-card-emulated$/), reason: 'a database of certificates' },
  { option: '-device', when: (f) => f.blob === true, reason: '/dev/udmabuf' },
  { option: '-cpu', when: usesKvm, reason: NEEDS_KVM },
  { option: '-smp', when: (f) => Number(f['']) > MAX_XAPIC_CPUS, reason: NEEDS_KVM },
  { option: '-device', when: (f) => f.eim === 'on', reason: NEEDS_KVM },
  { option: '-mem-path', when: () => true, reason: 'huge pages' },
  { option: '-tpmdev', when: (f) => f[''] === 'passthrough', reason: 'a TPM' },
  { option: '-tpmdev', when: () => !existsSync('/usr/bin/swtpm'), reason: 'swtpm' },
  {
    option: '-chardev',
    when: (f) => f[''] === 'serial' || f[''] === 'parallel',
    reason: 'a port of the host',
  },
  { option: '-audiodev', when: (f) => SOUND_SERVERS.has(String(f.driver)), reason: 'a sound server' },
  { option: '-display', when: (f) => f[''] === 'sdl' || f[''] === 'gtk', reason: 'a screen' },
  { option: '-display', when: (f) => 'rendernode' in f || f.gl === true, reason: 'a GPU of the host' },
  { option: '-display', when: (f) => f[''] === 'dbus' && 'addr' in f, reason: 'a D-Bus daemon' },
  { option: '-spice', when: (f) => f.gl === true, reason: 'a GPU of the host' },
];

/** Why QEMU cannot be started here with this plan, as what it lacks; undefined where it can. */
export function obstacleOf(plan: Plan, { isKvm = false } = {}): string | undefined {
  for (const { type } of plan.host) if (REQUIREMENTS[type] !== undefined) return REQUIREMENTS[type];
  const reasons = plan.options.map(obstacleOfOption).filter((reason) => reason !== undefined);
  // KVM can be had: what cannot is told first.
  return reasons.find((reason) => reason !== NEEDS_KVM) ?? (isKvm ? undefined : reasons[0]);
}

function obstacleOfOption(option: QemuOption): string | undefined {
  const fields = fieldsOf(option);
  return OBSTACLES.find((o) => o.option === option.option && o.when(fields))?.reason;
}

function opens(device: string): boolean {
  try {
    accessSync(device, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
