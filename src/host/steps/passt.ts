import { fail } from '../../errors/index.ts';
import type { PasstRequirement } from '../../plan/index.ts';
import { ownUser } from '../credentials.ts';
import { hostErrors } from '../errors.ts';
import { checkHelper, endHelper, type HelperRecord, intendHelper, startHelper } from '../helper.ts';
import { linkSettings } from '../ip.ts';
import { type Ports, portsClaim } from '../ports.ts';
import { requireProgram } from '../programs.ts';
import type { HostSystem } from '../system.ts';
import type { HostStep } from './step.ts';

/** A passt that is the guest's user-mode network. It ends with QEMU's connection, and by the undo. */
export const passtStep: HostStep<PasstRequirement, HelperRecord> = {
  type: 'passt',

  describe: ({ device, socket }) => ({
    act: `start passt for '${device}' on '${socket}'`,
    undo: 'it is ended; its socket is removed',
  }),

  owns: ({ portForwards }) => portForwards.flatMap(forwardedPorts).map(portsClaim),

  async check({ device, socket, sourceInterface }, host) {
    requireProgram(host, 'passt', device);
    if (sourceInterface !== undefined && linkSettings(host, sourceInterface) === undefined)
      throw fail(hostErrors['link-missing'], { device, link: sourceInterface });
    checkHelper(socket, host);
  },

  intend: async (requirement, host) =>
    intendHelper({ ...requirement, program: requireProgram(host, 'passt', requirement.device) }, host),

  async apply(requirement, intent, host, { qemu }) {
    await startHelper(host, intent, { args: [...asUser(host), ...argsOf(requirement)], qemu });
    return intent;
  },

  undo: (record, host) => endHelper(host, record),
};

/** As root it would become `nobody`, who cannot reach the machine's directory. */
function asUser(host: HostSystem): readonly string[] {
  return ownUser(host) === 0 ? ['--runas', '0'] : [];
}

/** passt(1) */
function argsOf(requirement: PasstRequirement): string[] {
  const { socket, vhostUser, mtu, sourceInterface, logFile, addresses, portForwards } = requirement;
  return [
    '--foreground',
    '--one-off',
    ...['--socket', socket],
    ...(vhostUser ? ['--vhost-user'] : []),
    ...(mtu === undefined ? [] : ['--mtu', String(mtu)]),
    ...(sourceInterface === undefined ? [] : ['--interface', sourceInterface]),
    ...(logFile === undefined ? ['--stderr'] : ['--log-file', logFile]),
    ...addresses.flatMap(({ address, family, prefix }) => [
      ...['--address', address],
      ...(prefix === undefined || family === 'ipv6' ? [] : ['--netmask', String(prefix)]),
    ]),
    ...portForwards.flatMap((forward) => [`--${forward.proto}-ports`, portsOf(forward)]),
  ];
}

type PortForward = PasstRequirement['portForwards'][number];

/** What is forwarded for sure: of all ports, passt takes those that are free. */
function forwardedPorts({ proto: protocol, address = '', dev: link, ranges }: PortForward): readonly Ports[] {
  const at = (first: number, last: number) => ({ protocol, address, first, last, ...(link && { link }) });
  const excluded = ranges.filter(({ exclude }) => exclude);
  return ranges
    .filter(({ exclude }) => !exclude)
    .flatMap(({ start, end = start }) =>
      excluded.reduce(
        (left, { start: first, end: last = first }) =>
          left.flatMap((ports) => [
            ...(ports.first < first ? [at(ports.first, Math.min(ports.last, first - 1))] : []),
            ...(ports.last > last ? [at(Math.max(ports.first, last + 1), ports.last)] : []),
          ]),
        [at(start, end)],
      ),
    );
}

/** `ADDRESS%DEVICE/22,~25,80-88:8080-8088` */
function portsOf({ address, dev, ranges }: PortForward): string {
  const on = `${address ?? ''}${dev === undefined ? '' : `%${dev}`}`;
  const ports = ranges.map(({ start, end, to, exclude }) => {
    const range = end === undefined ? String(start) : `${start}-${end}`;
    if (to === undefined) return `${exclude ? '~' : ''}${range}`;
    return `${range}:${end === undefined ? to : `${to}-${to + end - start}`}`;
  });
  return `${on === '' ? '' : `${on}/`}${ports.length === 0 ? 'all' : ports.join(',')}`;
}
