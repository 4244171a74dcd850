import { defineErrors } from '../../errors/index.ts';

/** What can be wrong with memory and hugepages. */
export const memoryErrors = defineErrors('host', () => ({
  'memory-missing': {
    class: 'unavailable',
    message: (p: { memory: string; wantedKiB: number; freeKiB: number; reason: string; where: string }) =>
      `memory '${p.memory}' of ${p.wantedKiB} KiB ${p.reason}, and ${p.freeKiB} KiB can be had ${p.where}`,
    hint: () =>
      "end other machines or programs, give the guest less memory, or let it be taken bit by bit (no <locked/>, no <allocation mode='immediate'/>)",
  },
  'hugepages-missing': {
    class: 'unavailable',
    message: (p: {
      memory: string;
      pageKiB: number;
      wanted: number;
      free: number;
      where: string;
      file: string;
      missing: number;
      total: number;
    }) =>
      `memory '${p.memory}' needs ${p.wanted} hugepages of ${p.pageKiB} KiB and ${p.free} are free ${p.where}: ${p.missing} are missing`,
    hint: (p) => `echo ${p.total} > ${p.file}; or have them made: 'allocateHugepages' of the configuration`,
  },
  'hugepages-not-allocated': {
    class: 'unavailable',
    message: (p: {
      memory: string;
      pageKiB: number;
      asked: number;
      missing: number;
      where: string;
      file: string;
    }) =>
      `memory '${p.memory}' needs ${p.asked} more hugepages of ${p.pageKiB} KiB ${p.where}, and the kernel has no memory left in one piece for ${p.missing} of them ('${p.file}')`,
    hint: () =>
      'free memory and try again (echo 1 > /proc/sys/vm/compact_memory), or have them made at boot: hugepagesz= and hugepages= on the kernel command line',
  },
  'hugetlbfs-unmountable': {
    class: 'unavailable',
    message: (p: { pageKiB: number; path: string }) =>
      `there is no hugetlbfs with pages of ${p.pageKiB} KiB, and only root can mount one at '${p.path}'`,
    hint: (p) =>
      `as root: mkdir -p ${p.path} && mount -t hugetlbfs -o pagesize=${p.pageKiB}K none ${p.path}; or <source type='memfd'/>, which needs none`,
  },
}));
