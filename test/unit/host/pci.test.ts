import { describe, expect, it } from 'vitest';
import type { QdomError } from '../../../src/errors/index.ts';
import { realise, undoSteps } from '../../../src/host/realise.ts';
import type { HostRequirement } from '../../../src/plan/index.ts';
import { FakeHost } from '../../helpers/fake-host.ts';
import type { FakeFunction } from '../../helpers/fake-pci.ts';

const JOURNAL = '/run/m/journal.jsonl';
const NIC = '0000:01:00.0';

const owners = (machine = 'm') => ({ directory: '/run/owners', machine, isThere: () => true });

const assign = (address = NIC, more: { managed?: boolean; driver?: string } = {}): HostRequirement => ({
  ...{ type: 'pci-function', device: 'hostdev0', managed: true, function: address },
  ...more,
});
const asNic = (address = NIC, vlan?: number): HostRequirement => ({
  ...{ type: 'virtual-function', device: 'hostdev0', function: address, mac: '52:54:00:00:00:01' },
  ...(vlan !== undefined && { vlan }),
});

function hostWith(functions: Record<string, Partial<FakeFunction>>, hasVfio = true): FakeHost {
  const host = new FakeHost({ '/run/m': null, '/sbin/ip': '', '/bin/setpriv': '', '/proc/self': null });
  if (hasVfio) host.pci.drivers.add('vfio-pci');
  for (const [address, one] of Object.entries(functions)) host.pci.add(address, one);
  return host;
}

/** The first complaint, its hint included. */
async function refusal(host: FakeHost, requirements: readonly HostRequirement[], machine?: string) {
  const before = host.snapshot('nothing');
  const error = await realise(requirements, host, JOURNAL, owners(machine)).then(
    () => undefined,
    (e: unknown) => e as QdomError,
  );
  expect(host.snapshot('nothing')).toEqual(before);
  const { code, message, hint } = error?.primary ?? {};
  return { code, text: `${message}; ${hint}` };
}

describe('a PCI function for a guest', () => {
  const nic = { group: '7', driver: 'e1000e' };

  it('is bound to vfio-pci while the machine runs, and has its driver back after', async () => {
    const host = hostWith({ [NIC]: nic });
    const before = host.snapshot('/run');
    await realise([assign()], host, JOURNAL, owners());
    expect(host.pci.all.get(NIC)).toMatchObject({ driver: 'vfio-pci', override: 'vfio-pci' });
    expect(await undoSteps(host, JOURNAL, 'ended')).toEqual([]);
    expect(host.snapshot('/run')).toEqual(before);
  });

  it('without a driver has none after', async () => {
    const host = hostWith({ [NIC]: { group: '7', natural: 'e1000e' } });
    host.pci.drivers.add('e1000e');
    await realise([assign()], host, JOURNAL, owners());
    expect(await undoSteps(host, JOURNAL, 'ended')).toEqual([]);
    expect(host.pci.all.get(NIC)?.driver).toBeUndefined();
  });

  it('that an operator has given to vfio-pci stays there, managed or not', async () => {
    for (const managed of [true, false]) {
      const host = hostWith({ [NIC]: { group: '7', driver: 'vfio-pci', override: 'vfio-pci' } });
      const before = host.snapshot('/run');
      await realise([assign(NIC, { managed })], host, JOURNAL, owners());
      expect(await undoSteps(host, JOURNAL, 'ended')).toEqual([]);
      expect(host.snapshot('/run')).toEqual(before);
    }
  });

  it('goes to the variant driver that is asked for', async () => {
    const host = hostWith({ [NIC]: nic });
    host.pci.drivers.add('mlx5_vfio_pci');
    await realise([assign(NIC, { driver: 'mlx5_vfio_pci' })], host, JOURNAL, owners());
    expect(host.pci.all.get(NIC)?.driver).toBe('mlx5_vfio_pci');
  });

  it('that was given to somebody else meanwhile stays with them', async () => {
    const host = hostWith({ [NIC]: nic });
    await realise([assign()], host, JOURNAL, owners());
    host.pci.add(NIC, { group: '7', driver: 'uio', natural: 'e1000e' });
    expect(await undoSteps(host, JOURNAL, 'ended')).toEqual([]);
    expect(host.pci.all.get(NIC)?.driver).toBe('uio');
  });

  it('that has been unplugged meanwhile is none of our business', async () => {
    const host = hostWith({ [NIC]: nic });
    await realise([assign()], host, JOURNAL, owners());
    host.pci.all.delete(NIC);
    expect(await undoSteps(host, JOURNAL, 'ended')).toEqual([]);
  });

  it('is given back later if its driver is not loaded at the end', async () => {
    const host = hostWith({ [NIC]: nic });
    const before = host.snapshot('/run');
    await realise([assign()], host, JOURNAL, owners());
    host.pci.drivers.delete('e1000e');
    const [failure] = await undoSteps(host, JOURNAL, 'ended');
    expect(failure?.message).toContain("'0000:01:00.0' cannot be bound to 'e1000e'");
    host.pci.drivers.add('e1000e');
    expect(await undoSteps(host, JOURNAL, 'ended')).toEqual([]);
    expect(host.snapshot('/run')).toEqual(before);
  });

  it('that is a network card has its interface back under its name, with its MTU and bridge', async () => {
    const host = hostWith({ [NIC]: { ...nic, link: 'eth0' } });
    host.addLink('br0', { isBridge: true });
    host.addLink('eth0', { mtu: 9000, bridge: 'br0', up: true });
    await realise([assign()], host, JOURNAL, owners());
    host.removeLink('eth0');
    // The kernel takes the first number that is free when the driver comes back.
    host.pci.add(NIC, { ...nic, driver: 'vfio-pci', override: 'vfio-pci', natural: 'e1000e', link: 'eth7' });
    host.addLink('eth7');
    expect(await undoSteps(host, JOURNAL, 'ended')).toEqual([]);
    expect(host.link('eth0')).toMatchObject({ mtu: 9000, bridge: 'br0', up: true });
    expect(host.link('eth7')).toBeUndefined();
  });

  it('that is a network card has its interface back also where its bridge is gone', async () => {
    const host = hostWith({ [NIC]: { ...nic, link: 'eth0' } });
    host.addLink('br0', { isBridge: true });
    host.addLink('eth0', { mtu: 9000, bridge: 'br0', up: true });
    await realise([assign()], host, JOURNAL, owners());
    host.removeLink('br0');
    host.removeLink('eth0');
    host.addLink('eth0');
    expect(await undoSteps(host, JOURNAL, 'ended')).toEqual([]);
    expect(host.link('eth0')).toMatchObject({ mtu: 9000, up: true });
  });

  it.each([true, false])('is open to the user as whom QEMU runs, managed %s', async (managed) => {
    const host = hostWith({ [NIC]: managed ? nic : { group: '7', driver: 'vfio-pci' } });
    const before = host.snapshot('/run');
    const user: HostRequirement = { type: 'qemu-user', user: '+64055', devices: [], runDir: '/run/m' };
    await realise([user, assign(NIC, { managed })], host, JOURNAL, owners());
    expect(host.status('/dev/vfio/7')).toMatchObject({ uid: 64055, gid: 64055 });
    expect(await undoSteps(host, JOURNAL, 'ended')).toEqual([]);
    expect(host.snapshot('/run')).toEqual(before);
  });

  it('is never two machines’, nor is its group', async () => {
    const host = hostWith({ [NIC]: nic, '0000:01:00.1': { group: '7' } });
    await realise([assign()], host, JOURNAL, owners('first'));
    expect(await refusal(host, [assign()], 'second')).toMatchObject({
      code: 'host/taken',
      text: expect.stringContaining("'pci:0000:01:00.0' is in use by domain 'first'"),
    });
    expect(await refusal(host, [assign('0000:01:00.1')], 'second')).toMatchObject({
      text: expect.stringContaining("'iommu-group:7' is in use by domain 'first'"),
    });
  });
});

describe('what is refused before anything is done', () => {
  const nic = { group: '7', driver: 'e1000e' };

  it('pci/function-missing', async () => {
    expect(await refusal(hostWith({}), [assign()])).toMatchObject({ code: 'pci/function-missing' });
  });

  it('pci/iommu-missing, with what to boot the host with', async () => {
    const host = hostWith({ [NIC]: { driver: 'e1000e' } });
    expect(await refusal(host, [assign()])).toMatchObject({
      code: 'pci/iommu-missing',
      text: expect.stringContaining('turn on VT-d (Intel) or AMD-Vi in the firmware'),
    });
    host.plant('/sys/firmware/acpi/tables/DMAR', '');
    expect((await refusal(host, [assign()])).text).toContain('intel_iommu=on');
    host.plant('/sys/kernel/iommu_groups/0', '');
    expect((await refusal(host, [assign()])).text).toContain('it is in none of the 1 groups');
  });

  it('pci/interrupts-not-remapped, unless somebody has allowed that', async () => {
    const host = hostWith({ [NIC]: nic });
    const unsafe = '/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts';
    host.plant(unsafe, 'N\n');
    host.plant('/proc/interrupts', '  0:  5   IO-APIC    2-edge      timer\n');
    expect(await refusal(host, [assign()])).toMatchObject({
      code: 'pci/interrupts-not-remapped',
      text: expect.stringContaining(`echo 1 > ${unsafe}`),
    });
    host.plant(unsafe, 'Y\n');
    await realise([assign()], host, JOURNAL, owners());
    const remapping = hostWith({ [NIC]: nic });
    remapping.plant(unsafe, 'N\n');
    remapping.plant('/proc/interrupts', '  0:  5   IR-IO-APIC    2-edge      timer\n');
    await realise([assign()], remapping, JOURNAL, owners());
  });

  it('pci/driver-missing, with the command that loads it', async () => {
    const seen = await refusal(hostWith({ [NIC]: nic }, false), [assign()]);
    expect(seen).toMatchObject({
      code: 'pci/driver-missing',
      text: expect.stringContaining('modprobe vfio-pci'),
    });
  });

  it('pci/vfio-unusable', async () => {
    const host = hostWith({ [NIC]: nic }, false);
    host.pci.drivers.add('mlx5_vfio_pci');
    const seen = await refusal(host, [assign(NIC, { driver: 'mlx5_vfio_pci' })]);
    expect(seen.code).toBe('pci/vfio-unusable');
  });

  it('pci/bridge', async () => {
    const host = hostWith({ [NIC]: { group: '7', class: '0x060400' } });
    expect((await refusal(host, [assign()])).code).toBe('pci/bridge');
  });

  it('pci/function-unbound, with the command that binds it', async () => {
    const seen = await refusal(hostWith({ [NIC]: nic }), [assign(NIC, { managed: false })]);
    expect(seen).toMatchObject({
      code: 'pci/function-unbound',
      text: expect.stringMatching(/bound to e1000e .*qdom nodedev-detach pci_0000_01_00_0/),
    });
  });

  it('pci/group-shared, with every member that the host uses and its driver', async () => {
    const host = hostWith({
      ...{ '0000:00:01.0': { group: '7', class: '0x060400', driver: 'pcieport' } },
      ...{ '0000:01:00.0': nic, '0000:01:00.1': { group: '7', driver: 'snd_hda_intel' } },
      ...{ '0000:01:00.2': { group: '7', driver: 'xhci_hcd' }, '0000:01:00.3': { group: '7' } },
      ...{
        '0000:01:00.4': { group: '7', driver: 'pci-stub' },
        '0000:02:00.0': { group: '8', driver: 'ahci' },
      },
    });
    expect(await refusal(host, [assign()])).toMatchObject({
      code: 'pci/group-shared',
      text: expect.stringContaining(
        "'0000:01:00.0' of 'hostdev0' is in IOMMU group '7' with what the host uses: " +
          '0000:01:00.1 (snd_hda_intel), 0000:01:00.2 (xhci_hcd);',
      ),
    });
    const all = ['0000:01:00.0', '0000:01:00.1', '0000:01:00.2'].map((address) => assign(address));
    await realise(all, host, JOURNAL, owners());
  });

  it('pci/function-busy', async () => {
    const host = hostWith({ [NIC]: { group: '7', driver: 'vfio-pci' } });
    host.busy.add('/dev/vfio/7');
    expect(await refusal(host, [assign()])).toMatchObject({
      code: 'pci/function-busy',
      text: expect.stringContaining('/dev/vfio/7'),
    });
  });

  it('pci/function-has-vfs', async () => {
    const host = hostWith({ [NIC]: { ...nic, files: { sriov_numvfs: '2\n' } } });
    expect((await refusal(host, [assign()])).code).toBe('pci/function-has-vfs');
  });
});

describe('what the kernel refuses', () => {
  const calls = async (host: FakeHost) => {
    await realise([assign()], host, JOURNAL, owners());
    return host.changes;
  };
  const withReset = () => hostWith({ [NIC]: { group: '7', driver: 'e1000e' } });

  it('pci/bind-failed: the driver does not take it, and it has its own back', async () => {
    const host = withReset();
    host.pci.all.set(NIC, { class: '0x020000', files: {}, group: '7', driver: 'e1000e', natural: 'e1000e' });
    const before = host.snapshot('/run');
    host.pci.refuses.add('vfio-pci');
    await expect(realise([assign()], host, JOURNAL, owners())).rejects.toThrow(
      "the PCI function '0000:01:00.0' cannot be bound to 'vfio-pci': the kernel has given it no driver",
    );
    expect(host.snapshot('/run')).toEqual(before);
  });

  it('pci/reset-failed: a function that cannot be reset is no guest’s', async () => {
    const last = await calls(withReset());
    const host = withReset();
    // The last change but one: the result goes into the journal after it.
    host.inject('fail', last - 1);
    const error = await realise([assign()], host, JOURNAL, owners()).catch((e: unknown) => e as QdomError);
    expect((error as QdomError).primary?.code).toBe('pci/reset-failed');
  });
});

describe('a virtual function as a NIC', () => {
  const VF = '0000:02:10.0';
  const PF = '0000:02:00.0';
  const physical = { group: '8', driver: 'igb', link: 'pf0' };
  const virtual = { group: '9', driver: 'igbvf', virtual: { of: PF, number: 0 } };
  const host = (up = true) => {
    const made = hostWith({ [PF]: physical, [VF]: virtual });
    made.addLink('pf0', { up, vfs: [{ mac: '02:09', vlan: 9 }] });
    return made;
  };
  const settings = (one: FakeHost) => one.link('pf0')?.vfs[0];

  it('has the guest’s MAC and VLAN while the machine runs, and its own after', async () => {
    const one = host();
    await realise([assign(VF), asNic(VF, 42)], one, JOURNAL, owners());
    expect(settings(one)).toEqual({ mac: '52:54:00:00:00:01', vlan: 42 });
    expect(await undoSteps(one, JOURNAL, 'ended')).toEqual([]);
    expect(settings(one)).toEqual({ mac: '02:09', vlan: 9 });
  });

  it('without a VLAN in the XML is in none', async () => {
    const one = host();
    await realise([assign(VF), asNic(VF)], one, JOURNAL, owners());
    expect(settings(one)?.vlan).toBe(0);
  });

  it('pci/not-virtual', async () => {
    expect((await refusal(host(), [asNic(PF)])).code).toBe('pci/not-virtual');
  });

  it('pci/physical-without-link', async () => {
    const one = host();
    one.pci.add(PF, { ...physical, driver: 'vfio-pci', natural: 'igb' });
    expect((await refusal(one, [assign(VF), asNic(VF)])).code).toBe('pci/physical-without-link');
  });

  it('pci/physical-down, with the command that brings it up', async () => {
    expect(await refusal(host(false), [assign(VF), asNic(VF)])).toMatchObject({
      code: 'pci/physical-down',
      text: expect.stringContaining('ip link set dev pf0 up'),
    });
  });
});
