import { describe, expect, it } from 'vitest';
import { QdomError, Secret } from '../../../src/errors/index.ts';
import { openSteps } from '../../../src/host/journal.ts';
import { alone, takeOwnership } from '../../../src/host/owners.ts';
import { foresee, realise as realiseFor, undoSteps } from '../../../src/host/realise.ts';
import { STEP_TYPES } from '../../../src/host/steps/index.ts';
import type { HostRequirement } from '../../../src/plan/index.ts';
import { FakeHost, Killed } from '../../helpers/fake-host.ts';

const JOURNAL = '/run/m/journal.jsonl';
const owners = { directory: '/run/owners', machine: 'm', isThere: (name: string) => name === 'other' };
const realise = (requirements: readonly HostRequirement[], host: FakeHost, journal: string) =>
  realiseFor(requirements, host, journal, owners);

const directory: HostRequirement = { type: 'directory', path: '/run/sockets/a/b' };
const memory: HostRequirement = {
  ...{ type: 'directory', path: '/lib/ram/guest', contents: 'removed', records: '/lib/temporary-files' },
};
const nvram = {
  type: 'nvram',
  path: '/lib/nvram/guest_VARS.fd',
  template: '/usr/share/VARS.fd',
  format: 'raw',
} as const satisfies HostRequirement;
const newTap: HostRequirement = {
  type: 'tap',
  device: 'net0',
  fds: ['net0-tap0', 'net0-tap1'],
  vhostFds: ['net0-vhost0'],
  name: 'vnet%d',
  bridge: 'br0',
  mac: '52:54:00:00:00:01',
  mtu: 9000,
  linkUp: true,
};
const givenTap: HostRequirement = {
  ...newTap,
  device: 'net1',
  fds: ['net1-tap0'],
  vhostFds: [],
  name: 'mytap',
};

const macvtap: HostRequirement = {
  type: 'macvtap',
  device: 'net2',
  fds: ['net2-tap0', 'net2-tap1'],
  vhostFds: ['net2-vhost0', 'net2-vhost1'],
  mac: '52:54:00:00:00:02',
  parent: 'eth0',
  mode: 'passthrough',
  trustGuestRxFilters: true,
  linkUp: true,
};
const setup = {
  type: 'interface-setup',
  mac: '52:54:00:00:00:01',
  machine: '6f2b4a52-2d5c-4d27-9d5b-3f6f1f6c0a01',
  link: 'tap',
  bridge: 'br0',
  script: '/etc/ifup',
  downScript: '/etc/ifdown',
  vlan: { tag: [{ id: 42 }] },
  isolated: true,
  macTable: 'managed',
  managedMac: '52:54:00:00:00:01',
  coalesceRxFrames: 8,
  bandwidth: { inbound: { average: 1000, peak: 2000, burst: 64 }, outbound: { average: 500 } },
  addresses: [{ address: '192.0.2.1', prefix: 24 }],
  routes: [{ address: '198.51.100.0', prefix: 24, gateway: '192.0.2.2' }],
} as const;
const newTapSetup: HostRequirement = { ...setup, device: 'net0' };
const givenTapSetup: HostRequirement = { ...setup, device: 'net1', name: 'mytap' };

const floorSetup: HostRequirement = {
  ...{ type: 'interface-setup', device: 'net0', link: 'tap', mac: setup.mac, machine: setup.machine },
  ...{ bridge: 'br0', bandwidth: { inbound: { floor: 200 } } },
  share: { bridge: 'br0', floor: 200, ofMachine: 200, average: 1000, peak: 5000 },
};

const switchTap: HostRequirement = {
  ...{ type: 'tap', device: 'net0', fds: ['net0-tap0'], vhostFds: [], name: 'vnet%d', linkUp: true },
  mac: setup.mac,
};
const switchPort: HostRequirement = {
  ...{ type: 'interface-setup', device: 'net0', link: 'tap', mac: setup.mac, machine: setup.machine },
  bridge: 'ovs0',
  vlan: setup.vlan,
  virtualPort: { type: 'openvswitch' },
};

const cgroup: HostRequirement = {
  type: 'cgroup',
  device: 'guest',
  cpuShares: 512,
  cpu: { periodUs: 100_000, quotaUs: 50_000 },
  memoryNodes: '0',
  memory: { hardLimitKiB: 1024, softLimitKiB: 512, swapHardLimitKiB: 2048 },
  devices: { nodes: ['/dev/sda'], drivers: ['pts'] },
  blockWeight: 500,
  blockDevices: [{ path: '/dev/sda', readIops: 100, weight: 300 }],
  realtime: true,
  threadGroups: [
    { name: 'emulator', quotaUs: 10_000 },
    { name: 'vcpu0', periodUs: 50_000, quotaUs: -1, realtime: true },
  ],
};
const CGROUPS_V1 = ['cpu', 'cpuset', 'memory', 'blkio', 'devices']
  .map((name) => `cgroup /sys/fs/cgroup/${name} cgroup rw,${name} 0 0\n`)
  .join('');
const CGROUP_V2 = 'cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n';
const CGROUP_V2_OF_SYSTEMD = 'cgroup2 /sys/fs/cgroup/unified cgroup2 rw,nsdelegate 0 0\n';

const output: HostRequirement = {
  type: 'output-file',
  fd: 'serial0-source',
  path: '/run/serial.log',
  append: false,
};
const listener: HostRequirement = {
  type: 'unix-listener',
  fd: 'channel0-source',
  path: '/run/channel/guest/agent',
  ownDirectory: true,
};

interface Case {
  readonly requirements: readonly HostRequirement[];
  readonly mounts?: string;
}

const requirementsOf: Record<string, readonly HostRequirement[]> = {
  directory: [directory],
  nvram: [nvram],
  'new tap': [newTap],
  'tap that is there': [givenTap],
  macvtap: [macvtap],
  'settings of a new link': [newTap, newTapSetup],
  'settings of a link that is there': [givenTap, givenTapSetup],
  'port of a switch': [switchTap, switchPort],
  'share of a network’s bandwidth': [newTap, floorSetup],
  'port and socket of a NIC': [
    { type: 'port', device: 'net0', protocol: 'tcp', address: '127.0.0.1', port: 5559 },
    { type: 'vhost-user-socket', device: 'net1', path: '/run/nic', listens: true, reconnects: false },
  ],
  'virtual network': [
    {
      ...{ type: 'virtual-bridge', device: 'default', name: 'virbr0', mac: '52:54:00:aa:bb:cc', stp: true },
      ...{ delaySeconds: 0, filtersVlans: false, routes: [] },
      addresses: [{ address: '192.168.122.1', prefix: 24 }],
    },
    { type: 'ip-forwarding', device: 'default', family: 'ipv4' },
    { type: 'firewall-table', device: 'default', table: 'qdom_virbr0', rules: ['chain inet qdom_virbr0 c'] },
    { type: 'dnsmasq', device: 'default', directory: '/run/net', lines: ['interface=virbr0'] },
  ],
  'output file': [output],
  cgroup: [cgroup],
  'listening socket': [listener],
  'all of them': [
    directory,
    newTap,
    newTapSetup,
    nvram,
    givenTap,
    givenTapSetup,
    macvtap,
    cgroup,
    output,
    listener,
  ],
};

const swtpm: HostRequirement = {
  type: 'swtpm',
  device: 'tpm0',
  socket: '/run/guest/tpm0.sock',
  version: '2.0',
  state: { kind: 'dir', path: '/lib/swtpm/guest/tpm2' },
  pcrBanks: ['sha256'],
};
const virtiofsd: HostRequirement = {
  type: 'virtiofsd',
  device: 'fs0',
  socket: '/run/guest/fs0.sock',
  directory: '/lib',
  readonly: false,
};
const passt: HostRequirement = {
  type: 'passt',
  device: 'net0',
  socket: '/run/guest/net0.sock',
  vhostUser: false,
  addresses: [],
  portForwards: [],
};
const reservations: HostRequirement = {
  type: 'reservations-helper',
  device: 'virtio-disk0',
  socket: '/run/guest/pr-helper0.sock',
};
const dbus: HostRequirement = { type: 'dbus-daemon', device: 'dbus', socket: '/run/guest/dbus.sock' };
const gpu: HostRequirement = {
  type: 'vhost-user-gpu',
  device: 'video0',
  fd: 'video0-vhost-user',
  binary: '/bin/vhost-user-gpu',
  stem: '/run/guest/video0-vhost-user-gpu',
  virgl: false,
};
const descriptors: readonly HostRequirement[] = (['write', 'read'] as const).map((access) => ({
  ...{ type: 'fd-group', device: 'virtio-disk0', group: 'images', access, given: [3] },
  fd: `fdgroup-images-${access}`,
}));
const chain: HostRequirement = { type: 'image-chain', device: 'virtio-disk0', images: ['/dev/sda', '/lib'] };
const overlay: HostRequirement = {
  type: 'overlay',
  device: 'virtio-disk0',
  path: '/lib/disk.overlay',
  records: '/lib/temporary-files',
  base: '/dev/sda',
  baseFormat: 'raw',
};
const secretFile: HostRequirement = {
  type: 'secret-file',
  device: 'virtio-disk0',
  path: '/run/m2/luks.secret',
  secret: { value: new Secret('open sesame') },
};
const POOL = '/sys/kernel/mm/hugepages/hugepages-2048kB';
const NODE_POOL = '/sys/devices/system/node/node0/hugepages/hugepages-2048kB';
const newPages: HostRequirement = {
  type: 'hugepages',
  allocate: true,
  needs: [
    { memory: 'ram-node0', pageKiB: 2048, pages: 6, nodes: [0] },
    { memory: 'dimm0', pageKiB: 2048, pages: 5 },
  ],
};
const resctrl: HostRequirement = {
  type: 'resctrl',
  device: 'guest',
  name: 'vcpus_0-1',
  caches: [{ level: 3, id: 0, type: 'both', bytes: 2n * 1024n * 1024n }],
  bandwidths: [{ node: 1, bandwidth: 20 }],
  monitors: ['vcpus_0'],
};
const monitor: HostRequirement = {
  ...resctrl,
  name: 'vcpus_2',
  caches: [],
  bandwidths: [],
  monitors: ['vcpus_2'],
};
const hugetlbfs: HostRequirement = { type: 'hugetlbfs', path: '/run/qdom/pages/2048kB', pageKiB: 2048 };
const usb: HostRequirement = { type: 'usb-device', device: 'hostdev0', path: '/dev/bus/usb/001/002' };
const mdev: HostRequirement = {
  type: 'mediated-device',
  device: 'hostdev1',
  path: '/sys/bus/mdev/devices/u',
};
const gpuSlice: HostRequirement = {
  ...{ type: 'mediated-device', device: 'hostdev5' },
  path: '/sys/bus/mdev/devices/c60a5cb9-0000-4000-8000-000000000001',
  definition: {
    ...{ uuid: 'c60a5cb9-0000-4000-8000-000000000001', parent: '0000:01:00.0', type: 'nvidia-63' },
    attributes: [
      { name: 'first', value: '1' },
      { name: 'second', value: '2' },
    ],
  },
};
const secondSlice: HostRequirement = {
  ...{ type: 'mediated-device', device: 'hostdev6' },
  path: '/sys/bus/mdev/devices/c60a5cb9-0000-4000-8000-000000000002',
  definition: {
    ...{ uuid: 'c60a5cb9-0000-4000-8000-000000000002', parent: '0000:01:00.0', type: 'nvidia-63' },
    attributes: [],
  },
};
const pciFunction = {
  type: 'pci-function',
  device: 'hostdev2',
  function: '0000:01:00.0',
  managed: true,
} as const satisfies HostRequirement;
const secondFunction: HostRequirement = { ...pciFunction, device: 'hostdev3', function: '0000:01:00.1' };
const virtualFunction: readonly HostRequirement[] = [
  { ...pciFunction, device: 'hostdev4', function: '0000:02:10.1' },
  {
    ...{ type: 'virtual-function', device: 'hostdev4', function: '0000:02:10.1' },
    ...{ mac: '52:54:00:00:00:04', vlan: 42 },
  },
];
const shared: HostRequirement = { type: 'image', device: 'vda', path: '/lib/disk.img', isShared: true };

const user: HostRequirement = {
  type: 'qemu-user',
  user: 'qemu',
  group: 'kvm',
  runDir: '/run/m/machines/g',
  devices: [],
};
const owner = { type: 'file-owner', device: 'vda', records: '/lib/file-owners' } as const;
const written: HostRequirement = { ...owner, path: '/lib/disk.img', access: 'write' };
const readable: HostRequirement = { ...owner, path: '/usr/share/VARS.fd', access: 'read' };
const labelled: HostRequirement = {
  ...owner,
  path: '/dev/sda',
  access: 'write',
  owner: { user: '+7', group: '+8' },
};

const cases: Record<string, Case> = {
  ...Object.fromEntries(
    Object.entries(requirementsOf).map(([name, requirements]) => [name, { requirements }]),
  ),
  'hugepages that are made': { requirements: [newPages] },
  'shares of caches and bandwidth': { requirements: [resctrl, monitor] },
  'mount for hugepages': { requirements: [hugetlbfs] },
  'hugepages and where they are': { requirements: [newPages, hugetlbfs, directory] },
  swtpm: { requirements: [swtpm] },
  virtiofsd: { requirements: [virtiofsd] },
  passt: { requirements: [passt] },
  'reservations helper': { requirements: [reservations] },
  'message bus': { requirements: [dbus] },
  'vhost-user-gpu': { requirements: [gpu] },
  'all helpers': { requirements: [swtpm, virtiofsd, passt, reservations, dbus, gpu] },
  'descriptors of the caller': { requirements: [...descriptors, chain] },
  overlay: { requirements: [overlay] },
  'files of memory': { requirements: [memory] },
  'secret file': { requirements: [secretFile] },
  'devices that QEMU opens': { requirements: [usb, mdev] },
  'mediated devices that are made': { requirements: [gpuSlice, secondSlice] },
  'mediated devices that are made for QEMU’s user': { requirements: [user, gpuSlice] },
  'a whole IOMMU group': { requirements: [pciFunction, secondFunction] },
  'virtual function': { requirements: virtualFunction },
  'shared image': { requirements: [shared] },
  'files of QEMU’s user': {
    requirements: [
      user,
      written,
      readable,
      { ...directory, within: '/run/sockets' },
      nvram,
      secretFile,
      overlay,
    ],
  },
  'a file with an owner of its own': { requirements: [labelled] },
  'helpers beside QEMU’s user': { requirements: [user, swtpm, passt, secretFile] },
  'cgroup of version 2': { requirements: [cgroup], mounts: CGROUP_V2 },
  'cgroup where systemd runs the host': {
    requirements: [cgroup],
    mounts: CGROUP_V2_OF_SYSTEMD,
  },
  'cgroup in a partition of version 2': {
    requirements: [{ ...cgroup, partition: '/tenant' }],
    mounts: CGROUP_V2,
  },
};

const noVirtual = () => ({ mac: '00:00:00:00:00:00', vlan: 0 });

function freshHost(mounts = CGROUPS_V1): FakeHost {
  const host = new FakeHost({
    '/run/m': null,
    '/run/m2': null,
    '/run/m/machines/g': null,
    '/run/owners': null,
    '/lib/file-owners': null,
    '/lib/temporary-files': null,
    '/lib/disk.img': '',
    '/etc/passwd': 'root:x:0:0::/:/bin/sh\nqemu:x:107:107::/:/bin/false\n',
    '/etc/group': 'kvm:x:108:qemu\n',
    '/bin/setpriv': '',
    '/lib': null,
    '/usr/share/VARS.fd': 'template',
    '/dev/net/tun': '',
    '/dev/vhost-net': '',
    '/sbin/tc': '',
    '/sbin/ip': '',
    '/sbin/bridge': '',
    '/sbin/ethtool': '',
    '/usr/sbin/nft': '',
    '/usr/sbin/dnsmasq': '',
    '/run/net': null,
    '/proc/sys/net/ipv4/ip_forward': '0\n',
    '/usr/bin/ovs-vsctl': '',
    '/etc/ifup': '#!/bin/sh\n',
    '/etc/ifdown': '#!/bin/sh\n',
    '/dev/sda': '',
    '/dev/bus/usb/001/002': '',
    '/sys/bus/mdev/devices/u': null,
    '/bin/qemu-img': '',
    '/proc': null,
    '/bin/swtpm': '',
    '/bin/swtpm_setup': '',
    '/bin/virtiofsd': '',
    '/bin/passt': '',
    '/bin/qemu-pr-helper': '',
    '/bin/dbus-daemon': '',
    '/bin/vhost-user-gpu': '',
    '/proc/self/fdinfo/3': 'pos:\t0\nflags:\t0100002\n',
    '/proc/self/fd/3': 'an image',
    '/proc/self/mounts': `${mounts}resctrl /sys/fs/resctrl resctrl rw 0 0\n`,
    '/sys/fs/resctrl/schemata': 'L3:0=ff0;1=fff\nMB:0=100;1=100\n',
    '/sys/fs/resctrl/mon_groups': null,
    '/sys/fs/resctrl/info/L3/cbm_mask': 'fff\n',
    '/sys/fs/resctrl/info/L3_MON/num_rmids': '8\n',
    '/sys/devices/system/cpu/cpu0/cache/index3/level': '3\n',
    '/sys/devices/system/cpu/cpu0/cache/index3/id': '0\n',
    '/sys/devices/system/cpu/cpu0/cache/index3/size': '12288K\n',
    ...Object.fromEntries(
      [POOL, NODE_POOL].flatMap((pool) => [
        [`${pool}/nr_hugepages`, '3\n'],
        [`${pool}/free_hugepages`, '2\n'],
      ]),
    ),
    '/sys/fs/cgroup/cpu/cpu.rt_runtime_us': '950000',
    '/sys/fs/cgroup/memory': null,
    '/sys/fs/cgroup/devices': null,
    '/proc/devices': 'Character devices:\n136 pts\n\nBlock devices:\n  8 sd\n',
    '/sys/fs/cgroup/blkio': null,
    '/sys/fs/cgroup/cpuset/cpuset.cpus': '0-1',
    '/sys/fs/cgroup/cpuset/cpuset.mems': '0',
    '/sys/fs/cgroup/unified/cgroup.controllers': 'cpuset cpu io memory',
    '/sys/fs/cgroup/unified/cgroup.subtree_control': 'cpuset',
    ...(mounts === CGROUP_V2_OF_SYSTEMD && { '/run/systemd/system': null }),
    '/bin/systemd-run': '',
    '/sys/fs/cgroup/unified/machine.slice/cgroup.subtree_control': '',
    '/sys/fs/cgroup/unified/tenant/cgroup.controllers': 'cpuset',
    '/sys/fs/cgroup/unified/tenant/cgroup.subtree_control': '',
  });
  host.addLink('br0', { isBridge: true, up: true });
  host.addLink('br1', { isBridge: true, up: true });
  host.addLink('eth0', { address: '02:02' });
  host.addLink('mytap', { mtu: 1400, bridge: 'br1' });
  host.mdev.addType('0000:01:00.0', 'nvidia-63', 2, ['first', 'second']);
  host.pci.drivers.add('vfio-pci');
  host.pci.add('0000:00:01.0', { group: '7', class: '0x060400', driver: 'pcieport' });
  host.pci.add('0000:01:00.0', { group: '7', driver: 'e1000e' });
  // Somebody has chosen its driver; it goes back to that one.
  host.pci.add('0000:01:00.1', { group: '7', driver: 'uio', override: 'uio', natural: 'snd' });
  host.pci.add('0000:02:00.0', { group: '8', driver: 'igb', link: 'pf0' });
  host.pci.add('0000:02:10.0', { group: '9', driver: 'igbvf', virtual: { of: '0000:02:00.0', number: 0 } });
  host.pci.add('0000:02:10.1', { group: '10', driver: 'igbvf', virtual: { of: '0000:02:00.0', number: 1 } });
  host.addLink('pf0', { up: true, vfs: [noVirtual(), { mac: '02:03', vlan: 7 }] });
  return host;
}

const see = (host: FakeHost) => host.snapshot('/run/m/');

async function countChanges({ requirements, mounts }: Case): Promise<number> {
  const host = freshHost(mounts);
  await realise(requirements, host, JOURNAL);
  return host.changes;
}

describe('the kinds of steps', () => {
  it('are all here, but for those that change nothing that could be seen', () => {
    const here = new Set(Object.values(cases).flatMap(({ requirements }) => requirements.map((r) => r.type)));
    expect(STEP_TYPES.filter((type) => !here.has(type as HostRequirement['type'])).sort()).toEqual([
      ...['device-fd', 'free-memory', 'process-limit', 'qemu-socket', 'scsi-unit', 'vhost-scsi-target'],
    ]);
  });
});

describe.each(Object.entries(cases))('preparing the host: %s', (_, one) => {
  it('changes it, and undoing gives it back', async () => {
    const host = freshHost(one.mounts);
    const before = see(host);
    const realised = await realise(one.requirements, host, JOURNAL);
    expect(see(host)).not.toEqual(before);
    realised.closeDescriptors();
    expect(await undoSteps(host, JOURNAL, 'rollback')).toEqual([]);
    expect(see(host)).toEqual(before);
    expect(openSteps(host, JOURNAL)).toEqual([]);
  });

  it('leaves it as it was when the k-th change fails, for every k', async () => {
    const changes = await countChanges(one);
    for (let k = 1; k <= changes; k++) {
      const host = freshHost(one.mounts);
      const before = see(host);
      host.inject('fail', k);
      await expect(realise(one.requirements, host, JOURNAL), `k = ${k}`).rejects.toThrow(QdomError);
      expect(see(host), `k = ${k}`).toEqual(before);
    }
  });

  it('lets the next command give it back when the process is killed after the k-th change, for every k', async () => {
    const changes = await countChanges(one);
    for (let k = 1; k <= changes; k++) {
      const host = freshHost(one.mounts);
      const before = see(host);
      host.inject('kill', k);
      await expect(realise(one.requirements, host, JOURNAL), `k = ${k}`).rejects.toThrow();
      host.revive();
      expect(await undoSteps(host, JOURNAL, 'rollback'), `k = ${k}`).toEqual([]);
      expect(see(host), `k = ${k}`).toEqual(before);
    }
  });

  it('tells the first error first when the undo fails too, and the next undo succeeds, for every k', async () => {
    const changes = await countChanges(one);
    for (let k = 1; k <= changes; k++) {
      const host = freshHost(one.mounts);
      const before = see(host);
      host.inject('fail', k, k + 1, k + 2);
      const error = await realise(one.requirements, host, JOURNAL).catch((e: unknown) => e);
      expect(error, `k = ${k}`).toBeInstanceOf(QdomError);
      expect((error as QdomError).diagnostics[0]?.code, `k = ${k}`).not.toBe('host/undo-failed');
      host.inject('fail');
      expect(await undoSteps(host, JOURNAL, 'rollback'), `k = ${k}`).toEqual([]);
      expect(see(host), `k = ${k}`).toEqual(before);
    }
  });

  it('gives it back when the undo itself is killed after its k-th change, for every k', async () => {
    const undoChanges = await (async () => {
      const host = freshHost(one.mounts);
      (await realise(one.requirements, host, JOURNAL)).closeDescriptors();
      host.inject('fail');
      await undoSteps(host, JOURNAL, 'rollback');
      return host.changes;
    })();
    for (let k = 1; k <= undoChanges; k++) {
      const host = freshHost(one.mounts);
      const before = see(host);
      (await realise(one.requirements, host, JOURNAL)).closeDescriptors();
      host.inject('kill', k);
      await undoSteps(host, JOURNAL, 'rollback').catch((error: unknown) => {
        if (!(error instanceof Killed)) throw error;
      });
      host.revive();
      expect(await undoSteps(host, JOURNAL, 'rollback'), `k = ${k}`).toEqual([]);
      expect(see(host), `k = ${k}`).toEqual(before);
    }
  });
});

describe('what is kept', () => {
  it('the TPM stays when the machine has ended, and is not made again', async () => {
    const host = freshHost();
    await realise([swtpm], host, JOURNAL);
    await undoSteps(host, JOURNAL, 'ended');
    host.writeFile('/lib/swtpm/guest/tpm2/tpm2-00.permall', 'keys of the guest');
    await realise([{ ...swtpm, pcrBanks: [] }], host, '/run/m/second.jsonl');
    await undoSteps(host, '/run/m/second.jsonl', 'rollback');
    expect(host.readText('/lib/swtpm/guest/tpm2/tpm2-00.permall')).toBe('keys of the guest');
  });

  it('the variable store stays when the machine has ended', async () => {
    const host = freshHost();
    await realise([nvram], host, JOURNAL);
    await undoSteps(host, JOURNAL, 'ended');
    expect(host.readText('/lib/nvram/guest_VARS.fd')).toBe('template');
  });

  it('a store that was there is neither overwritten nor removed', async () => {
    const host = freshHost();
    host.makeDirectory('/lib/nvram');
    host.writeFile('/lib/nvram/guest_VARS.fd', 'the guest wrote this');
    const before = see(host);
    await realise([nvram], host, JOURNAL);
    expect(host.readText('/lib/nvram/guest_VARS.fd')).toBe('the guest wrote this');
    await undoSteps(host, JOURNAL, 'rollback');
    expect(see(host)).toEqual(before);
  });

  it('a directory into which somebody has put a file stays', async () => {
    const host = freshHost();
    await realise([directory], host, JOURNAL);
    host.writeFile('/run/sockets/a/b/precious', '');
    expect(await undoSteps(host, JOURNAL, 'ended')).toEqual([]);
    expect(host.readText('/run/sockets/a/b/precious')).toBe('');
  });
});

describe('the socket of a vhost-user NIC', () => {
  const socket = { type: 'vhost-user-socket', device: 'net1', path: '/run/nic', reconnects: false } as const;

  it('that QEMU made is removed after it', async () => {
    const host = freshHost();
    const before = see(host);
    await realise([{ ...socket, listens: true }], host, JOURNAL);
    host.closeDescriptor(host.listenUnix('/run/nic'));
    expect(await undoSteps(host, JOURNAL, 'ended')).toEqual([]);
    expect(see(host)).toEqual(before);
  });

  it('must be there if QEMU is to connect to it, unless it tries again and again', async () => {
    const at = (host: FakeHost, reconnects: boolean) =>
      realise([{ ...socket, listens: false, reconnects }], host, JOURNAL).then(
        () => 'started',
        (e: unknown) => (e as QdomError).primary?.code,
      );
    expect(await at(freshHost(), false)).toBe('network/no-backend');
    expect(await at(freshHost(), true)).toBe('started');
    const host = freshHost();
    host.closeDescriptor(host.listenUnix('/run/nic'));
    expect(await at(host, false)).toBe('started');
    expect(await undoSteps(host, JOURNAL, 'ended')).toEqual([]);
    expect(host.status('/run/nic')?.kind).toBe('socket');
  });
});

describe('the link below macvtaps', () => {
  const on = (mode: 'bridge' | 'passthrough', machine: string): HostRequirement => ({
    ...{ type: 'macvtap', device: 'net0', fds: ['net0-tap0'], vhostFds: [], parent: 'eth0', mode },
    ...{ trustGuestRxFilters: false, linkUp: true, mac: `52:54:00:00:01:0${machine}` },
  });
  const start = async (host: FakeHost, machine: string, mode: 'bridge' | 'passthrough') => {
    const isThere = (name: string) => host.readText(`/run/m/${name}.jsonl`) !== undefined;
    const journal = `/run/m/${machine}.jsonl`;
    (
      await realiseFor([on(mode, machine)], host, journal, { ...owners, machine, isThere })
    ).closeDescriptors();
  };

  it('goes down with the last of them, if it was down before the first', async () => {
    const host = freshHost();
    const before = see(host);
    await start(host, '1', 'bridge');
    await start(host, '2', 'bridge');
    expect(await undoSteps(host, '/run/m/1.jsonl', 'ended')).toEqual([]);
    expect(host.link('eth0')?.up).toBe(true);
    expect(await undoSteps(host, '/run/m/2.jsonl', 'ended')).toEqual([]);
    expect(see(host)).toEqual(before);
  });

  it('must let packets of the guest’s size through', async () => {
    const mtu = (size: number) => ({ ...on('bridge', '1'), mtu: size }) as HostRequirement;
    const host = freshHost();
    await expect(realise([mtu(9000)], host, JOURNAL)).rejects.toThrow("more than 'eth0' below it has");
    expect(host.changes).toBe(0);
    await realise([mtu(host.link('eth0')?.mtu ?? 0)], host, JOURNAL);
  });

  it('is one machine’s in mode passthrough, and the other is told whose', async () => {
    const host = freshHost();
    await start(host, '1', 'bridge');
    await expect(start(host, '2', 'passthrough')).rejects.toThrow(
      "'macvtap-parent:eth0' is in use by domain '1'",
    );
    await undoSteps(host, '/run/m/1.jsonl', 'ended');
    await start(host, '2', 'passthrough');
    await expect(start(host, '1', 'bridge')).rejects.toThrow("in use by domain '2'");
  });
});

describe('a note that was half written when its process was killed', () => {
  it('goes with what it was about', async () => {
    const host = freshHost();
    const asQemu: HostRequirement[] = [user, written, overlay, secretFile, newPages];
    const before = see(host);
    (await realise(asQemu, host, JOURNAL)).closeDescriptors();
    const notes = ['/run/owners', '/lib/file-owners', '/lib/temporary-files'].flatMap((directory) =>
      host.listDirectory(directory).map((name) => `${directory}/${name}`),
    );
    for (const note of [...notes.filter((name) => !name.endsWith('.lock')), '/run/m2/luks.secret'])
      host.plant(`${note}.new`, '{"ma');
    expect(await undoSteps(host, JOURNAL, 'rollback')).toEqual([]);
    expect(see(host)).toEqual(before);
  });

  it('goes also where the whole one was never there', async () => {
    const host = freshHost();
    const before = see(host);
    host.inject('kill', 2);
    await expect(realise([overlay], host, JOURNAL)).rejects.toThrow();
    host.revive();
    const [path = ''] = /\/run\/owners\/[0-9a-f]+/.exec(host.readText(JOURNAL) ?? '') ?? [];
    host.removeTree(path);
    host.plant(`${path}.new`, '{"ma');
    expect(await undoSteps(host, JOURNAL, 'rollback')).toEqual([]);
    expect(see(host)).toEqual(before);
  });
});

describe('a script', () => {
  it('must be there, and be a program, before anything is done', async () => {
    const refusal = async (script: string) => {
      const host = freshHost();
      host.plant('/etc/text', 'words');
      const started = realise([newTap, { ...newTapSetup, script } as HostRequirement], host, JOURNAL);
      const code = await started.catch((e: unknown) => (e as QdomError).primary?.code);
      return [code, host.changes];
    };
    expect(await refusal('/nowhere')).toEqual(['host/script-missing', 0]);
    expect(await refusal('/etc/text')).toEqual(['host/script-closed', 0]);
  });
});

describe('a floor', () => {
  const refusal = (requirement: HostRequirement) =>
    realise([newTap, requirement], freshHost(), JOURNAL).catch(
      (e: unknown) => (e as QdomError).primary?.code,
    );

  it('needs a network that shares bandwidth out, and as much of it', async () => {
    const { share: _, ...alone } = floorSetup as Extract<HostRequirement, { type: 'interface-setup' }>;
    expect(await refusal(alone)).toBe('network/no-floor');
    const share = { bridge: 'br0', floor: 600, ofMachine: 1200, average: 1000, peak: 5000 };
    expect(await refusal({ ...alone, share })).toBe('network/floor-too-high');
  });
});

describe('a socket', () => {
  const made: HostRequirement = { type: 'qemu-socket', device: 'vnc', path: '/run/vnc' };
  const passed: HostRequirement = { ...listener, path: '/run/vnc', ownDirectory: false } as HostRequirement;
  const listening = (path: string) =>
    `Num RefCount Protocol Flags Type St Inode Path\n0: 00000002 00000000 00010000 0001 01 27 ${path}\n`;

  it('that QEMU makes is removed after it', async () => {
    const host = freshHost();
    const before = see(host);
    await realise([made], host, JOURNAL);
    host.closeDescriptor(host.listenUnix('/run/vnc'));
    expect(await undoSteps(host, JOURNAL, 'ended')).toEqual([]);
    expect(see(host)).toEqual(before);
  });

  it.each([
    ['QEMU’s', made],
    ['passed on', passed],
  ])('is one machine’s, and not taken from a program that listens: %s', async (_, requirement) => {
    const host = freshHost();
    await realiseFor([made], host, '/run/m/other.jsonl', { ...owners, machine: 'other' });
    await expect(realise([requirement], host, JOURNAL)).rejects.toThrow("in use by domain 'other'");
    await undoSteps(host, '/run/m/other.jsonl', 'ended');
    host.closeDescriptor(host.listenUnix('/run/vnc'));
    host.plant('/proc/net/unix', listening('/run/vnc'));
    await expect(realise([requirement], host, JOURNAL)).rejects.toThrow('another program listens there');
    expect(host.status('/run/vnc')?.kind).toBe('socket');
    host.plant('/proc/net/unix', listening('/run/vnc2'));
    await realise([requirement], host, JOURNAL);
  });
});

describe('a file for output', () => {
  it('that was there keeps what it holds until the guest runs', async () => {
    const host = freshHost();
    host.writeFile('/run/serial.log', 'of the run before');
    const before = see(host);
    const realised = await realise([output], host, JOURNAL);
    expect(realised.emptied).toEqual(['/run/serial.log']);
    realised.closeDescriptors();
    await undoSteps(host, JOURNAL, 'rollback');
    expect(see(host)).toEqual(before);
    const kept = await realise([{ ...output, append: true } as HostRequirement], host, JOURNAL);
    expect(kept.emptied).toEqual([]);
  });
});

describe('a port of Open vSwitch', () => {
  const start = async (host: FakeHost, requirement: HostRequirement) => {
    const commands: string[] = [];
    const run = host.run.bind(host);
    host.run = (program, args) => {
      commands.push([program, ...args].join(' '));
      return run(program, args);
    };
    const result = await realise([switchTap, requirement], host, JOURNAL).then(
      () => 'started',
      (e: unknown) => (e as QdomError).primary?.code,
    );
    return { result, commands };
  };

  it('says whose it is, and its tags', async () => {
    const vlan = { trunk: true, tag: [{ id: 7 }, { id: 8, nativeMode: 'untagged' }] };
    const virtualPort = { type: 'openvswitch', parameters: { interfaceid: 'mine', profileid: 'web' } };
    const { commands } = await start(freshHost(), { ...switchPort, vlan, virtualPort } as HostRequirement);
    expect(commands.find((line) => line.includes('add-port'))).toMatch(
      /^ovs-vsctl --timeout=5 add-port ovs0 vnet\d+ trunks=\[7,8\] tag=8 vlan_mode=native-untagged -- set Interface vnet\d+ external_ids:attached-mac="52:54:00:00:00:01" external_ids:iface-id="mine" external_ids:vm-id="6f2b.*" external_ids:iface-status="active" external_ids:port-profile="web"$/,
    );
    expect(commands.filter((line) => line.startsWith('bridge'))).toEqual([]);
  });

  it('is not taken off if somebody else’s has the name by now', async () => {
    const host = freshHost();
    (await realise([switchTap, switchPort], host, JOURNAL)).closeDescriptors();
    const name = /add-port","ovs0","(vnet\d+)"/.exec(host.readText(JOURNAL) ?? '')?.[1] ?? '';
    await host.run('ovs-vsctl', ['--timeout=5', '--if-exists', 'del-port', 'ovs0', name]);
    await host.run('ovs-vsctl', ['--timeout=5', 'add-port', 'ovs0', name, 'external_ids:iface-id="other"']);
    expect(await undoSteps(host, JOURNAL, 'ended')).toEqual([]);
    expect(JSON.stringify(see(host))).toContain('ovs0 other');
  });

  it('is refused where there is no such switch, and for other types, before the first change', async () => {
    const refused = async (more: object) =>
      (await start(freshHost(), { ...switchPort, ...more } as HostRequirement)).result;
    expect(await refused({ bridge: 'br0' })).toBe('network/no-switch');
    for (const type of ['802.1Qbg', '802.1Qbh', 'midonet', undefined])
      expect(await refused({ virtualPort: { type } })).toBe('network/no-port-type');
  });
});

describe('a link that was there before', () => {
  it('is on no bridge after it where its own is gone, and the machine’s too', async () => {
    const host = freshHost();
    (await realise([givenTap, givenTapSetup], host, JOURNAL)).closeDescriptors();
    for (const bridge of ['br0', 'br1']) host.removeLink(bridge);
    await host.run('ip', ['link', 'set', 'dev', 'mytap', 'nomaster']);
    expect(await undoSteps(host, JOURNAL, 'ended')).toEqual([]);
    expect(host.link('mytap')).toMatchObject({ mtu: 1400 });
    expect(host.link('mytap')?.bridge).toBeUndefined();
  });

  const setUp = async (host: FakeHost, ...lines: readonly string[]) => {
    for (const line of lines) {
      const [program = '', ...args] = line.split(' ');
      await host.run(program, args);
    }
  };

  it('keeps the address, the route and the forwarding entry that somebody has given it', async () => {
    const host = freshHost();
    await setUp(
      host,
      'ip address add 192.0.2.1/24 dev mytap',
      'ip -4 route add 198.51.100.0/24 via 192.0.2.2 dev mytap',
      'bridge fdb add 52:54:00:00:00:01 dev mytap master static',
      'ethtool -C mytap rx-frames 3',
      'bridge vlan add dev mytap vid 7',
    );
    const before = see(host);
    const realised = await realise([givenTap, givenTapSetup], host, JOURNAL);
    realised.closeDescriptors();
    expect(await undoSteps(host, JOURNAL, 'ended')).toEqual([]);
    expect(see(host)).toEqual(before);
  });

  const refusal = (host: FakeHost, ...requirements: readonly HostRequirement[]) =>
    realise(requirements, host, JOURNAL).catch((e: unknown) => (e as QdomError).primary?.code);

  it('is refused before the first change if its queueing discipline is somebody else’s', async () => {
    const host = freshHost();
    await setUp(host, 'tc qdisc add dev mytap root handle 5: sfq');
    const before = see(host);
    expect(await refusal(host, givenTap, givenTapSetup)).toBe('network/has-qdisc');
    expect(see(host)).toEqual(before);
  });

  it('is refused if it is no tap, or has not the queues', async () => {
    expect(await refusal(freshHost(), { ...givenTap, name: 'br1' } as HostRequirement)).toBe(
      'network/not-a-tap',
    );
    const fds = ['net1-tap0', 'net1-tap1'];
    expect(await refusal(freshHost(), { ...givenTap, fds } as HostRequirement)).toBe('network/tap-queues');
  });

  it('is refused before the first change if a process has it, which is named where it can be seen', async () => {
    const host = freshHost();
    host.addLink('theirs', { transient: true });
    host.addLink('persistent');
    for (const [pid, namespace] of [
      ['self', 'net:[1]'],
      ['41', 'net:[2]'],
      ['42', 'net:[1]'],
    ] as const) {
      host.plant(`/proc/${pid}/ns/net`, namespace);
      host.plant(`/proc/${pid}/fdinfo/9`, 'pos:\t0\niff:\ttheirs\n');
      host.plant(`/proc/${pid}/fdinfo/10`, 'iff:\tpersistent\n');
    }
    host.plant('/proc/42/comm', 'openvpn\n');
    const before = see(host);
    for (const name of ['theirs', 'persistent']) {
      const refused = realise([newTap, { ...givenTap, name } as HostRequirement], host, JOURNAL);
      await expect(refused).rejects.toThrow(
        `'${name}' of interface 'net1' is in use by process 42 (openvpn)`,
      );
    }
    expect(see(host)).toEqual(before);
  });

  it('is not what has its name by now: neither settings nor script touch that', async () => {
    const host = freshHost();
    (await realise([newTap, newTapSetup], host, JOURNAL)).closeDescriptors();
    const [entry = ''] = (host.readText(JOURNAL) ?? '').split('\n').filter((l) => l.includes('"downScript"'));
    const { record } = JSON.parse(entry) as { record: { name: string; index: string } };
    host.writeFile(
      JOURNAL,
      (host.readText(JOURNAL) ?? '').replaceAll(`"index":"${record.index}"`, '"index":"7"'),
    );
    host.addLink(record.name);
    const commands: string[] = [];
    const run = host.run.bind(host);
    host.run = (program, args) => {
      commands.push(program);
      return run(program, args);
    };
    expect(await undoSteps(host, JOURNAL, 'ended')).toEqual([]);
    expect(commands).not.toContain('/etc/ifdown');
  });
});

describe('a tap that was there before', () => {
  it('is not what has its name by now', async () => {
    const host = freshHost();
    (await realise([givenTap], host, JOURNAL)).closeDescriptors();
    const index = /"index":"(\d+)"/.exec(host.readText(JOURNAL) ?? '')?.[1] ?? '';
    host.writeFile(JOURNAL, (host.readText(JOURNAL) ?? '').replaceAll(`"${index}"`, '"7"'));
    host.removeLink('mytap');
    host.addLink('mytap', { mtu: 1234 });
    expect(await undoSteps(host, JOURNAL, 'ended')).toEqual([]);
    expect(host.link('mytap')?.mtu).toBe(1234);
  });
});

describe('what no two machines may have', () => {
  const taken = async (machine: string) => {
    const host = freshHost();
    await takeOwnership(host, { ...owners, machine }, alone(`file:${nvram.path}`));
    return host;
  };

  it('is refused with the name of the machine that has it, and stays with that', async () => {
    const host = await taken('other');
    const before = see(host);
    await expect(realise([directory, nvram], host, JOURNAL)).rejects.toThrow(
      "'file:/lib/nvram/guest_VARS.fd' is in use by domain 'other'",
    );
    expect(see(host)).toEqual(before);
  });

  it('is refused before anything is done, with the place in the XML', async () => {
    const host = await taken('other');
    host.inject('fail');
    const from = { path: '/domain/os/nvram', at: { line: 5, column: 3, offset: 60 } };
    const error = await realise([directory, { ...nvram, from }], host, JOURNAL).catch((e: unknown) => e);
    expect((error as QdomError).diagnostics).toMatchObject([{ code: 'host/taken', ...from }]);
    expect(host.changes).toBe(0);
  });

  it('is free when the machine that had it is no more', async () => {
    await realise([nvram], await taken('gone'), JOURNAL);
  });
});

describe('an image', () => {
  const image = (isShared: boolean): HostRequirement => ({
    type: 'image',
    device: 'virtio-disk0',
    path: '/lib/disk.img',
    isShared,
  });
  const start = (host: FakeHost, machine: string, isShared: boolean) =>
    realiseFor([image(isShared)], host, `/run/m/${machine}.jsonl`, {
      ...owners,
      machine,
      isThere: (name) => host.readText(`/run/m/${name}.jsonl`) !== undefined,
    });

  it.each([
    [false, false],
    [false, true],
    [true, false],
  ])('is one machine’s unless both share it: %s, %s', async (first, second) => {
    const host = freshHost();
    await start(host, 'one', first);
    await expect(start(host, 'two', second)).rejects.toThrow(
      "'file:/lib/disk.img' is in use by domain 'one'",
    );
  });

  it('that is shared is free for one alone when the last has given it back', async () => {
    const host = freshHost();
    const before = see(host);
    await start(host, 'one', true);
    await start(host, 'two', true);
    await undoSteps(host, '/run/m/one.jsonl', 'ended');
    await expect(start(host, 'three', false)).rejects.toThrow("in use by domain 'two'");
    await undoSteps(host, '/run/m/two.jsonl', 'ended');
    expect(see(host)).toEqual(before);
    await start(host, 'four', false);
  });
});

describe('what several machines turn on', () => {
  const start = (host: FakeHost, machine: string, partition: string) =>
    realiseFor(
      [{ ...cgroup, device: machine, partition }] as readonly HostRequirement[],
      host,
      `/run/m/${machine}.jsonl`,
      { ...owners, machine, isThere: (name) => host.readText(`/run/m/${name}.jsonl`) !== undefined },
    );
  const controllers = (host: FakeHost, group = '') =>
    host.readText(`/sys/fs/cgroup/unified${group}/cgroup.subtree_control`);

  it('is turned off by the last of them, and what was on before stays on', async () => {
    const host = freshHost(CGROUP_V2);
    const before = see(host);
    await start(host, 'one', '');
    await start(host, 'two', '/tenant');
    expect(controllers(host)).toBe('cpuset cpu memory io');
    await undoSteps(host, '/run/m/one.jsonl', 'ended');
    expect(controllers(host)).toBe('cpuset cpu memory io');
    expect(controllers(host, '/tenant')).toBe('cpu cpuset memory io');
    await undoSteps(host, '/run/m/two.jsonl', 'ended');
    expect(controllers(host)).toBe('cpuset');
    expect(see(host)).toEqual(before);
  });

  it('is turned off by the next machine’s end when the one that turned it on left nothing but its note', async () => {
    const host = freshHost(CGROUP_V2);
    await start(host, 'gone', '');
    host.removeFile('/run/m/gone.jsonl');
    await start(host, 'two', '');
    await undoSteps(host, '/run/m/two.jsonl', 'ended');
    expect(controllers(host)).toBe('cpuset');
  });
});

describe('an undo that fails', () => {
  it('keeps the ownership of what is still there', async () => {
    const host = freshHost();
    const realised = await realise([macvtap], host, JOURNAL);
    realised.closeDescriptors();
    host.inject('fail', 1);
    expect(await undoSteps(host, JOURNAL, 'ended')).toMatchObject([{ code: 'host/undo-failed' }]);
    expect(host.listDirectory('/run/owners').length).toBeGreaterThan(0);
    expect(openSteps(host, JOURNAL).map((s) => s.type)).toEqual(['ownership', 'ownership', 'macvtap']);
    host.inject('fail');
    expect(await undoSteps(host, JOURNAL, 'ended')).toEqual([]);
    expect(openSteps(host, JOURNAL)).toEqual([]);
  });
});

describe('a secret', () => {
  it('is in its file and nowhere else: not in the journal, not in the plan that is shown', async () => {
    const host = freshHost();
    await realise([secretFile], host, JOURNAL);
    expect(host.readText('/run/m2/luks.secret')).toBe('open sesame');
    expect(host.readText(JOURNAL)).not.toContain('sesame');
    expect(JSON.stringify(await foresee([secretFile], { host, owners }))).not.toContain('sesame');
  });
});

describe('checks', () => {
  it('all run before the first change, and all failures are told', async () => {
    const host = new FakeHost({ '/run/m': null });
    const before = host.snapshot('nothing');
    const error = await realise([directory, nvram, newTap], host, JOURNAL).catch((e: unknown) => e);
    expect((error as QdomError).diagnostics.map((d) => d.code)).toEqual([
      'host/template-missing',
      'host/tap-unavailable',
    ]);
    expect(host.snapshot('nothing')).toEqual(before);
  });

  it('name the bridge that is missing or none', async () => {
    const host = freshHost();
    const at = async (bridge: string) =>
      realise([{ ...newTap, bridge }], host, JOURNAL).catch((e: unknown) => (e as QdomError).primary?.code);
    expect(await at('br9')).toBe('host/bridge-missing');
    expect(await at('mytap')).toBe('host/not-a-bridge');
  });
});

describe('the journal', () => {
  it('ignores a last line that a power cut has cut off', async () => {
    const host = freshHost();
    await realise([directory], host, JOURNAL);
    host.writeFile(JOURNAL, `${host.readText(JOURNAL)}{"op":"intent","step":7,"ty`);
    expect(openSteps(host, JOURNAL).map((s) => s.type)).toEqual(['directory']);
  });

  it('is refused with its line if it is damaged elsewhere', () => {
    const host = new FakeHost({ [JOURNAL]: '{"op":"undone","step":0}\nrubbish\n' });
    expect(() => openSteps(host, JOURNAL)).toThrow(/line 2 of the journal/);
  });
});
