import { defineErrors } from '../../errors/index.ts';

/** What can be wrong with shares of the CPU's caches and memory bandwidth. */
export const resctrlErrors = defineErrors('host', () => ({
  'resctrl-missing': {
    class: 'unavailable',
    message: (p: { device: string }) =>
      `<cachetune> and <memorytune> of '${p.device}' need the CPU's resource control, and '/sys/fs/resctrl' is not mounted`,
    hint: () =>
      'mount -t resctrl resctrl /sys/fs/resctrl; a kernel or CPU without it does not know that type',
  },
  'resctrl-unavailable': {
    class: 'unavailable',
    message: (p: { device: string; what: string; offers: string }) =>
      `'${p.device}' asks for a share of '${p.what}', which this host does not have: it has ${p.offers}`,
    hint: () => "a host that divides code and data has no cache of type 'both'",
  },
  'cache-size': {
    class: 'unavailable',
    message: (p: { resource: string; id: number; bytes: bigint; bytesOfWay: bigint; least: bigint }) =>
      `${p.bytes} bytes of cache ${p.resource} ${p.id} cannot be had: it is given in ways of ${p.bytesOfWay} bytes, at least ${p.least}`,
    hint: (p) => `give a multiple of ${p.bytesOfWay}`,
  },
  'cache-full': {
    class: 'unavailable',
    message: (p: {
      resource: string;
      id: number;
      bytes: bigint;
      count: number;
      free: string;
      ofDefault: string;
    }) =>
      `${p.bytes} bytes of cache ${p.resource} ${p.id} are ${p.count} ways side by side, and of the ways only '${p.free}' are in no group; the default group has '${p.ofDefault}'`,
    hint: (p) => `give the default group fewer: echo '${p.resource}:${p.id}=MASK' > /sys/fs/resctrl/schemata`,
  },
  'resctrl-refused': {
    class: 'failed',
    message: (p: { path: string; reason: string; said: string }) =>
      `'${p.path}' in the CPU's resource control: ${p.reason}${p.said === '' ? '' : ` (${p.said})`}`,
    hint: () => 'cat /sys/fs/resctrl/info/last_cmd_status says what the kernel did not like last',
  },
}));
