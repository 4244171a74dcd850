import { defineErrors } from '../../../errors/index.ts';
import { whereIs } from '../../../xml/index.ts';
import { child, element, type Read } from '../../../xml/schema/index.ts';
import type { SectionModule } from '../../module.ts';
import { MOST_KIB, type SizeElement, size } from '../../shared/size.ts';

/** Format: "Memory Tuning". Limits of the cgroup that QEMU runs in; nothing of them is on its command line. */

const memtuneSchema = element(() => ({
  hard_limit: size(),
  soft_limit: size(),
  min_guarantee: size(),
  swap_hard_limit: size(),
}));

export type Memtune = Read<typeof memtuneSchema>;

export const memtuneErrors = defineErrors('memtune', () => ({
  'no-guarantee': {
    class: 'unsupported',
    message: () => "QEMU has no guaranteed minimum of memory: 'min_guarantee' cannot be had",
    hint: () => 'hugepages or <locked/> keep memory for the guest',
  },
}));

export const memtune: SectionModule<Memtune | undefined> = {
  field: child(memtuneSchema),
  resolve: (value, cx) => {
    if (value === undefined) return undefined;
    const { min_guarantee, hard_limit, soft_limit, swap_hard_limit, ...rest } = value;
    if (limited(min_guarantee) !== undefined)
      cx.report.add(memtuneErrors['no-guarantee'], undefined, whereIs(value, 'min_guarantee'));
    return {
      ...rest,
      hard_limit: limited(hard_limit),
      soft_limit: limited(soft_limit),
      swap_hard_limit: limited(swap_hard_limit),
    };
  },
};

/** The greatest size stands for "unlimited", which is the same as no limit. */
function limited(limit: SizeElement | undefined): SizeElement | undefined {
  return limit?.sizeKiB === MOST_KIB ? undefined : limit;
}
