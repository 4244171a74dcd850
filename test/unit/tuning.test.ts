import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compile/index.ts';
import { goldenEnvironment } from '../golden/environment.ts';

const domainWith = (sections: string) => `<domain type='kvm'>
  <name>guest</name>
  <memory unit='MiB'>64</memory>
  ${sections}
  <os><type arch='x86_64' machine='q35'>hvm</type></os>
</domain>`;
const planOf = (sections: string) => compile(domainWith(sections), goldenEnvironment({}));

describe('what tuning asks of the host', () => {
  it('is nothing where nothing is tuned', () => {
    const { host, threads } = planOf('<vcpu>2</vcpu>');
    expect({ host, threads }).toEqual({ host: [], threads: [] });
  });

  it('asks for a control group where it names a partition, but for the one that libvirt writes into every domain', () => {
    const within = (path: string) => planOf(`<resource><partition>${path}</partition></resource>`).host;
    expect(within('/virtualmachines/production')).toMatchObject([
      { type: 'cgroup', partition: '/virtualmachines/production', threadGroups: [] },
    ]);
    expect(within('/machine')).toEqual([]);
  });

  it('is one cgroup for everything that a group can hold', () => {
    const { host } = planOf(`<vcpu>1</vcpu>
      <resource><partition>/machine</partition></resource>
      <memtune><hard_limit unit='MiB'>100</hard_limit><swap_hard_limit unit='MiB'>200</swap_hard_limit></memtune>
      <blkiotune><weight>500</weight>
        <device><path>/dev/sda</path><write_bytes_sec>1000</write_bytes_sec></device></blkiotune>
      <cputune><shares>2048</shares><period>50000</period><quota>40000</quota><emulator_quota>-1</emulator_quota>
        <global_period>100000</global_period></cputune>
      <numatune><memory mode='restrictive' nodeset='0'/></numatune>`);
    expect(host).toEqual([
      {
        from: expect.objectContaining({ path: '/domain/cputune' }),
        type: 'cgroup',
        device: 'guest',
        partition: '/machine',
        cpuShares: 2048,
        cpu: { periodUs: 100_000 },
        memoryNodes: '0',
        memory: { hardLimitKiB: 102_400, swapHardLimitKiB: 204_800 },
        blockWeight: 500,
        blockDevices: [{ path: '/dev/sda', writeBytes: 1000n }],
        threadGroups: [
          { name: 'emulator', quotaUs: -1 },
          { name: 'vcpu0', periodUs: 50_000, quotaUs: 40_000 },
        ],
      },
    ]);
  });

  it('is no cgroup for memory that QEMU itself binds to its nodes', () => {
    const { host } = planOf("<vcpu>1</vcpu><numatune><memory mode='strict' nodeset='0'/></numatune>");
    expect(host).toEqual([]);
  });

  it('is a place for every thread: its own pin, else the cpuset of the vCPUs', () => {
    const { threads } = planOf(`<vcpu cpuset='0-3'>2</vcpu><iothreads>1</iothreads>
      <cputune><vcpupin vcpu='1' cpuset='2,^2,5'/><emulatorpin cpuset='0'/>
        <vcpusched vcpus='0' scheduler='fifo' priority='7'/></cputune>`);
    expect(threads.map(({ from, ...tuning }) => tuning)).toEqual([
      { thread: { kind: 'emulator' }, cpus: '0' },
      { thread: { kind: 'vcpu', id: 0 }, cpus: '0-3', scheduler: { policy: 'fifo', priority: 7 } },
      { thread: { kind: 'vcpu', id: 1 }, cpus: '5' },
      { thread: { kind: 'iothread', id: 1 }, cpus: '0-3' },
    ]);
  });

  it('is the advised node for what is placed automatically, and the live XML says which', () => {
    const { threads, placement, domainXml, liveXml, host } = planOf(`<vcpu placement='auto'>1</vcpu>
      <numatune><memory mode='restrictive'/></numatune>`);
    expect(threads).toMatchObject([{ cpus: '4-7' }, { cpus: '4-7' }]);
    expect(host).toMatchObject([{ type: 'cgroup', memoryNodes: '1' }]);
    expect(domainXml).toContain("<memory mode='restrictive' placement='auto'/>");
    expect(placement).toMatchObject({ nodes: '1' });
    expect(liveXml).toMatch(
      /<vcpu placement='auto' cpuset='4-7'>1<\/vcpu>[\s\S]*<memory mode='restrictive' nodeset='1' placement='auto'\/>/,
    );
  });

  it('is the devices that the command line asks for, where the configuration restricts them', () => {
    const env = goldenEnvironment({});
    const devices = `<rng model='virtio'><backend model='random'>/dev/hwrng</backend></rng>
      <disk type='block'><source dev='/dev/disk/by-id/x'/><target dev='vda' bus='virtio'/></disk>
      <hostdev mode='subsystem' type='pci' managed='no'><source>
        <address domain='0' bus='3' slot='0' function='0'/></source></hostdev>`;
    const compiled = (restrictDevices: boolean) =>
      compile(domainWith(`<devices>${devices}</devices>`), {
        ...env,
        config: { ...env.config, restrictDevices },
      }).host.filter(({ type }) => type === 'cgroup');
    expect(compiled(false)).toEqual([]);
    expect(compiled(true)).toEqual([
      {
        type: 'cgroup',
        device: 'guest',
        blockDevices: [],
        threadGroups: [],
        devices: {
          nodes: expect.arrayContaining(['/dev/hwrng', '/dev/disk/by-id/x', '/dev/vfio/vfio']),
          drivers: ['pts', 'vfio'],
        },
      },
    ]);
  });

  it('is hugepages, with a mount for them where the host has none', () => {
    const env = goldenEnvironment({});
    const hugepages = [{ sizeKiB: 2048, mount: '/run/pages/2048kB', isMade: true as const }];
    const compiled = (backing: string) =>
      compile(domainWith(`<memoryBacking><hugepages/>${backing}</memoryBacking>`), {
        ...env,
        facts: { ...env.facts, hugepages },
        config: { ...env.config, allocateHugepages: true },
      }).host;
    const pages = {
      type: 'hugepages',
      needs: [{ memory: 'pc.ram', pageKiB: 2048, pages: 32 }],
      allocate: true,
    };
    expect(compiled('')).toMatchObject([
      pages,
      { type: 'hugetlbfs', path: '/run/pages/2048kB', pageKiB: 2048 },
      { type: 'directory', path: '/run/pages/2048kB/qdom/guest' },
    ]);
    expect(compiled("<source type='memfd'/>")).toMatchObject([pages]);
  });

  it('is a share of the CPU for each group of vCPUs, and a monitor in it', () => {
    const { host, threads } = planOf(`<vcpu>4</vcpu><cputune>
      <cachetune vcpus='0-1'><cache id='0' level='3' type='both' size='3' unit='MiB'/>
        <monitor level='3' vcpus='0-1'/><monitor level='3' vcpus='1'/></cachetune>
      <cachetune vcpus='2'><monitor level='3' vcpus='2'/></cachetune>
      <memorytune vcpus='0-1'><node id='0' bandwidth='60'/></memorytune></cputune>`);
    expect(host).toMatchObject([
      {
        type: 'resctrl',
        device: 'guest',
        name: 'vcpus_0-1',
        from: { at: { line: 5 } },
        caches: [{ level: 3, id: 0, type: 'both', bytes: 3n * 1024n * 1024n }],
        bandwidths: [{ node: 0, bandwidth: 60 }],
        monitors: ['vcpus_1'],
      },
      { name: 'vcpus_2', caches: [], bandwidths: [], monitors: ['vcpus_2'] },
    ]);
    expect(threads).toEqual([
      expect.objectContaining({ thread: { kind: 'vcpu', id: 0 }, shares: ['vcpus_0-1'] }),
      expect.objectContaining({
        thread: { kind: 'vcpu', id: 1 },
        shares: ['vcpus_0-1', 'vcpus_0-1 vcpus_1'],
      }),
      expect.objectContaining({ thread: { kind: 'vcpu', id: 2 }, shares: ['vcpus_2', 'vcpus_2 vcpus_2'] }),
    ]);
  });
});
