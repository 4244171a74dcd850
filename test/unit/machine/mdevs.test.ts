import { beforeEach, describe, expect, it } from 'vitest';
import { nodeDeviceXml } from '../../../src/cli/node-device-xml.ts';
import { definedNodeDevice, listedDevices } from '../../../src/cli/node-devices.ts';
import type { QdomError } from '../../../src/errors/index.ts';
import { realise, undoSteps } from '../../../src/host/realise.ts';
import { type MachineContext, ownersFor } from '../../../src/machine/index.ts';
import {
  createMdev,
  definedMdevs,
  defineMdev,
  destroyMdev,
  knownMdevs,
  reapMdevs,
  startMdev,
  undefineMdev,
  unfinishedMdevs,
} from '../../../src/machine/mdevs/index.ts';
import type { HostRequirement, MediatedDevice } from '../../../src/plan/index.ts';
import { FakeHost } from '../../helpers/fake-host.ts';

const UUID = '3fe5bd0c-ed39-4a0c-b9dd-7e1ac1c1d9b9';
const NAME = 'mdev_3fe5bd0c_ed39_4a0c_b9dd_7e1ac1c1d9b9_0000_06_00_0';
const PATH = `/sys/bus/mdev/devices/${UUID}`;
const directories = { config: '/etc', run: '/run', state: '/lib', log: '/log' };
const device: MediatedDevice = {
  ...{ uuid: UUID, parent: '0000:06:00.0', type: 'nvidia-63' },
  attributes: [
    { name: 'second', value: '2' },
    { name: 'first', value: '1' },
    { name: 'second', value: '3' },
  ],
};
const taken: HostRequirement = { type: 'mediated-device', device: 'hostdev0', path: PATH };
const JOURNAL = '/run/machines/guest/journal.jsonl';

let host: FakeHost;
let cx: MachineContext;
let before: unknown;

function fresh(): void {
  host = new FakeHost({
    ...{ '/run/machines/guest': null, '/run/owners/.lock': '', '/etc/mdevs': null, '/run/mdevs': null },
    '/run/locks/mediated devices.lock': '',
  });
  host.pci.drivers.add('vfio-pci');
  host.pci.add('0000:06:00.0', { group: '7', driver: 'nvidia' });
  host.mdev.addType('0000:06:00.0', 'nvidia-63', 1, ['first', 'second']);
  host.mdev.addType('0000:06:00.0', 'nvidia-64', 4);
  cx = { directories, host, reapCommand: [] };
  before = see();
}
beforeEach(fresh);

/** The lock's file says who had it last. */
const see = () => host.snapshot('/run/locks');

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: QdomError) => error.primary?.code,
  );

describe('a mediated device that an operator makes', () => {
  it('has its attributes, in their order, and is there until it is removed', async () => {
    const written: string[] = [];
    const overwrite = host.overwrite.bind(host);
    host.overwrite = (path, text) => {
      if (path.startsWith(PATH)) written.push(`${path.slice(PATH.length + 1)}=${text}`);
      overwrite(path, text);
    };
    await createMdev(cx, device);
    expect(written).toEqual(['second=2', 'first=1', 'second=3']);
    expect(knownMdevs(cx)).toEqual([{ ...device, isActive: true, isPersistent: false }]);
    expect(await destroyMdev(cx, NAME)).toEqual(device);
    expect(see()).toEqual(before);
  });

  it('is told of in XML that can be given back', async () => {
    await createMdev(cx, device);
    const found = listedDevices(cx).find(({ name }) => name === NAME);
    expect(found && nodeDeviceXml({ ...found, path: '/sys/devices/p/u' })).toBe(`<device>
  <name>${NAME}</name>
  <path>/sys/devices/p/u</path>
  <parent>computer</parent>
  <capability type='mdev'>
    <type id='nvidia-63'/>
    <uuid>${UUID}</uuid>
    <parent_addr>0000:06:00.0</parent_addr>
    <attr name='second' value='2'/>
    <attr name='first' value='1'/>
    <attr name='second' value='3'/>
    <iommuGroup number='40'/>
  </capability>
</device>
`);
  });

  it.each(['fail', 'kill'] as const)(
    'leaves nothing that the next command does not take back: %s',
    async (kind) => {
      host.inject('fail');
      await createMdev(cx, device);
      const all = host.changes;
      for (let k = 1; k <= all; k++) {
        fresh();
        host.inject(kind, k);
        await createMdev(cx, device).catch(() => undefined);
        if (kind === 'kill') {
          host.revive();
          await reapMdevs(cx);
          // It was there, and had its record, when the process was killed.
          if (knownMdevs(cx).length > 0) await destroyMdev(cx, UUID);
        }
        expect(unfinishedMdevs(cx), `k = ${k}`).toEqual([]);
        expect(see(), `k = ${k}`).toEqual(before);
      }
    },
  );

  it('is taken back by the next making of the same one', async () => {
    host.inject('kill', 6);
    await createMdev(cx, device).catch(() => undefined);
    host.revive();
    expect(unfinishedMdevs(cx)).toEqual([UUID]);
    await createMdev(cx, device);
    expect(unfinishedMdevs(cx)).toEqual([]);
    await destroyMdev(cx, UUID);
    expect(see()).toEqual(before);
  });

  it('is refused where it is, where nothing makes it, or there is no room, before the first change', async () => {
    await createMdev(cx, device);
    const there = see();
    const other = { ...device, uuid: UUID.replace('3', '4') };
    expect(await codeOf(createMdev(cx, device))).toBe('mdev/already-there');
    expect(await codeOf(createMdev(cx, other))).toBe('mdev/no-instances');
    expect(await codeOf(createMdev(cx, { ...other, type: 'nvidia-1' }))).toBe('mdev/no-type');
    expect(await codeOf(createMdev(cx, { ...other, parent: '0000:07:00.0' }))).toBe('mdev/no-parent');
    expect(see()).toEqual(there);
  });

  it('is not left with half its attributes', async () => {
    const attributes = [
      { name: 'first', value: '1' },
      { name: 'third', value: '3' },
    ];
    expect(await codeOf(createMdev(cx, { ...device, attributes }))).toBe('mdev/attribute-refused');
    expect(see()).toEqual(before);
  });

  it('is not removed while a process has it open', async () => {
    await createMdev(cx, device);
    host.busy.add('/dev/vfio/40');
    expect(await codeOf(destroyMdev(cx, NAME))).toBe('mdev/busy');
    expect(await codeOf(destroyMdev(cx, UUID.replace('3', '4')))).toBe('mdev/not-active');
    expect(() => destroyMdev(cx, 'pci_0000_06_00_0')).toThrow('the name of no mediated device');
  });

  it('is one machine’s, or an operator’s, and never both', async () => {
    await createMdev(cx, device);
    const realised = await realise([taken], host, JOURNAL, ownersFor(cx, 'guest'));
    realised.closeDescriptors();
    expect(await codeOf(destroyMdev(cx, NAME))).toBe('host/taken');
    await undoSteps(host, JOURNAL, 'ended');
    // It was there before the machine, and is there after it.
    expect(knownMdevs(cx)).toMatchObject([{ isActive: true }]);
    await destroyMdev(cx, NAME);
  });
});

describe('a mediated device that is defined', () => {
  it('is made and removed as often as wanted, until it is forgotten', async () => {
    await defineMdev(cx, device);
    const defined = see();
    expect(knownMdevs(cx)).toEqual([{ ...device, isActive: false, isPersistent: true }]);
    expect(listedDevices(cx).find(({ name }) => name === NAME)).toMatchObject({
      ...{ parent: 'pci_0000_06_00_0', isActive: false, isPersistent: true },
    });
    expect(await startMdev(cx, NAME)).toEqual(device);
    expect(await codeOf(startMdev(cx, NAME))).toBe('mdev/already-there');
    await destroyMdev(cx, NAME);
    expect(see()).toEqual(defined);
    await undefineMdev(cx, NAME);
    expect(see()).toEqual(before);
    expect(await codeOf(startMdev(cx, NAME))).toBe('mdev/not-defined');
    expect(await codeOf(undefineMdev(cx, NAME))).toBe('mdev/not-defined');
  });

  it('stays when its definition goes, and is another’s when it is another by now', async () => {
    await defineMdev(cx, device);
    await createMdev(cx, { ...device, type: 'nvidia-64', attributes: [] });
    expect(listedDevices(cx).find(({ name }) => name === NAME)?.capability).toMatchObject({
      ...{ mdevType: 'nvidia-64', attributes: [] },
    });
    expect(definedNodeDevice(cx, UUID).capability).toMatchObject({ mdevType: 'nvidia-63' });
    await undefineMdev(cx, NAME);
    expect(knownMdevs(cx)).toMatchObject([{ isActive: true, isPersistent: false, type: 'nvidia-64' }]);
  });

  it('is defined anew on the same parent, and not on another', async () => {
    await defineMdev(cx, device);
    await defineMdev(cx, { ...device, attributes: [] });
    expect(definedMdevs(cx)).toEqual([{ ...device, attributes: [] }]);
    expect(await codeOf(defineMdev(cx, { ...device, parent: '0000:07:00.0' }))).toBe('mdev/uuid-taken');
  });
});

describe('a machine with a mediated device that is defined', () => {
  const made: HostRequirement = { ...taken, definition: device };
  const start = (requirements: readonly HostRequirement[]) =>
    realise(requirements, host, JOURNAL, ownersFor(cx, 'guest'));

  it('has it made, and it goes with the machine', async () => {
    const realised = await start([made]);
    realised.closeDescriptors();
    expect(knownMdevs(cx)).toMatchObject([{ uuid: UUID, isActive: true }]);
    expect(await codeOf(destroyMdev(cx, NAME))).toBe('host/taken');
    expect(await undoSteps(host, JOURNAL, 'ended')).toEqual([]);
    expect(knownMdevs(cx)).toEqual([]);
  });

  it('gives it back as it was if it was there', async () => {
    await createMdev(cx, device);
    const there = see();
    (await start([made])).closeDescriptors();
    expect(await undoSteps(host, JOURNAL, 'ended')).toEqual([]);
    host.removeFile(JOURNAL);
    expect(see()).toEqual(there);
  });

  it('does not remove what has its UUID by now and is something else', async () => {
    (await start([made])).closeDescriptors();
    host.overwrite(`${PATH}/remove`, '1');
    host.overwrite('/sys/class/mdev_bus/0000:06:00.0/mdev_supported_types/nvidia-64/create', UUID);
    expect(await undoSteps(host, JOURNAL, 'ended')).toEqual([]);
    expect(knownMdevs(cx)).toMatchObject([{ type: 'nvidia-64', isActive: true }]);
  });

  it('is refused before the first change if there is no room for all of them', async () => {
    const second = UUID.replace('3', '4');
    const another: HostRequirement = {
      ...{ ...made, device: 'hostdev1', path: `/sys/bus/mdev/devices/${second}` },
      definition: { ...device, uuid: second },
    };
    host.inject('fail');
    expect(await codeOf(start([made, another]))).toBe('mdev/no-instances');
    expect(host.changes).toBe(0);
  });

  it('tells what the kernel said, and keeps what it cannot remove for the next command', async () => {
    (await start([made])).closeDescriptors();
    const overwrite = host.overwrite.bind(host);
    host.overwrite = (path, text) => {
      if (path.endsWith('/remove')) throw new Error('EBUSY: device or resource busy');
      overwrite(path, text);
    };
    const [failure] = await undoSteps(host, JOURNAL, 'ended');
    expect(failure).toMatchObject({ code: 'host/undo-failed', message: expect.stringContaining('EBUSY') });
    host.overwrite = overwrite;
    expect(await undoSteps(host, JOURNAL, 'ended')).toEqual([]);
    expect(knownMdevs(cx)).toEqual([]);
  });
});
