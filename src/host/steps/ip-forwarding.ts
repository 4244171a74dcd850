import type { IpForwardingRequirement } from '../../plan/index.ts';
import type { HostStep, StepRecord } from './step.ts';

const FILES = {
  ipv4: '/proc/sys/net/ipv4/ip_forward',
  ipv6: '/proc/sys/net/ipv6/conf/all/forwarding',
} as const;

/** Passing on of packets is the whole host's: the last network that needs it turns it off if it was off before the first. */
export const ipForwardingStep: HostStep<IpForwardingRequirement, StepRecord> = {
  type: 'ip-forwarding',

  describe: ({ family }) => ({
    act: `turn on ${FILES[family]}`,
    undo: 'the last network that needs it turns it off if it was off',
  }),

  owns: ({ family }) => [
    {
      resource: `sysctl:${FILES[family]}`,
      isShared: true,
      undoOfLast: (host) => {
        const text = host.readText(FILES[family]);
        return text === undefined || text.trim() !== '0'
          ? undefined
          : { kind: 'write', file: FILES[family], text };
      },
    },
  ],

  async check() {},

  async intend() {
    return {};
  },

  async apply({ family }, intent, host) {
    if (host.readText(FILES[family])?.trim() === '0') host.overwrite(FILES[family], '1\n');
    return intent;
  },

  async undo() {},
};
