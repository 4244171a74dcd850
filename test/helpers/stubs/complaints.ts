import type { Plan } from '../../../src/plan/index.ts';

interface Asked {
  readonly stderr: RegExp;
  /** The warning that the compiler gave first. */
  readonly warned?: string;
  readonly reason: string;
}

/** QEMU warns of what the domain asks for, and libvirt passes on in the same words. */
const WARNINGS: readonly Asked[] = [
  {
    stderr: /^warning: netdev \S+ has no peer$/,
    reason: 'a <channel> of type guestfwd is a network of its own',
  },
  {
    stderr: /^warning: global PIIX4_PM\.acpi-root-pci-hotplug=\w+ not used$/,
    reason: "a pci-root with 'hotplug' in a domain without ACPI",
  },
  {
    stderr: /: warning: short-form boolean option 'readonly' deprecated$/,
    reason: 'a read-only <filesystem>',
  },
  {
    stderr: /^warning: This family of AMD CPU doesn't support hyperthreading/,
    reason: 'threads of a CPU of this family',
  },
  { stderr: /^Please configure -smp options properly or try enabling topoext/, reason: 'the same' },
  {
    stderr:
      /^warning: (TCG|host) doesn't support requested feature: |^warning: This feature depends on other/,
    reason: 'a CPU model that has more than the accelerator can give here',
  },
  {
    stderr: /^-accel kvm: warning: Number of \w+ cpus requested \(\d+\) exceeds the recommended cpus/,
    reason: 'more vCPUs than this host has CPUs',
  },
  { stderr: /^Please use readonly=on instead$/, reason: 'a read-only <filesystem>' },
];

/** QEMU refuses what the domain asks for, whoever starts it. */
const REFUSALS: readonly Asked[] = [
  { stderr: /^Only support one queue in cryptdov-builtin backend$/, reason: 'queues of a builtin <crypto>' },
  { stderr: /: machine type does not support if=sd,/, reason: "a disk of bus 'sd' without a controller" },
  {
    stderr: /: VIRTIO_F_IOMMU_PLATFORM was supported by neither legacy nor/,
    reason: "'iommu' of a legacy device",
  },
  { stderr: /: Max\. supported number of ISA serial ports is 4\.$/, reason: 'a fifth ISA serial port' },
  {
    stderr: /: PCI: slot \d+ function \d+ not available for/,
    reason: 'an address changed by <qemu:override>',
  },
  {
    stderr: /: '\S+' is not a valid device model name$/,
    warned: 'interface/unknown-model',
    reason: 'a model that this QEMU lacks',
  },
  {
    stderr: /: Property '\S+-x86_64-cpu\.\S+' not found$/,
    warned: 'cpu/feature-unavailable',
    reason: 'a CPU feature that this QEMU lacks',
  },
  {
    stderr: /^total memory for NUMA nodes \(\w+\) should equal RAM size/,
    warned: 'cpu/cells-beside-ram',
    reason: 'cells of a migrated domain that are no whole MiB',
  },
  {
    stderr: /-numa hmat-cache,.*: The latency and bandwidth information/,
    reason: 'a <cache> of a cell without latencies',
  },
  {
    stderr: /^Display '\w+' is not available\. Perhaps you want to install /,
    reason: 'a display whose module is not installed',
  },
  {
    stderr: /^Address space limit \w+ < \w+ phys-bits too low/,
    reason: 'more memory than the CPU can address',
  },
];

/** QEMU cannot do on this host's KVM what it can on another's. */
const REFUSALS_OF_KVM: readonly Asked[] = [
  { stderr: /^kernel doesn't allow setting HyperV /, reason: "Hyper-V's vpindex" },
  { stderr: /^error: failed to set MSR /, reason: 'the CPU of the host' },
];

/** What remains of standard error besides the warnings that the domain asks for; one line each. */
export function unexpected(stderr: string): readonly string[] {
  return stderr
    .split('\n')
    .map((line) => line.replace(/^\S+Z /, '').replace(/^qemu-system-x86_64: /, ''))
    .filter((line) => line !== '' && !WARNINGS.some((w) => w.stderr.test(line)));
}

/** What this host's KVM refuses; undefined if it is not that. */
export function refusalOfKvm(lines: readonly string[]): string | undefined {
  return REFUSALS_OF_KVM.find(({ stderr }) => lines.some((line) => stderr.test(line)))?.reason;
}

/** What the domain asks for that QEMU refuses with these lines; undefined if that is not why. */
export function refusalOf(lines: readonly string[], { warnings }: Plan): string | undefined {
  const last = lines.length === 1 ? (lines[0] ?? '') : '';
  return REFUSALS.find(
    ({ stderr, warned }) =>
      stderr.test(last) && (warned === undefined || warnings.some(({ code }) => code === warned)),
  )?.reason;
}
