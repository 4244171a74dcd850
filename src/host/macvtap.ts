import { readFileSync, statSync } from 'node:fs';
import { deviceNumbers } from './device-numbers.ts';
import { checked, type Libc } from './ffi.ts';
import { setTapFlags } from './tap.ts';

const O_RDWR_CLOEXEC = 0o2 | 0o2000000;

/**
 * Opens the queues of a macvtap: its character device `/dev/tapN`, N being its ifindex (drivers/net/tap.c). The device's
 * numbers are compared with sysfs, as interfaces of other network namespaces have theirs in the same directory.
 * @throws NodeJS.ErrnoException, ENOENT while udev has not made it yet.
 */
export function openMacvtap(libc: Libc, name: string, queues: number): readonly number[] {
  const link = `/sys/class/net/${name}`;
  const node = `tap${readFileSync(`${link}/ifindex`, 'utf8').trim()}`;
  const path = `/dev/${node}`;
  const { rdev } = statSync(path, { bigint: true });
  const wanted = readFileSync(`${link}/macvtap/${node}/dev`, 'utf8').trim();
  if (deviceNumbers(rdev) !== wanted)
    throw Object.assign(new Error(`ENXIO: '${path}' is not the device of '${name}'`), { code: 'ENXIO' });
  const fds: number[] = [];
  try {
    for (let queue = 0; queue < queues; queue++) {
      const fd = checked(libc, 'open', libc.open(path, O_RDWR_CLOEXEC), path);
      fds.push(fd);
      setTapFlags(libc, fd, name, queues > 1);
    }
  } catch (error) {
    for (const fd of fds) libc.close(fd);
    throw error;
  }
  return fds;
}
