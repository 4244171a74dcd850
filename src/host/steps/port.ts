import { fail } from '../../errors/index.ts';
import type { PortRequirement } from '../../plan/index.ts';
import { networkErrors } from '../network/errors.ts';
import { isListenedAt, portsClaim } from '../ports.ts';
import { type HostStep, NOTHING_DONE, type StepRecord } from './step.ts';

/** A port of the host at which QEMU listens: one machine's, and no other program's. */
export const portStep: HostStep<PortRequirement, StepRecord> = {
  ...NOTHING_DONE,
  type: 'port',
  describe: ({ protocol, address, port }) => ({
    act: `take the ${protocol.toUpperCase()} port '${address}:${port}'`,
    undo: 'QEMU gives it back at its end',
  }),
  owns: (requirement) => [portsClaim(portsOf(requirement))],

  async check(requirement, host) {
    const { device, protocol, address, port } = requirement;
    if (isListenedAt(portsOf(requirement), host))
      throw fail(networkErrors['port-in-use'], { device, protocol, address, port });
  },
};

function portsOf({ protocol, address, port }: PortRequirement) {
  return { protocol, address, first: port, last: port };
}
