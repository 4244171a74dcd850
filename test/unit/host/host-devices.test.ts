import { describe, expect, it } from 'vitest';
import type { QdomError } from '../../../src/errors/index.ts';
import { realise, undoSteps } from '../../../src/host/realise.ts';
import type { HostRequirement } from '../../../src/plan/index.ts';
import { FakeHost } from '../../helpers/fake-host.ts';

const owners = (machine: string) => ({ directory: '/run/owners', machine, isThere: () => true });
const start = (host: FakeHost, requirement: HostRequirement, machine = 'one') =>
  realise([requirement], host, `/run/${machine}.jsonl`, owners(machine));

async function complaint(host: FakeHost, requirement: HostRequirement, machine?: string) {
  const error = await start(host, requirement, machine).catch((e: unknown) => e as QdomError);
  const { code, message, hint } = (error as QdomError).primary ?? {};
  return { code, text: `${message}; ${hint}` };
}

function hostWith(files: Record<string, string | null>): FakeHost {
  const host = new FakeHost({ '/run': null, '/sys': null, ...files });
  host.pci.drivers.add('vfio-pci');
  return host;
}

describe('a USB device', () => {
  const usb: HostRequirement = { type: 'usb-device', device: 'hostdev0', path: '/dev/bus/usb/001/002' };

  it('host/usb-device-missing says how it can be named better', async () => {
    expect(await complaint(hostWith({}), usb)).toMatchObject({
      code: 'host/usb-device-missing',
      text: expect.stringMatching(/'\/dev\/bus\/usb\/001\/002' of 'hostdev0'.*<vendor\/>/),
    });
  });

  it('is one machine’s', async () => {
    const host = hostWith({ '/dev/bus/usb/001/002': '' });
    await start(host, usb, 'one');
    expect((await complaint(host, usb, 'two')).text).toContain("in use by domain 'one'");
  });

  it('gets the drivers of its interfaces back that a killed QEMU has left without, and no others', async () => {
    const devices = '/sys/bus/usb/devices';
    const numbers = (bus: number, device: number) => ({ busnum: `${bus}\n`, devnum: `${device}\n` });
    const filesOf = (name: string, files: Record<string, string>) =>
      Object.fromEntries(Object.entries(files).map(([file, text]) => [`${devices}/${name}/${file}`, text]));
    const drivers = '../../../../bus/usb/drivers';
    const host = hostWith({
      '/dev/bus/usb/001/002': '',
      ...filesOf('1-1', numbers(1, 2)),
      ...filesOf('1-1:1.0', { driver: `${drivers}/usbhid` }),
      ...filesOf('1-1:1.1', { driver: `${drivers}/usbhid` }),
      ...filesOf('1-1:1.2', { bInterfaceNumber: '02' }),
      ...filesOf('1-1.2', numbers(1, 3)),
      ...filesOf('1-1.2:1.0', { driver: `${drivers}/usb-storage` }),
    });
    await start(host, usb);
    const taken = ['1-1:1.0', '1-1.2:1.0'].map((name) => `${devices}/${name}/driver`);
    for (const driver of taken) host.removeFile(driver);
    expect(await undoSteps(host, '/run/one.jsonl', 'ended')).toEqual([]);
    expect(taken.map((driver) => host.readLink(driver))).toEqual(['/sys/bus/usb/drivers/usbhid', undefined]);
    expect(host.readLink(`${devices}/1-1:1.2/driver`)).toBeUndefined();
  });
});

describe('a SCSI unit', () => {
  const unit: HostRequirement = {
    ...{ type: 'scsi-unit', device: 'hostdev0', unit: '2:0:0:1', path: '/dev/sg3', isShared: false },
  };
  const present = () =>
    hostWith({
      '/dev/sg3': '',
      '/dev/sdb': '',
      '/sys/bus/scsi/devices/2:0:0:1/scsi_generic/sg3': null,
      '/sys/bus/scsi/devices/2:0:0:1/block/sdb': null,
    });

  it('host/scsi-unit-missing: its node may have become another unit’s', async () => {
    const host = hostWith({ '/dev/sg3': '', '/sys/bus/scsi/devices/2:0:0:1/scsi_generic/sg4': null });
    expect(await complaint(host, unit)).toMatchObject({
      code: 'host/scsi-unit-missing',
      text: expect.stringContaining("'2:0:0:1' of 'hostdev0' is not there, or is not '/dev/sg3' any more"),
    });
  });

  it('is the same as its disk: who has one has the other', async () => {
    const host = present();
    await start(host, unit, 'one');
    const disk: HostRequirement = { type: 'image', device: 'vda', path: '/dev/sdb', isShared: false };
    expect((await complaint(host, disk, 'two')).text).toContain("'file:/dev/sdb' is in use by domain 'one'");
  });

  it('is shared if all who have it say so', async () => {
    const host = present();
    await start(host, { ...unit, isShared: true }, 'one');
    await start(host, { ...unit, isShared: true }, 'two');
    expect((await complaint(host, unit, 'three')).code).toBe('host/taken');
  });
});

describe('a vhost-scsi target', () => {
  const wwpn = 'naa.5123456789abcde0';
  const target: HostRequirement = { type: 'vhost-scsi-target', device: 'hostdev0', wwpn };

  it('host/vhost-scsi-target-missing, with the command that makes it', async () => {
    expect(await complaint(hostWith({}), target)).toMatchObject({
      code: 'host/vhost-scsi-target-missing',
      text: expect.stringContaining(`targetcli /vhost create ${wwpn}`),
    });
  });

  it('is one machine’s', async () => {
    const host = hostWith({ [`/sys/kernel/config/target/vhost/${wwpn}`]: null });
    await start(host, target, 'one');
    expect((await complaint(host, target, 'two')).code).toBe('host/taken');
  });
});

describe('a mediated device', () => {
  const UUID = '4b20d080-1b54-4048-85b3-a6a62d165c01';
  const path = `/sys/bus/mdev/devices/${UUID}`;
  const mdev: HostRequirement = { type: 'mediated-device', device: 'hostdev0', path };

  it('host/mdev-missing, with the command for each type that the host’s devices can make', async () => {
    const types = '/sys/class/mdev_bus/0000:01:00.0/mdev_supported_types';
    const host = hostWith({ [`${types}/nvidia-63`]: null, [`${types}/nvidia-64`]: null });
    expect(await complaint(host, mdev)).toMatchObject({
      code: 'host/mdev-missing',
      text: expect.stringContaining(
        `echo ${UUID} > DIRECTORY/create, for one of: ${types}/nvidia-63, ${types}/nvidia-64`,
      ),
    });
  });

  it('host/mdev-missing, where no device can make any', async () => {
    expect((await complaint(hostWith({}), mdev)).text).toContain('no device of this host can make one');
  });

  it('needs vfio', async () => {
    const host = hostWith({ [path]: null });
    host.pci.drivers.clear();
    expect((await complaint(host, mdev)).code).toBe('pci/vfio-unusable');
  });
});
