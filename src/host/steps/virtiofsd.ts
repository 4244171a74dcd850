import { fail } from '../../errors/index.ts';
import type { IdMapping, VirtiofsdRequirement } from '../../plan/index.ts';
import { hostErrors } from '../errors.ts';
import { checkHelper, endHelper, type HelperRecord, intendHelper, startHelper } from '../helper.ts';
import { requireProgram } from '../programs.ts';
import type { HostSystem } from '../system.ts';
import type { HostStep } from './step.ts';

/** A virtiofsd that serves a directory to the guest. It ends with QEMU's connection, and by the undo. */
export const virtiofsdStep: HostStep<VirtiofsdRequirement, HelperRecord> = {
  type: 'virtiofsd',

  describe: ({ device, directory, socket }) => ({
    act: `start virtiofsd for '${device}': the directory '${directory}' on '${socket}'`,
    undo: 'it is ended; its socket and log are removed',
  }),

  async check(requirement, host) {
    const { device, directory, socket } = requirement;
    programOf(requirement, host);
    if (host.status(directory)?.kind !== 'directory')
      throw fail(hostErrors['shared-directory-missing'], { device, directory });
    checkHelper(socket, host);
  },

  intend: async (requirement, host) =>
    intendHelper({ ...requirement, program: programOf(requirement, host) }, host),

  async apply(requirement, intent, host, { qemu }) {
    await startHelper(host, intent, { args: argsOf(requirement), qemu });
    return intent;
  },

  undo: (record, host) => endHelper(host, record),
};

function programOf({ device, binary }: VirtiofsdRequirement, host: HostSystem): string {
  if (binary === undefined) return requireProgram(host, 'virtiofsd', device);
  if (host.status(binary)?.kind === 'file') return binary;
  throw fail(hostErrors['program-missing'], { program: binary, device, package: 'virtiofsd' });
}

/** Words that both virtiofsd of QEMU (to 7.2) and the one in Rust understand, where both can do the thing. */
function argsOf(requirement: VirtiofsdRequirement): string[] {
  const { socket, directory, xattr, cache, sandbox, threadPoolSize, maxOpenFiles, idMap } = requirement;
  const options = [
    `source=${directory}`,
    ...(xattr === undefined ? [] : [xattr ? 'xattr' : 'no_xattr']),
    ...(cache === undefined ? [] : [`cache=${cache}`]),
    ...(sandbox === undefined ? [] : [`sandbox=${sandbox}`]),
  ];
  return [
    `--socket-path=${socket}`,
    ...options.flatMap((option) => ['-o', option]),
    ...(threadPoolSize === undefined ? [] : [`--thread-pool-size=${threadPoolSize}`]),
    ...(maxOpenFiles === undefined ? [] : [`--rlimit-nofile=${maxOpenFiles}`]),
    ...(requirement.readonly ? ['--readonly'] : []),
    ...(idMap?.uids ?? []).map((map) => `--uid-map=${mapping(map)}`),
    ...(idMap?.gids ?? []).map((map) => `--gid-map=${mapping(map)}`),
  ];
}

/** virtiofsd(1): `:namespace_uid:host_uid:count:` */
function mapping({ start, target, count }: IdMapping): string {
  return `:${start}:${target}:${count}:`;
}
