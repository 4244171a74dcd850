import { describe, expect, it } from 'vitest';
import { examineHost } from '../../../src/host/doctor.ts';
import { FakeHost } from '../../helpers/fake-host.ts';

const examine = (files: Record<string, string | null>) =>
  Object.fromEntries(examineHost(new FakeHost(files)).map((check) => [check.name, check]));

describe('what a host has', () => {
  it('nothing: each check says what that costs and what to do', () => {
    for (const check of Object.values(examine({}))) {
      expect(check.ok).toBe(false);
      expect(check.costs).not.toBe('');
      expect(check.remedy).toBeTruthy();
    }
  });

  it('is found where it is', () => {
    const seen = examine({
      '/dev/kvm': '',
      '/usr/libexec/qemu-kvm': '',
      '/sys/fs/cgroup/cgroup.controllers': 'cpu memory\n',
      '/sys/kernel/iommu_groups/0': null,
      '/proc/self/status': 'CapInh:\t0000000000000000\nCapEff:\t0000000000001000\n',
      '/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages': '16\n',
      '/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages': '10\n',
      '/sys/fs/resctrl/info/L3/cbm_mask': 'fff\n',
      '/sys/fs/resctrl/info/last_cmd_status': 'ok\n',
      '/proc/cpuinfo': 'processor\t: 0\nflags\t\t: fpu constant_tsc\n',
    });
    const found = Object.values(seen).filter((check) => check.ok);
    expect(Object.fromEntries(found.map((check) => [check.name, check.found]))).toEqual({
      kvm: '/dev/kvm',
      qemu: '/usr/libexec/qemu-kvm',
      cgroup: 'version 2',
      iommu: '1 groups',
      'network-rights': 'CAP_NET_ADMIN',
      hugepages: '16 of 2048 KiB, 10 free',
      resctrl: 'L3',
      'constant-tsc': 'the CPU has it',
    });
    expect(found.every((check) => check.remedy === undefined)).toBe(true);
  });

  it('why KVM is not there is told apart: permission, extensions, firmware, module', () => {
    const kvm = (files: Record<string, string | null>) => examine(files).kvm;
    const cpu = (flags: string) => ({ '/proc/cpuinfo': `flags\t\t: fpu ${flags}\n` });
    expect(kvm(cpu(''))).toMatchObject({
      found: expect.stringContaining(
        'neither vmx nor svm: it has no virtualization extensions, or the firmware',
      ),
      remedy: expect.stringContaining('disabled by BIOS'),
    });
    expect(kvm(cpu('hypervisor'))).toMatchObject({
      found: expect.stringContaining('is a guest itself'),
      remedy: expect.stringContaining('nested'),
    });
    expect(kvm(cpu('vmx'))).toMatchObject({
      found: 'the CPU has VT-x, and the module kvm_intel is not loaded',
      remedy: expect.stringContaining('the firmware has turned VT-x off'),
    });
    expect(kvm({ ...cpu('svm'), '/sys/module/kvm_amd': null })?.found).toBe(
      'kvm_amd is loaded, and /dev/kvm is not there',
    );
    const host = new FakeHost({ '/dev/kvm': '' });
    host.mayUse = () => false;
    expect(examineHost(host)[0]).toMatchObject({ found: 'no permission to open /dev/kvm' });
  });

  it('why there is no IOMMU is told apart: firmware, kernel, command line', () => {
    const iommu = (files: Record<string, string | null>) => examine(files).iommu;
    const dmar = { '/sys/firmware/acpi/tables/DMAR': '' };
    expect(iommu({})?.found).toBe('the firmware shows no IOMMU');
    expect(iommu(dmar)).toMatchObject({
      found: 'the firmware has VT-d, and the kernel does not use it',
      remedy: 'boot the host with intel_iommu=on',
    });
    expect(iommu({ ...dmar, '/proc/cmdline': 'quiet intel_iommu=off\n' })?.remedy).toContain(
      'take intel_iommu=off off',
    );
    expect(iommu({ '/sys/firmware/acpi/tables/IVRS': '', '/proc/cmdline': 'iommu=off' })?.found).toContain(
      'AMD-Vi',
    );
  });

  it('interrupts that are remapped have chips that say so', () => {
    const group = { '/sys/kernel/iommu_groups/0': null };
    const seen = (text: string) => examine({ ...group, '/proc/interrupts': text })['irq-remapping']?.ok;
    expect(seen('  0:  5   IR-IO-APIC    2-edge      timer\n')).toBe(true);
    expect(seen('  0:  5   IO-APIC    2-edge      timer\n')).toBe(false);
  });

  it('memory is enough for guests that run, with swap, or it is not', () => {
    const meminfo = 'MemTotal:  2097152 kB\nMemAvailable: 1048576 kB\nSwapTotal: 1048576 kB\n';
    const host = new FakeHost({ '/proc/meminfo': meminfo });
    const memory = (guestsKiB: number) => examineHost(host, { guestsKiB }).at(-1);
    expect(memory(3 * 1048576)).toMatchObject({
      ok: true,
      found: '2048 MiB and 1024 MiB of swap, 1024 MiB available; running guests may take 3072 MiB',
    });
    expect(memory(3 * 1048576 + 1)).toMatchObject({ name: 'memory', ok: false, remedy: expect.any(String) });
  });

  it('a size of hugepages of which there are none is not enough', () => {
    const seen = examine({ '/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages': '0\n' });
    expect(seen.hugepages).toMatchObject({ ok: false, found: 'none' });
  });

  it('a bridge that keeps new ports waiting is told of, and sending without copying', () => {
    const seen = examine({
      '/sys/module/bridge': null,
      '/sys/class/net/br0/bridge/stp_state': '1\n',
      '/sys/class/net/br0/bridge/forward_delay': '1500\n',
      '/sys/class/net/br1/bridge/stp_state': '0\n',
      '/sys/class/net/br1/bridge/forward_delay': '1500\n',
      '/dev/vhost-net': '',
      '/sys/module/vhost_net/parameters/experimental_zcopytx': '1\n',
    });
    expect(seen.bridge?.found).toMatch(
      /^the kernel has it; br0 keeps a new port waiting for twice 15 s [^;]*$/,
    );
    expect(seen['vhost-net']?.found).toBe('/dev/vhost-net, sends without copying');
  });
});
