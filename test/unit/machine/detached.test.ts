import { beforeEach, describe, expect, it } from 'vitest';
import type { QdomError } from '../../../src/errors/index.ts';
import { realise } from '../../../src/host/realise.ts';
import {
  detachFunction,
  type MachineContext,
  ownersFor,
  reattachFunction,
  resetNodeDevice,
  vfioFunctions,
} from '../../../src/machine/index.ts';
import type { HostRequirement } from '../../../src/plan/index.ts';
import { FakeHost } from '../../helpers/fake-host.ts';

const NIC = '0000:01:00.0';
const NAME = 'pci_0000_01_00_0';
const directories = { config: '/etc', run: '/run', state: '/lib', log: '/log' };

let host: FakeHost;
let cx: MachineContext;
let before: unknown;

beforeEach(() => {
  host = new FakeHost({ '/run/machines/guest': null, '/run/detached/.lock': '', '/run/owners/.lock': '' });
  host.pci.drivers.add('vfio-pci');
  host.pci.add('0000:00:01.0', { group: '6', class: '0x060400', driver: 'pcieport' });
  host.pci.add(NIC, { group: '7', driver: 'e1000e' });
  cx = { directories, host, reapCommand: [] };
  before = host.snapshot('nothing');
});

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: QdomError) => error.primary?.code,
  );

describe('a PCI function that an operator takes', () => {
  it('is for guests until it is given back, and then as before', async () => {
    expect(await detachFunction(cx, NAME)).toEqual({ function: NIC, driver: 'vfio-pci' });
    expect(vfioFunctions(cx)).toEqual([
      { function: NIC, name: NAME, driver: 'vfio-pci', detachedFrom: 'e1000e' },
    ]);
    expect(await reattachFunction(cx, NIC)).toEqual({ function: NIC, driver: 'e1000e' });
    expect(host.snapshot('nothing')).toEqual(before);
  });

  it('may be taken twice, and goes back to what it was first', async () => {
    host.pci.drivers.add('other_vfio_pci');
    await detachFunction(cx, NAME);
    await detachFunction(cx, NAME);
    await detachFunction(cx, NAME, { driver: 'other-vfio-pci' });
    expect(host.pci.all.get(NIC)?.driver).toBe('other_vfio_pci');
    await reattachFunction(cx, NAME);
    expect(host.snapshot('nothing')).toEqual(before);
  });

  it('is given back as before when it was killed on its way, after any change', async () => {
    const all = await (async () => {
      host.inject('fail');
      await detachFunction(cx, NAME);
      await reattachFunction(cx, NAME);
      return host.changes;
    })();
    for (let k = 1; k <= all; k++) {
      host.inject('kill', k);
      await detachFunction(cx, NAME)
        .then(() => reattachFunction(cx, NAME))
        .catch(() => undefined);
      host.revive();
      await reattachFunction(cx, NAME);
      expect(host.snapshot('nothing'), `k = ${k}`).toEqual(before);
    }
  });

  it('is given back as before when a change fails', async () => {
    host.inject('fail');
    await detachFunction(cx, NAME);
    const changes = host.changes;
    await reattachFunction(cx, NAME);
    for (let k = 1; k <= changes; k++) {
      host.inject('fail', k);
      await codeOf(detachFunction(cx, NAME));
      host.inject('fail');
      await reattachFunction(cx, NAME);
      expect(host.snapshot('nothing'), `k = ${k}`).toEqual(before);
    }
  });

  it('stays away when a machine that manages it ends', async () => {
    await detachFunction(cx, NAME);
    const assigned: HostRequirement = {
      ...{ type: 'pci-function', device: 'hostdev0', function: NIC, managed: true },
    };
    const journal = '/run/machines/guest/journal.jsonl';
    await realise([assigned], host, journal, ownersFor(cx, 'guest'));
    expect(vfioFunctions(cx)).toMatchObject([{ machine: 'guest', detachedFrom: 'e1000e' }]);
    for (const act of [detachFunction, reattachFunction, resetNodeDevice])
      expect(await codeOf(act(cx, NAME))).toBe('host/taken');
  });

  it('that vfio had before goes to the driver that the kernel picks', async () => {
    host.pci.add(NIC, { group: '7', driver: 'vfio-pci', override: 'vfio-pci', natural: 'e1000e' });
    host.pci.drivers.add('e1000e');
    expect(vfioFunctions(cx)).toEqual([{ function: NIC, name: NAME, driver: 'vfio-pci' }]);
    expect(await reattachFunction(cx, NAME)).toEqual({ function: NIC, driver: 'e1000e' });
  });
});

describe('what is refused', () => {
  it.each(['0000:09:00.0', 'pci_0000_09_00_0', 'eth0'])('pci/no-such-node-device: %s', async (name) => {
    expect(await codeOf(detachFunction(cx, name))).toBe('pci/no-such-node-device');
  });

  it('a bridge', async () => {
    expect(await codeOf(detachFunction(cx, '0000:00:01.0'))).toBe('pci/bridge');
  });

  it('pci/function-busy: a function that a process has open', async () => {
    await detachFunction(cx, NAME);
    host.busy.add('/dev/vfio/7');
    expect(await codeOf(resetNodeDevice(cx, NAME))).toBe('pci/function-busy');
  });

  it('pci/not-resettable', async () => {
    host.pci.add(NIC, { group: '7', driver: 'e1000e', canReset: false });
    expect(await codeOf(resetNodeDevice(cx, NAME))).toBe('pci/not-resettable');
  });
});
