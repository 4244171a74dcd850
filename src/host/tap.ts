import { checked, type Libc } from './ffi.ts';
import type { OpenTap, TapOptions } from './system.ts';

const O_RDWR_CLOEXEC = 0o2 | 0o2000000;
const TUNSETIFF = 0x400454can;
const IFF_TAP = 0x0002;
const IFF_MULTI_QUEUE = 0x0100;
const IFF_NO_PI = 0x1000;
const IFF_VNET_HDR = 0x4000;
const TUN = '/dev/net/tun';
const NAME_BYTES = 16;
const IFREQ_BYTES = 40;

/**
 * Opens a tap, one descriptor a queue, without TUNSETPERSIST: the interface goes away with its last descriptor
 * (Documentation/networking/tuntap.rst). IFF_VNET_HDR, because QEMU wants offloads.
 * @throws NodeJS.ErrnoException, EBUSY for a name that another process holds, EPERM without CAP_NET_ADMIN.
 */
export function openTap(libc: Libc, { name, queues, device = TUN }: TapOptions): OpenTap {
  const fds: number[] = [];
  let real = name;
  try {
    for (let queue = 0; queue < queues; queue++) {
      const fd = checked(libc, 'open', libc.open(device, O_RDWR_CLOEXEC), device);
      fds.push(fd);
      real = setTapFlags(libc, fd, real, queues > 1);
    }
  } catch (error) {
    for (const fd of fds) libc.close(fd);
    throw error;
  }
  return { name: real, fds };
}

/** A queue with a vnet header, as QEMU wants it; gives the interface's name. @throws NodeJS.ErrnoException */
export function setTapFlags(libc: Libc, fd: number, name: string, multiQueue: boolean): string {
  const request = Buffer.alloc(IFREQ_BYTES);
  request.write(name, 0, NAME_BYTES - 1, 'latin1');
  request.writeInt16LE(IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | (multiQueue ? IFF_MULTI_QUEUE : 0), NAME_BYTES);
  checked(libc, 'TUNSETIFF', libc.ioctl(fd, TUNSETIFF, request), name);
  return request.toString('latin1', 0, request.indexOf(0));
}
