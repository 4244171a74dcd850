import type { CgroupRequirement, DeviceAccess, HostRequirement, QemuOption } from '../../plan/index.ts';
import type { EmitContext } from '../context.ts';

/**
 * With `restrictDevices`, QEMU may open no device of the host but those that its command line names, those behind the
 * options that take them without naming their node, and those that every QEMU needs.
 */
export function withDeviceAccess(
  host: readonly HostRequirement[],
  options: readonly QemuOption[],
  cx: EmitContext,
): readonly HostRequirement[] {
  if (cx.env.config.restrictDevices !== true) return host;
  const devices = deviceAccess(options);
  const isGroup = (one: HostRequirement) => one.type === 'cgroup';
  if (host.some(isGroup)) return host.map((one) => (one.type === 'cgroup' ? { ...one, devices } : one));
  const { partition } = cx.domain.resource ?? {};
  const group: CgroupRequirement = {
    type: 'cgroup',
    device: cx.domain.name,
    ...(partition !== undefined && { partition }),
    blockDevices: [],
    devices,
    threadGroups: [],
  };
  return [group, ...host];
}

/** The drivers (as /proc/devices names them) of devices whose node QEMU finds by itself, and nodes that go with them. */
const BEHIND: readonly { readonly when: RegExp; readonly drivers?: string[]; readonly nodes?: string[] }[] = [
  { when: /^vfio-/, drivers: ['vfio'], nodes: ['/dev/vfio/vfio'] },
  { when: /^usb-host$/, drivers: ['usb_device'] },
  { when: /^alsa$/, drivers: ['alsa'] },
  { when: /^(?:egl-headless|virtio-(?:gpu|vga)-gl.*|rutabaga)$/, drivers: ['drm'] },
  { when: /^sev(?:-snp)?-guest$/, nodes: ['/dev/sev'] },
  { when: /^memory-backend-epc$/, nodes: ['/dev/sgx_vepc'] },
  { when: /^virtio-(?:gpu|vga)/, nodes: ['/dev/udmabuf'] },
];

function deviceAccess(options: readonly QemuOption[]): DeviceAccess {
  const words = options.flatMap(({ value }) => (value === undefined ? [] : stringsIn(value)));
  const named = words.flatMap((word) => word.match(/\/dev\/(?!hugepages|shm\b|fdset\b)[^\s,]+/g) ?? []);
  const behind = BEHIND.filter(({ when }) => words.some((word) => when.test(word)));
  return {
    nodes: [...new Set([...named, ...behind.flatMap(({ nodes = [] }) => nodes)])],
    drivers: ['pts', ...behind.flatMap(({ drivers = [] }) => drivers)],
  };
}

function stringsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}
