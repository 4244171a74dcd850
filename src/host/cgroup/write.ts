import { basename } from 'node:path';
import { fail, messageOf } from '../../errors/index.ts';
import type { HostSystem } from '../system.ts';
import { cgroupErrors } from './errors.ts';
import { type CgroupValue, isKept } from './values.ts';

/**
 * Writes a value into the first of its files that this kernel has and that takes it (or into each that it has), and reads it back.
 * A weight of block I/O is for iocost or for BFQ: the file of the one that does not weigh the device answers ENOTSUP.
 * @throws QdomError `host/cgroup-refused`, also if the kernel has no such file, or took the value and holds another.
 */
export function writeValue(group: string, { files, value, isForAll }: CgroupValue, host: HostSystem): void {
  const there = files.map((name) => `${group}/${name}`).filter((path) => host.status(path) !== undefined);
  if (there.length === 0)
    throw refused(`${group}/${files.join(' or ')}`, value, 'this kernel does not offer it');
  const taken: string[] = [];
  for (const path of there) {
    if (!attempt(path, value, host)) continue;
    const found = (host.readText(path) ?? '').trim();
    if (!isKept(basename(path), value, found)) throw refused(path, value, `the kernel holds '${found}'`);
    taken.push(path);
    if (isForAll !== true) break;
  }
  if (taken.length === 0)
    throw refused(there.join("' or '"), value, 'neither iocost (io.cost.qos) nor BFQ weighs this device');
}

/** A group of version 1 has no CPUs and nodes until it is given some (kernel: cgroup-v1/cpusets). */
export function inheritCpuset(group: string, host: HostSystem): void {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    const parent = group.slice(0, group.lastIndexOf('/'));
    attempt(`${group}/${file}`, (host.readText(`${parent}/${file}`) ?? '').trim(), host);
  }
}

/** @returns false if what is to weigh the device is not what this file is for */
function attempt(file: string, value: string, host: HostSystem): boolean {
  try {
    host.overwrite(file, value);
    return true;
  } catch (cause) {
    if (file.includes('weight') && (cause as NodeJS.ErrnoException).code === 'ENOTSUP') return false;
    throw refused(file, value, messageOf(cause), cause);
  }
}

function refused(file: string, value: string, reason: string, cause?: unknown) {
  return fail(cgroupErrors['cgroup-refused'], { file, value, reason }, { cause });
}
