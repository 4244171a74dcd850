import type { HostSystem } from '../host/system.ts';

/** What QEMU says where another process has an image locked (`file-posix`: OFD locks), two lines. */
const REFUSED = /Failed to get (?:shared )?"[a-z ]+" lock$/m;
const IMAGE = /^(?:.*: )?Is another process using the image \[(.*)\]\?$/m;

/** The image that QEMU could not lock; undefined if its complaint is another. */
export function lockedImage(complaint: string): string | undefined {
  return REFUSED.test(complaint) ? IMAGE.exec(complaint)?.[1] : undefined;
}

/**
 * Who has a file open, in words: OFD locks do not tell whose they are (proc_locks(5)), so that every process is looked at.
 * Only root sees the files of other users.
 */
export function userOfImage(host: HostSystem, path: string): string {
  const real = host.realPath(path);
  const pid = host
    .listDirectory('/proc')
    .find((name) => /^\d+$/.test(name) && real !== undefined && hasOpen(host, name, real));
  if (pid === undefined) return 'a process that cannot be seen from here';
  const words = (host.readText(`/proc/${pid}/cmdline`) ?? '').split('\0');
  const domain = /^guest=((?:[^,]|,,)+)/.exec(words[words.indexOf('-name') + 1] ?? '')?.[1];
  const whose = domain === undefined ? '' : `, the domain '${domain.replaceAll(',,', ',')}'`;
  return `the process ${pid} (${words[0] ?? ''})${whose}`;
}

function hasOpen(host: HostSystem, pid: string, path: string): boolean {
  const fds = `/proc/${pid}/fd`;
  return host.listDirectory(fds).some((fd) => host.readLink(`${fds}/${fd}`) === path);
}
