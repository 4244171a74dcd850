import { join } from 'node:path';
import type { DnsmasqRequirement } from '../../plan/index.ts';
import { endHelper, type HelperRecord, intendHelper, startHelper } from '../helper.ts';
import { requireProgram } from '../programs.ts';
import { removeWritten } from '../written-file.ts';
import type { HostStep } from './step.ts';

const FILE_MODE = 0o600;

/** The dnsmasq of a virtual network: ready when its pid file is there, which stands for the socket of other helpers. */
export const dnsmasqStep: HostStep<DnsmasqRequirement, HelperRecord> = {
  type: 'dnsmasq',

  describe: ({ lines }) => ({
    act: `start dnsmasq: ${lines.join(', ')}`,
    undo: 'it is ended, and its leases are forgotten',
  }),

  async check({ device }, host) {
    requireProgram(host, 'dnsmasq', device);
  },

  intend: async ({ device, directory }, host) =>
    intendHelper(
      { device, program: requireProgram(host, 'dnsmasq', device), socket: join(directory, PID_FILE) },
      host,
    ),

  async apply({ directory, lines }, intent, host) {
    const [configuration, leases] = filesIn(directory);
    host.writeFile(configuration, [...lines, `dhcp-leasefile=${leases}`, ''].join('\n'), FILE_MODE);
    const args = [`--conf-file=${configuration}`, '--keep-in-foreground', '--log-facility=-'];
    await startHelper(host, intent, { args: [...args, `--pid-file=${intent.socket}`] });
    return intent;
  },

  async undo(record, host) {
    await endHelper(host, record);
    const directory = join(record.socket, '..');
    if (host.status(directory) === undefined) return;
    for (const file of filesIn(directory)) removeWritten(file, host);
  },
};

const PID_FILE = 'dnsmasq.pid';

function filesIn(directory: string): readonly [configuration: string, leases: string] {
  return [join(directory, 'dnsmasq.conf'), join(directory, 'dnsmasq.leases')];
}
