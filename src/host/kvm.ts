import type { HostSystem } from './system.ts';

/** Whether guests run on the CPU itself, or why not and what to do about it. */
export type Kvm =
  | { readonly ok: true }
  | { readonly ok: false; readonly found: string; readonly remedy: string };

const NODE = '/dev/kvm';

/** /proc/cpuinfo's flag of a CPU that can, and the module that uses it. */
const EXTENSIONS = [
  { flag: 'vmx', name: 'VT-x', module: 'kvm_intel' },
  { flag: 'svm', name: 'AMD-V', module: 'kvm_amd' },
] as const;

/** Looks for /dev/kvm, then for what keeps it from being there: no extensions, none that the firmware lets be used, no module. */
export function kvmOf(host: HostSystem): Kvm {
  const missing = (found: string, remedy: string) => ({ ok: false, found, remedy }) as const;
  if (host.status(NODE) !== undefined) {
    if (host.mayUse(NODE)) return { ok: true };
    return missing(
      `no permission to open ${NODE}`,
      'join the group that it belongs to: usermod -aG kvm USER, then log in anew',
    );
  }
  const flags =
    /^flags\s*:(.*)$/m
      .exec(host.readText('/proc/cpuinfo') ?? '')?.[1]
      ?.trim()
      .split(/\s+/) ?? [];
  const known = EXTENSIONS.find(({ flag }) => flags.includes(flag));
  if (known === undefined)
    return flags.includes('hypervisor')
      ? missing(
          'this host is a guest itself, and its CPU shows neither vmx nor svm',
          'allow nested virtualization where it runs: modprobe kvm_intel nested=1 (or kvm_amd), CPU host-passthrough',
        )
      : missing(
          'the CPU shows neither vmx nor svm: it has no virtualization extensions, or the firmware has turned them off',
          "look for 'disabled by BIOS' in dmesg: then turn on VT-x or AMD-V (SVM) in the firmware",
        );
  const { module, name } = known;
  if (host.status(`/sys/module/${module}`) !== undefined)
    return missing(
      `${module} is loaded, and ${NODE} is not there`,
      'is devtmpfs mounted on /dev, or a container without it?',
    );
  return missing(
    `the CPU has ${name}, and the module ${module} is not loaded`,
    `modprobe ${module}; if that says 'Operation not supported', the firmware has turned ${name} off`,
  );
}
