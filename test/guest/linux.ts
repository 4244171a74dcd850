import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyModules, packInitrd, unpackKernel } from './debian-kernel.ts';

/** A real Linux guest: Debian's cloud kernel and an initramfs of busybox, taken as packages and kept in `.cache`. */
export interface LinuxGuest {
  readonly kernel: string;
  readonly initrd: string;
}

/** Emulated boots are slow on a busy machine. */
export const BOOT_TIMEOUT_MS = 60_000;

const CACHE = fileURLToPath(new URL('../../.cache/linux-guest', import.meta.url));

const MODULES: readonly string[] = [
  'button',
  'evdev',
  'virtio_pci',
  'virtio_blk',
  'virtio_net',
  'virtio_console',
  'fuse',
  'virtiofs',
];

/** The shell on the console is the guest's only program; the power button powers off. */
const INIT = `#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
for module in $(cat /modules/order); do insmod /modules/$module.ko; done
mkdir -p /etc/acpi/PWRF /var/log /var/run
printf '#!/bin/sh\\necho the power button was pressed > /dev/console\\npoweroff -f\\n' > /etc/acpi/PWRF/00000080
chmod +x /etc/acpi/PWRF/00000080
acpid
echo "guest is up"
exec setsid cttyhack sh
`;

/** Another initramfs has another name, so that none is taken for it. */
const KEY = createHash('sha256').update(INIT).update(MODULES.join(' ')).digest('hex').slice(0, 16);

/**
 * The guest, made if it is not there.
 * @returns why it cannot be made, where it cannot
 */
export async function linuxGuest(): Promise<LinuxGuest | { readonly missing: string }> {
  const guest = {
    kernel: path.join(CACHE, 'vmlinuz'),
    initrd: path.join(CACHE, `initrd-${KEY}.gz`),
  };
  if (existsSync(guest.kernel) && existsSync(guest.initrd)) return guest;
  const work = path.join(CACHE, `work-${process.pid}`);
  mkdirSync(work, { recursive: true });
  try {
    await build(work, guest);
    return guest;
  } catch (error) {
    return { missing: `the guest's packages cannot be had: ${(error as Error).message.split('\n')[0]}` };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function build(work: string, guest: LinuxGuest): Promise<void> {
  const kernel = await unpackKernel('linux-image-cloud-amd64', work);
  const root = path.join(work, 'root');
  for (const directory of ['bin', 'proc', 'sys', 'dev', 'tmp'])
    mkdirSync(path.join(root, directory), { recursive: true });
  copyFileSync(kernel.busybox, path.join(root, 'bin/busybox'));
  const modules = await copyModules(kernel, MODULES, path.join(root, 'modules'));
  writeFileSync(path.join(root, 'modules/order'), [...modules.keys()].join(' '));
  writeFileSync(path.join(root, 'init'), INIT);
  chmodSync(path.join(root, 'init'), 0o755);
  await packInitrd(root, path.join(work, 'initrd.gz'));
  // Both appear whole or not at all, so that two runs at once do not read halves.
  renameSync(kernel.image, guest.kernel);
  renameSync(path.join(work, 'initrd.gz'), guest.initrd);
}
