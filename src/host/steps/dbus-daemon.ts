import { dirname } from 'node:path';
import type { DbusDaemonRequirement } from '../../plan/index.ts';
import { makeDirectories } from '../directories.ts';
import { checkHelper, endHelper, type HelperRecord, intendHelper, startHelper } from '../helper.ts';
import { requireProgram } from '../programs.ts';
import { removeWritten } from '../written-file.ts';
import type { HostStep } from './step.ts';

const FILE_MODE = 0o600;

/** A message bus of the machine's own: who may reach its socket may talk on it, and the socket is the user's alone. */
export const dbusDaemonStep: HostStep<DbusDaemonRequirement, HelperRecord> = {
  type: 'dbus-daemon',

  describe: ({ socket }) => ({
    act: `start dbus-daemon on '${socket}'`,
    undo: 'it is ended; its socket and configuration are removed',
  }),

  async check({ device, socket }, host) {
    requireProgram(host, 'dbus-daemon', device);
    checkHelper(socket, host);
  },

  intend: async ({ device, socket }, host) =>
    intendHelper({ device, program: requireProgram(host, 'dbus-daemon', device), socket }, host),

  async apply({ socket }, intent, host, { qemu }) {
    makeDirectories(intent.directories, host);
    host.writeFile(configurationOf(socket), configuration(socket, qemu?.uid), FILE_MODE);
    // dbus-daemon(1)
    const args = ['--nofork', '--nopidfile', '--nosyslog', `--config-file=${configurationOf(socket)}`];
    await startHelper(host, intent, { args, qemu });
    // dbus-daemon lets everybody at its socket.
    host.changeMode(socket, FILE_MODE);
    return intent;
  },

  async undo(record, host) {
    const file = configurationOf(record.socket);
    if (host.status(dirname(file)) !== undefined) removeWritten(file, host);
    await endHelper(host, record);
  },
};

function configurationOf(socket: string): string {
  return `${socket}.conf`;
}

/** dbus-daemon(1), CONFIGURATION FILE. A path is escaped for the address, whose letters XML has no trouble with. */
function configuration(socket: string, qemu: number | undefined): string {
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path=${escapeAddress(socket)}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
${qemu === undefined ? '' : `    <allow user="${qemu}"/>\n`}  </policy>
</busconfig>
`;
}

/** D-Bus Specification, "Server Addresses": all other bytes are written in hexadecimal. */
function escapeAddress(path: string): string {
  return [...Buffer.from(path)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[-0-9A-Za-z_/.*]/.test(character) ? character : `%${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
}
