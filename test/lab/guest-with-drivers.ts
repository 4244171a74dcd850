import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { packInitrd } from '../guest/debian-kernel.ts';
import type { LinuxGuest } from '../guest/linux.ts';
import { labKernel } from './machine/kernel.ts';

const init = (script: string) => `#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
for module in $(cat /modules/order); do insmod /modules/$module.ko; done
${script}
echo "the script is done"
exec sleep 1000000
`;

/**
 * A guest whose kernel is the lab's, with these of its modules: unlike the usual guest's it has drivers for real cards. It runs
 * the script, whose output is its console's.
 * @param directory where its initramfs is made
 */
export async function guestWithDrivers(
  modules: readonly string[],
  script: string,
  directory: string,
): Promise<LinuxGuest> {
  const kernel = await labKernel();
  if ('missing' in kernel) throw new Error(kernel.missing);
  const root = path.join(directory, 'root');
  for (const inner of ['bin', 'modules', 'proc', 'sys', 'dev'])
    mkdirSync(path.join(root, inner), { recursive: true });
  copyFileSync('/run/busybox/busybox', path.join(root, 'bin/busybox'));
  const lib = `/lib/modules/${readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim()}`;
  const order = loadOrder(modules, readFileSync(`${lib}/modules.dep`, 'utf8'));
  for (const module of order) copyFileSync(`${lib}/${module}.ko`, path.join(root, `modules/${module}.ko`));
  writeFileSync(path.join(root, 'modules/order'), order.join(' '));
  writeFileSync(path.join(root, 'init'), init(script));
  chmodSync(path.join(root, 'init'), 0o755);
  const initrd = path.join(directory, 'initrd.gz');
  await packInitrd(root, initrd);
  return { kernel: kernel.image, initrd };
}

/** Each after those that it needs, which its line in modules.dep(5) names, what is loaded first being last. */
function loadOrder(modules: readonly string[], dependencies: string): readonly string[] {
  const all = modules.flatMap((module) => {
    const line = dependencies.split('\n').find((one) => one.startsWith(`${module}.ko:`)) ?? '';
    return [...line.matchAll(/(\w+)\.ko/g)].map(([, name = '']) => name).reverse();
  });
  return [...new Set(all)];
}
