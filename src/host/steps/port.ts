import type { PortRequirement } from '../../plan/index.ts';
import { alone } from '../owners.ts';
import type { HostStep, StepRecord } from './step.ts';

/** A port of the host at which QEMU listens: one machine's. QEMU itself says if another program has it. */
export const portStep: HostStep<PortRequirement, StepRecord> = {
  type: 'port',
  describe: ({ protocol, address, port }) => ({
    act: `take the ${protocol.toUpperCase()} port '${address}:${port}'`,
    undo: 'QEMU gives it back at its end',
  }),
  owns: ({ protocol, address, port }) => [alone(`${protocol}:${address}:${port}`)],
  async check() {},
  async intend() {
    return {};
  },
  async apply(_requirement, intent) {
    return intent;
  },
  async undo() {},
};
