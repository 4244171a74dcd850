import { fail } from '../../errors/index.ts';
import type { FdGroupRequirement } from '../../plan/index.ts';
import { imageErrors } from '../images/errors.ts';
import type { HostSystem } from '../system.ts';
import type { HostStep, StepRecord } from './step.ts';

/**
 * A descriptor that whoever starts the machine has open. QEMU wants one for each way in which it opens a file; one to read
 * can be had from one to write.
 */
export const fdGroupStep: HostStep<FdGroupRequirement, StepRecord> = {
  type: 'fd-group',

  describe: ({ device, group, access }) => ({
    act: `pass on a descriptor of the group '${group}' for '${device}' to ${access}`,
    undo: 'closed with QEMU',
  }),

  async check(requirement, host) {
    chosen(requirement, host);
  },

  async intend() {
    return {};
  },

  async apply(requirement, intent, host, { fds }) {
    const { fd, isToReopen } = chosen(requirement, host);
    fds.set(requirement.fd, isToReopen ? host.openToRead(`/proc/self/fd/${fd}`) : fd);
    return intent;
  },

  async undo() {},
};

interface Chosen {
  readonly fd: number;
  /** It is opened to write, and one to read is wanted. */
  readonly isToReopen: boolean;
}

/** Of a group's descriptors the one that is meant. @throws QdomError `host/fd-group-missing`, `host/fd-not-open`, `host/fd-access`. */
function chosen({ device, group, access, given }: FdGroupRequirement, host: HostSystem): Chosen {
  if (given === undefined || given.length === 0)
    throw fail(imageErrors['fd-group-missing'], { device, group });
  const open = given.map((fd) => ({ fd, access: accessOf(fd, host) }));
  const closed = open.find((one) => one.access === undefined);
  if (closed !== undefined) throw fail(imageErrors['fd-not-open'], { device, group, fd: closed.fd });
  const same = open.find((one) => one.access === access);
  if (same !== undefined) return { fd: same.fd, isToReopen: false };
  const other = access === 'read' ? open.find((one) => one.access === 'write') : undefined;
  if (other !== undefined) return { fd: other.fd, isToReopen: true };
  throw fail(imageErrors['fd-access'], { device, group, access });
}

const ACCESS_MODE = 0o3;
const READ_ONLY = 0;
const READ_WRITE = 2;

/**
 * How an image's descriptor was opened (proc(5): `flags` is octal); undefined if it is not open, or is nothing that can hold an
 * image: Node's own descriptors have low numbers too.
 */
function accessOf(fd: number, host: HostSystem): 'read' | 'write' | 'other' | undefined {
  const path = `/proc/self/fd/${fd}`;
  if (host.status(path)?.kind !== 'file' && host.blockDeviceNumber(path) === undefined) return undefined;
  const flags = /^flags:\s*([0-7]+)$/m.exec(host.readText(`/proc/self/fdinfo/${fd}`) ?? '')?.[1];
  if (flags === undefined) return undefined;
  const mode = Number.parseInt(flags, 8) & ACCESS_MODE;
  return mode === READ_ONLY ? 'read' : mode === READ_WRITE ? 'write' : 'other';
}
