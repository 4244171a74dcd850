import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../../src/host/wait.ts';
import { machineFiles } from '../../src/machine/files.ts';
import type { LinuxGuest } from '../guest/linux.ts';
import { complaint } from './cards.ts';
import { guestWithDrivers } from './guest-with-drivers.ts';
import { hostState, qdom, stateAfter, system, text } from './helpers.ts';

const BOOT_TIMEOUT_MS = 120_000;
const SETTLE_MS = 20_000;
const TEST_TIMEOUT_MS = 300_000;
const USB = '/sys/bus/usb/devices';
/** At its port of the lab's (test/lab/machine/qemu.ts). */
const TABLET = '1-1';
const TARGETS = '/sys/kernel/config/target';
const BACKEND = `${TARGETS}/core/fileio_0/backend`;
const WWPN = 'naa.6001405000000001';
const CONTENT = 'from a target of the host';

/** What the guest sees: USB devices by name, SCSI disks with their make and the beginning of their content. */
const SCRIPT = `for i in $(seq 40); do [ -e /sys/block/sdb -a $(ls -d /sys/bus/usb/devices/*/product | wc -l) -ge 4 ] || sleep 1; done
for product in /sys/bus/usb/devices/*/product; do echo "usb: $(cat $product)"; done
for disk in /sys/block/sd*; do
  echo "scsi:" $(cat $disk/device/vendor $disk/device/model) "$(head -c 100 /dev/\${disk##*/} | tr -d '\\0')."
done`;

const usbDriver = (name: string) => {
  const link = `${USB}/${name}/driver`;
  return existsSync(link) ? path.basename(readlinkSync(link)) : 'none';
};
const usbDrivers = () => readdirSync(USB).map((name) => [name, usbDriver(name)]);

function hostdevs(): string {
  const [bus, device] = ['busnum', 'devnum'].map((file) => text(`${USB}/${TABLET}/${file}`));
  return `
    <controller type='scsi' index='0' model='virtio-scsi'/>
    <hostdev mode='subsystem' type='usb'><source><address bus='${bus}' device='${device}'/></source></hostdev>
    <hostdev mode='subsystem' type='usb'><source><vendor id='0x46f4'/><product id='0x0001'/></source></hostdev>
    <hostdev mode='subsystem' type='scsi'>
      <source><adapter name='scsi_host${scsiHost()}'/><address bus='0' target='0' unit='0'/></source>
    </hostdev>
    <hostdev mode='subsystem' type='scsi_host'><source protocol='vhost' wwpn='${WWPN}'/></hostdev>`;
}

/** The adapter that the lab's SCSI disk is on. */
function scsiHost(): string {
  return (
    readdirSync('/sys/bus/scsi/devices').flatMap((name) => /^(\d+):0:0:0$/.exec(name)?.[1] ?? [])[0] ?? ''
  );
}

describe('devices of the host that QEMU opens by itself', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'host-devices-'));
  let guest: LinuxGuest;
  let before: Awaited<ReturnType<typeof hostState>>;
  let drivers: unknown;

  beforeAll(async () => {
    makeTarget(path.join(directory, 'lun'));
    guest = await guestWithDrivers(['virtio_pci', 'virtio_scsi', 'sd_mod', 'xhci_pci'], SCRIPT, directory);
    before = await hostState();
    drivers = usbDrivers();
    expect(usbDriver(`${TABLET}:1.0`)).toBe('usbhid');
  });
  afterAll(async () => {
    await qdom(['destroy', 'first']).catch(() => '');
    removeTarget();
    rmSync(directory, { recursive: true });
  });

  const create = (name: string, ...options: readonly string[]) => {
    // Its console is outside of what is compared.
    const xml = `<domain type='kvm'><name>${name}</name><memory unit='MiB'>256</memory><vcpu cpuset='0'>1</vcpu>
  <features><acpi/></features>
  <os><type machine='q35'>hvm</type><kernel>${guest.kernel}</kernel><initrd>${guest.initrd}</initrd>
    <cmdline>console=ttyS0 quiet panic=-1</cmdline></os>
  <devices><serial type='file'><source path='/run/lab/${name}.console'/></serial>${hostdevs()}</devices>
</domain>`;
    return qdom(['create', ...options, '-'], xml);
  };

  it(
    'are seen by the guest, are nobody else’s meanwhile, and are the host’s again',
    async () => {
      await create('first');
      expect(usbDriver(`${TABLET}:1.0`)).not.toBe('usbhid');
      const refusal = await complaint(create('second'));
      for (const resource of ['usb:/dev/bus/usb/001/', 'file:/dev/sg0', `vhost-scsi:${WWPN}`])
        expect(refusal).toMatch(new RegExp(`'${resource}\\S*' is in use by domain 'first'`));
      const output = '/run/lab/first.console';
      const seen = () => (existsSync(output) ? text(output) : '');
      await waitUntil(() => seen().includes('the script is done'), BOOT_TIMEOUT_MS);
      await qdom(['destroy', 'first']);
      for (const line of ['usb: QEMU USB Tablet', 'usb: QEMU USB HARDDRIVE', 'scsi: QEMU QEMU HARDDISK .'])
        expect(seen()).toContain(line);
      expect(seen()).toContain(`scsi: LIO-ORG FILEIO ${CONTENT}.`);
      expect(await stateAfter(before)).toEqual(before);
      expect(usbDrivers()).toEqual(drivers);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'are the host’s again also when QEMU was killed',
    async () => {
      await create('first', '--paused');
      const { supervisorStat, qemuStat } = machineFiles(system.directories, 'first');
      for (const file of [supervisorStat, qemuStat]) process.kill(Number.parseInt(text(file), 10), 'SIGKILL');
      const isGivenUp = () => usbDriver(`${TABLET}:1.0`) === 'none';
      expect(await waitUntil(isGivenUp, SETTLE_MS)).toBe(true);
      await qdom(['list']);
      expect(await stateAfter(before)).toEqual(before);
      expect(usbDrivers()).toEqual(drivers);
    },
    TEST_TIMEOUT_MS,
  );
});

/** A target of the kernel's with one unit, a file (kernel: Documentation/target; vhost_scsi). */
function makeTarget(file: string): void {
  writeFileSync(file, CONTENT.padEnd(1024 * 1024, '\0'));
  mkdirSync(BACKEND, { recursive: true });
  writeFileSync(`${BACKEND}/control`, `fd_dev_name=${file},fd_dev_size=${1024 * 1024}`);
  writeFileSync(`${BACKEND}/enable`, '1');
  // The module makes its directory when it is asked for.
  if (!existsSync(`${TARGETS}/vhost`)) mkdirSync(`${TARGETS}/vhost`);
  const group = `${TARGETS}/vhost/${WWPN}/tpgt_1`;
  mkdirSync(group, { recursive: true });
  writeFileSync(`${group}/nexus`, WWPN);
  mkdirSync(`${group}/lun/lun_0`);
  symlinkSync(BACKEND, `${group}/lun/lun_0/unit`);
}

function removeTarget(): void {
  const group = `${TARGETS}/vhost/${WWPN}/tpgt_1`;
  unlinkSync(`${group}/lun/lun_0/unit`);
  rmdirSync(`${group}/lun/lun_0`);
  writeFileSync(`${group}/nexus`, 'NULL');
  for (const made of [group, path.dirname(group), BACKEND, path.dirname(BACKEND)]) rmdirSync(made);
}
