import { defineErrors, didYouMean } from '../../../errors/index.ts';

export const osErrors = defineErrors('os', () => ({
  'missing-type': { class: 'invalid', message: () => 'the domain has no <os> with a <type>' },
  'unsupported-type': {
    class: 'unsupported',
    message: (p: { type: string }) => `the operating system type '${p.type}' is not QEMU's: only 'hvm' is`,
  },
  'unsupported-virt-type': {
    class: 'unsupported',
    message: (p: { type: string; emulator: string }) =>
      `emulator '${p.emulator}' does not run domains of type '${p.type}'`,
    hint: () => "domain types are 'kvm' and 'qemu'",
  },
  'kvm-unavailable': {
    class: 'unavailable',
    message: (p: { emulator: string }) =>
      `emulator '${p.emulator}' does not run domains of type 'kvm' on this host`,
    hint: () =>
      "'qdom doctor' says what it lacks: /dev/kvm, its module, or the CPU's extensions; domain type 'qemu' runs without",
  },
  'unsupported-arch': {
    class: 'unsupported',
    message: (p: { arch: string; emulator: string; runs: readonly string[] }) =>
      `emulator '${p.emulator}' does not run architecture '${p.arch}'`,
    hint: ({ arch, runs }) => didYouMean(arch, runs),
  },
  'unknown-machine': {
    class: 'unavailable',
    message: (p: { machine: string; emulator: string; known: readonly string[] }) =>
      `emulator '${p.emulator}' has no machine type '${p.machine}'`,
    hint: ({ machine, known }) => didYouMean(machine, known) ?? "see 'qemu-system-x86_64 -machine help'",
  },
  'bad-menu-timeout': {
    class: 'invalid',
    message: (p: { timeout: string }) =>
      `the boot menu timeout '${p.timeout}' is not in the range from 0 to 65535`,
  },
  'bad-reboot-timeout': {
    class: 'invalid',
    message: (p: { timeout: number }) => `rebootTimeout '${p.timeout}' is not in the range from -1 to 65535`,
  },
  'serial-without-port': {
    class: 'invalid',
    message: () => "useserial='yes' needs a <serial> device",
  },
  'too-many-boots': {
    class: 'invalid',
    severity: 'warning',
    message: (p: { dev: string }) => `only four <boot> elements count: '${p.dev}' is dropped`,
  },
  'repeated-boot-order': {
    class: 'invalid',
    message: (p: { order: number }) => `boot order '${p.order}' is used for more than one device`,
  },
  'boot-twice': {
    class: 'invalid',
    message: (p: { order: number }) =>
      `per-device boot order '${p.order}' cannot be combined with <boot> in <os>`,
  },
  'other-hypervisor': {
    class: 'unsupported',
    severity: 'warning',
    message: (p: { name: string }) => `'${p.name}' belongs to another hypervisor and has no effect`,
  },
  'no-bootloader': {
    class: 'unsupported',
    message: (p: { path: string }) => `QEMU runs no boot loader of the host: '${p.path}'`,
  },
  'kernel-needed': {
    class: 'invalid',
    message: (p: { name: string }) => `<${p.name}> needs a <kernel>`,
  },
  'shim-unavailable': {
    class: 'unavailable',
    message: () => "this QEMU cannot load a 'shim'",
  },
  'unsupported-acpi-table': {
    class: 'unsupported',
    message: (p: { type: string }) => `ACPI tables of type '${p.type}' are not QEMU's`,
  },
  'no-firmware': {
    class: 'unavailable',
    message: (p: { kind: string }) => `no '${p.kind}' firmware of this host fits the domain`,
    hint: () => 'firmware is described by JSON files in /usr/share/qemu/firmware and /etc/qemu/firmware',
  },
  'loader-without-path': {
    class: 'invalid',
    message: () => '<loader> names no path, and no firmware is to be chosen',
    hint: () => "<os firmware='efi'> chooses one",
  },
  'features-without-firmware': {
    class: 'invalid',
    message: () => "firmware features need <os firmware='efi'>",
  },
  'bios-with-nvram': {
    class: 'invalid',
    message: () => "firmware 'bios' has no NVRAM",
  },
  'rom-with-nvram': {
    class: 'invalid',
    severity: 'warning',
    message: () => "a loader of type 'rom' has no NVRAM: it is ignored",
  },
  'rom-keeps-no-state': {
    class: 'invalid',
    message: () => "a loader of type 'rom' cannot have stateless='no': only UEFI in 'pflash' has NVRAM",
  },
  'nvram-source-ignored': {
    class: 'invalid',
    severity: 'warning',
    message: () => '<source> of <nvram> is ignored: without a type it is not known what it is',
    hint: () => "<nvram type='file'>, 'block' or 'network'",
  },
  'nvram-without-source': {
    class: 'invalid',
    message: (p: { type: string }) => `NVRAM of type '${p.type}' needs a <source>`,
  },
  'stateless-with-nvram': {
    class: 'invalid',
    message: () => 'a stateless loader has no NVRAM',
  },
  'stateless-with-template': {
    class: 'invalid',
    message: () => 'a stateless loader has no NVRAM template',
  },
  'keys-without-secure-boot': {
    class: 'invalid',
    message: () => "firmware feature 'enrolled-keys' needs the firmware feature 'secure-boot'",
  },
  'secure-without-smm': {
    class: 'invalid',
    message: () => "a loader with secure='yes' needs the 'smm' feature to be on",
  },
  'secure-on-machine': {
    class: 'unsupported',
    message: (p: { machine: string }) => `a loader with secure='yes' needs a q35 machine, not '${p.machine}'`,
  },
  'secure-rom': {
    class: 'invalid',
    message: () => "a loader with secure='yes' needs the type 'pflash'",
  },
  'uefi-without-acpi': {
    class: 'unsupported',
    message: () => "UEFI needs the 'acpi' feature",
  },
  'repeated-acpi-table': {
    class: 'invalid',
    message: (p: { type: string }) => `there is more than one ACPI table of type '${p.type}'`,
  },
}));
