import { fail } from '../../errors/index.ts';
import type { CgroupRequirement } from '../../plan/index.ts';
import type { HostSystem } from '../system.ts';
import { cgroupErrors } from './errors.ts';

/**
 * A weight of one device is taken only if something weighs that device: BFQ (before kernel 5.0 CFQ) as its scheduler, or in version 2 iocost
 * (kernel: cgroup-v2 "IO Interface Files"), which lists it in the root group's `io.cost.qos` once it was told of it. Where one of the
 * two cannot be seen, as in a container, the kernel's answer to the weight decides.
 * @throws QdomError `host/nothing-weighs`.
 */
export function checkWeighed(
  { device, blockDevices }: CgroupRequirement,
  { version, mount }: { readonly version: 1 | 2; readonly mount: string },
  host: HostSystem,
): void {
  for (const { path, weight } of blockDevices) {
    const number = host.blockDeviceNumber(path);
    if (weight === undefined || number === undefined) continue;
    const schedulers = `/sys/dev/block/${number}/queue/scheduler`;
    const costs = version === 2 ? host.readText(`${mount}/io.cost.qos`) : '';
    const scheduler = schedulerOf(host.readText(schedulers));
    if (scheduler === undefined || costs === undefined) continue;
    const hasCosts = costs.split('\n').some((line) => line.startsWith(`${number} `));
    if (hasCosts || WEIGHING.has(scheduler)) continue;
    throw fail(cgroupErrors['nothing-weighs'], { device, path, scheduler, schedulers });
  }
}

const WEIGHING: ReadonlySet<string> = new Set(['bfq', 'cfq']);

/** `[none] mq-deadline bfq`; a device that has only one says it without brackets. */
function schedulerOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : (/\[(.+)\]/.exec(text)?.[1] ?? text.trim());
}
