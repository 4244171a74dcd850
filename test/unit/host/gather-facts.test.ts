import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import tmp from 'tmp';
import { afterEach, describe, expect, it } from 'vitest';
import { gatherFacts } from '../../../src/host/facts.ts';

const made: tmp.DirResult[] = [];
afterEach(() => {
  for (const directory of made.splice(0)) directory.removeCallback();
});

/** A directory that stands for `/`, with these files. */
function hostWith(files: Readonly<Record<string, string>>): string {
  const directory = tmp.dirSync({ unsafeCleanup: true });
  made.push(directory);
  const root = directory.name;
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), content);
  }
  return root;
}

describe('the facts of a host', () => {
  it('of an empty one are harmless', () => {
    expect(gatherFacts({ root: hostWith({}) })).toMatchObject({
      numa: { cells: [] },
      hugepages: [],
      pciDevices: {},
      tap: { existing: [] },
      firmware: [],
    });
  });

  it('tell at which ports it listens', () => {
    const head = '  sl  local_address rem_address   st tx_queue rx_queue\n';
    const root = hostWith({
      'proc/net/tcp': `${head}   0: 0100007F:170C 00000000:0000 0A 00000000:00000000\n   1: 0100007F:170D 0100007F:9999 01 00000000:00000000\n`,
      'proc/net/tcp6': `${head}   0: 00000000000000000000000000000000:170E 00000000000000000000000000000000:0000 0A 00000000:00000000\n`,
    });
    expect(gatherFacts({ root }).listeningPorts).toEqual([5900, 5902]);
  });

  it('tell where hugepages are mounted for machines, whether they are at the moment or not', () => {
    const root = hostWith({
      'proc/mounts':
        'huge /dev/hugepages hugetlbfs rw 0 0\nnone /run/qdom/hugepages/1048576kB hugetlbfs rw,pagesize=1024M 0 0\n',
      'proc/meminfo': 'Hugepagesize:       2048 kB\n',
      ...Object.fromEntries(
        [1048576, 2048, 64].map((size) => [`sys/kernel/mm/hugepages/hugepages-${size}kB/nr_hugepages`, '0']),
      ),
    });
    expect(gatherFacts({ root, hugepagesDir: '/run/qdom/hugepages' }).hugepages).toEqual([
      { sizeKiB: 2048, mount: '/dev/hugepages', default: true },
      { sizeKiB: 64, mount: '/run/qdom/hugepages/64kB', isMade: true },
      { sizeKiB: 1048576, mount: '/run/qdom/hugepages/1048576kB', isMade: true },
    ]);
  });

  it('tell hugepage mounts with their sizes, nodes, PCI functions and CPU', () => {
    const root = hostWith({
      'proc/mounts':
        'huge /mnt/with\\040space hugetlbfs rw,pagesize=1024M 0 0\nhuge /dev/hugepages hugetlbfs rw 0 0\n',
      'proc/meminfo': 'Hugepagesize:       2048 kB\n',
      'proc/cpuinfo':
        'vendor_id\t: AuthenticAMD\nmodel name\t: A CPU\nphysical id\t: 0\nsiblings\t: 4\ncpu cores\t: 2\nflags\t\t: fpu sse2 sse4_1 pclmulqdq nonstop_tsc lahf_lm avx512_vnni avx512_bf16\n',
      'sys/devices/system/node/node1/cpulist': '2-3\n',
      'sys/devices/system/node/node0/cpulist': '0-1\n',
      'sys/devices/system/node/node0/meminfo': 'Node 0 MemTotal:       1000 kB\n',
      'sys/bus/pci/devices/0000:00:02.0/config': 'x'.repeat(256),
      'sys/bus/pci/devices/0000:01:00.0/config': 'x'.repeat(4096),
      'sys/class/net/tap0/tun_flags': '0x1002',
      'sys/class/net/eth0/mtu': '1500',
    });
    const facts = gatherFacts({ root, now: 7 });
    expect(facts.hugepages).toEqual([
      { sizeKiB: 1024 * 1024, mount: '/mnt/with space' },
      { sizeKiB: 2048, mount: '/dev/hugepages', default: true },
    ]);
    expect(facts.numa.cells).toEqual([
      { id: 0, cpus: '0-1', memoryKiB: 1000 },
      { id: 1, cpus: '2-3' },
    ]);
    expect(facts.pciDevices).toEqual({
      '0000:00:02.0': { express: false },
      '0000:01:00.0': { express: true },
    });
    expect(facts.cpu).toMatchObject({
      vendor: 'AMD',
      sockets: 1,
      cores: 2,
      threads: 2,
      features: ['fpu', 'sse2', 'sse4.1', 'pclmuldq', 'invtsc', 'lahf_lm', 'avx512vnni', 'avx512-bf16'],
    });
    expect(facts.tap.existing).toEqual(['tap0']);
    expect(facts.clock.now).toBe(7);
  });

  it('tell USB devices by what they are, and the generic nodes of SCSI units', () => {
    const facts = gatherFacts({
      root: hostWith({
        'sys/bus/usb/devices/1-2/busnum': '1\n',
        'sys/bus/usb/devices/1-2/devnum': '14\n',
        'sys/bus/usb/devices/1-2/idVendor': '046d\n',
        'sys/bus/usb/devices/1-2/idProduct': 'c52b\n',
        'sys/bus/usb/devices/1-2:1.0/bInterfaceClass': '03\n',
        'sys/bus/scsi/devices/2:0:0:1/scsi_generic/sg3/dev': '21:3\n',
        'sys/bus/scsi/devices/host2/uevent': '',
      }),
    });
    expect(facts.usbDevices).toEqual([{ bus: 1, device: 14, vendor: 0x046d, port: '2', product: 0xc52b }]);
    expect(facts.scsiGenericNodes).toEqual({ '2:0:0:1': 'sg3' });
  });
});
