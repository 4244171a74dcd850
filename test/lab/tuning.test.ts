import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ExecaError } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bootSector } from '../helpers/boot-sector.ts';
import { hostState, qdom, stateAfter, text } from './helpers.ts';

const MEMORY_MIB = 64;
const GROUP = '/sys/fs/cgroup/qdom-tuned';
const MIB = 1024 * 1024;

const pages = (node: number, file: string) =>
  `/sys/devices/system/node/node${node}/hugepages/hugepages-2048kB/${file}`;

describe('a machine with limits, pinned, its memory in hugepages of the second node', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'tuned-'));
  const image = path.join(directory, 'boot.img');
  let before: Record<string, unknown>;
  let pid = 0;

  beforeAll(async () => {
    writeFileSync(image, bootSector('wait'));
    for (const node of [0, 1]) writeFileSync(pages(node, 'nr_hugepages'), String(MEMORY_MIB / 2));
    before = await hostState();
    writeFileSync('/sys/block/vda/queue/scheduler', 'bfq');
    await qdom(['create', '-'], domain(image));
    ({ pid } = JSON.parse(await qdom(['dominfo', 'tuned', '--json'])) as { pid: number });
  });

  afterAll(async () => {
    await qdom(['destroy', 'tuned']).catch(() => '');
    for (const node of [0, 1]) writeFileSync(pages(node, 'nr_hugepages'), '0');
    writeFileSync('/sys/block/vda/queue/scheduler', 'none');
    rmSync(directory, { recursive: true });
  });

  it('has the processor time that was asked for, as a whole and for single threads', () => {
    const values = ['cpu.weight', 'cpu.max', 'emulator/cpu.max', 'vcpu0/cpu.max', 'vcpu1/cpu.max'];
    expect(Object.fromEntries(values.map((file) => [file, text(`${GROUP}/${file}`)]))).toEqual({
      'cpu.weight': '300',
      'cpu.max': '150000 100000',
      'emulator/cpu.max': '40000 50000',
      'vcpu0/cpu.max': '70000 80000',
      'vcpu1/cpu.max': '70000 80000',
    });
  });

  it('has the limits of memory and of block I/O', () => {
    expect(text(`${GROUP}/memory.max`)).toBe(String(900 * MIB));
    expect(text(`${GROUP}/memory.high`)).toBe(String(800 * MIB));
    const device = text('/sys/block/vda/dev');
    expect(text(`${GROUP}/io.weight`)).toBe('default 200');
    expect(text(`${GROUP}/io.bfq.weight`).split('\n')).toEqual(['default 200', `${device} 300`]);
    expect(text(`${GROUP}/io.max`)).toBe(`${device} rbps=10485760 wbps=max riops=max wiops=500`);
  });

  it('has QEMU and its threads in these groups, on the processors they were given', () => {
    // Beside it a thread of the kernel's for KVM.
    expect(text(`${GROUP}/cgroup.procs`).split('\n')).toContain(String(pid));
    const threads = Object.fromEntries(
      readdirSync(`/proc/${pid}/task`).map((tid) => {
        const task = `/proc/${pid}/task/${tid}`;
        const cpus = /Cpus_allowed_list:\s*(\S+)/.exec(text(`${task}/status`))?.[1];
        return [text(`${task}/comm`), `${cpus} ${text(`${task}/cgroup`).replace('0::/qdom-tuned', '')}`];
      }),
    );
    expect(threads).toMatchObject({
      'CPU 0/KVM': '0 /vcpu0',
      'CPU 1/KVM': '1 /vcpu1',
      'IO iothread1': expect.stringMatching(/^1 /),
      'qemu-system-x86': '0 /emulator',
    });
  });

  it('has all its memory on the second node', () => {
    const free = [0, 1].map((node) => Number(text(pages(node, 'free_hugepages'))));
    expect(free).toEqual([MEMORY_MIB / 2, 0]);
    const huge = readFileSync(`/proc/${pid}/numa_maps`, 'utf8')
      .split('\n')
      .filter((line) => line.includes(' huge '));
    expect(huge.some((line) => line.includes(` N1=${MEMORY_MIB / 2} `))).toBe(true);
    expect(huge.some((line) => line.includes(' N0='))).toBe(false);
  });

  it('leaves the host as it was', async () => {
    await qdom(['destroy', 'tuned']);
    expect(await stateAfter(before)).toEqual(before);
  });

  it('is refused a weight for a disk that nothing weighs, and the host stays as it was', async () => {
    writeFileSync('/sys/block/vda/queue/scheduler', 'none');
    const refusal = await qdom(['create', '-'], domain(image)).catch((error: ExecaError) => error.stderr);
    expect(refusal).toMatch(
      /nothing weighs it: its I\/O scheduler is 'none', and iocost is not set up for it/,
    );
    expect(await stateAfter(before)).toEqual(before);
  });
});

function domain(image: string): string {
  return `<domain type='kvm'>
  <name>tuned</name>
  <memory unit='MiB'>${MEMORY_MIB}</memory>
  <memoryBacking>
    <hugepages/>
    <allocation mode='immediate'/>
  </memoryBacking>
  <vcpu>2</vcpu>
  <iothreads>1</iothreads>
  <blkiotune>
    <weight>200</weight>
    <device>
      <path>/dev/vda</path>
      <weight>300</weight>
      <read_bytes_sec>10485760</read_bytes_sec>
      <write_iops_sec>500</write_iops_sec>
    </device>
  </blkiotune>
  <memtune>
    <hard_limit unit='MiB'>900</hard_limit>
    <soft_limit unit='MiB'>800</soft_limit>
  </memtune>
  <cputune>
    <vcpupin vcpu='0' cpuset='0'/>
    <vcpupin vcpu='1' cpuset='1'/>
    <emulatorpin cpuset='0'/>
    <iothreadpin iothread='1' cpuset='1'/>
    <shares>300</shares>
    <global_period>100000</global_period>
    <global_quota>150000</global_quota>
    <period>80000</period>
    <quota>70000</quota>
    <emulator_period>50000</emulator_period>
    <emulator_quota>40000</emulator_quota>
  </cputune>
  <numatune><memory mode='strict' nodeset='1'/></numatune>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
  </os>
  <features><acpi/></features>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='raw'/>
      <source file='${image}'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <disk type='block' device='disk'>
      <driver name='qemu' type='raw' cache='none' io='threads' iothread='1'/>
      <source dev='/dev/vda'/>
      <target dev='vdb' bus='virtio'/>
    </disk>
    <controller type='usb' model='none'/>
    <memballoon model='none'/>
  </devices>
</domain>
`;
}
