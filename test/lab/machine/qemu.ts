import type { LabKernel } from './kernel.ts';

/** What one run of the lab is started with. */
export interface LabMachine {
  readonly kernel: LabKernel;
  /** Shared with the lab and written by it: its orders and its results. */
  readonly directory: string;
  /** Whether this QEMU has the device igb (8.0 and newer): the only network card with SR-IOV. */
  readonly hasIgb: boolean;
}

/** The lab's processors; each is a NUMA node, which has its number. */
export const PROCESSORS = [0, 1] as const;

const MEMORY_MIB = 1536;
/**
 * With igb all of it is below 2.75 GiB, so that the firmware puts no device above 4 GiB: the emulated virtual functions hear the lower
 * half of their address only (the kernel has put them at 0xc020000000, QEMU 10.0's `info pci` says 0x20000000).
 */
const MEMORY_WITH_IGB_MIB = 1376;

/**
 * The lab's hardware. It runs by TCG on purpose: emulated, the processor has SVM, so the lab has KVM of its own, on any host.
 * Groups of the IOMMU: each card behind a root port has one of its own; the two functions of `twin` have one together.
 */
export function labArguments({ kernel, directory, hasIgb }: LabMachine): readonly string[] {
  const nodeMiB = hasIgb ? MEMORY_WITH_IGB_MIB : MEMORY_MIB;
  const memory = PROCESSORS.flatMap((node) => [
    ...['-object', `memory-backend-ram,id=memory${node},size=${nodeMiB}M`],
    ...['-numa', `node,nodeid=${node},cpus=${node},memdev=memory${node}`],
  ]);
  return [
    ...['-name', 'qdom-lab', '-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none'],
    ...['-machine', 'q35,hpet=off', '-accel', 'tcg,thread=multi', '-cpu', 'max'],
    ...['-smp', `${PROCESSORS.length}`, '-m', `${PROCESSORS.length * nodeMiB}`, ...memory],
    ...['-kernel', kernel.image, '-initrd', kernel.initrd, '-append', KERNEL_OPTIONS.join(' ')],
    ...['-serial', `file:${directory}/kernel.log`],
    ...['-chardev', 'stdio,id=console,signal=off'],
    ...['-fsdev', 'local,id=root,path=/,security_model=none,readonly=on,multidevs=remap'],
    ...['-fsdev', `local,id=lab,path=${directory},security_model=none`],
    ...devices([
      'intel-iommu,intremap=on',
      'virtio-rng-pci',
      'virtio-serial-pci',
      'virtconsole,chardev=console',
      'virtio-9p-pci,fsdev=root,mount_tag=root',
      'virtio-9p-pci,fsdev=lab,mount_tag=lab',
    ]),
    ...cards(hasIgb),
    ...disks(),
    ...gadgets(),
  ];
}

const KERNEL_OPTIONS = [
  ...['console=ttyS0', 'quiet', 'panic=-1', 'intel_iommu=on', 'cgroup_no_v1=all'],
  // Nothing here is worth protecting, and an emulated processor is slow enough.
  ...['mitigations=off', 'apparmor=0', 'nowatchdog'],
  // On a host that is busy an emulated timer looks dead, and the kernel gives up.
  'no_timer_check',
];

/** All are on one wire. `outside` stays the lab's own, so that it can talk to a guest that has been given another. */
function cards(hasIgb: boolean): readonly string[] {
  const port = (name: string, card: string, chassis: number, more: string, reserve = '') => [
    ...['-device', `pcie-root-port,id=port-${name},chassis=${chassis}${reserve}`],
    ...card
      .split('+')
      .flatMap((model, fn) => [
        ...['-netdev', `hubport,hubid=0,id=wire-${name}${fn}`],
        ...[
          '-device',
          `${model},id=${name}${fn},bus=port-${name},addr=0.${fn},netdev=wire-${name}${fn},mac=${mac(chassis, fn)}${more}`,
        ],
      ]),
  ];
  return [
    ...port('outside', 'virtio-net-pci', 1, ''),
    ...port('single', 'e1000e', 2, ''),
    ...port('other', 'e1000e', 3, ''),
    ...port('twin', 'e1000e+e1000e', 4, ',multifunction=on'),
    // Room below 4 GiB for its virtual functions.
    ...(hasIgb ? port('sriov', 'igb', 5, '', ',pref32-reserve=2M') : []),
  ];
}

/** By its address a test finds a card: 02:00:00:00:CARD:FUNCTION. */
function mac(card: number, fn: number): string {
  return `02:00:00:00:0${card}:0${fn}`;
}

/** A disk whose content nobody wants, to limit; a controller of NVMe with virtual functions. */
function disks(): readonly string[] {
  return [
    ...['-blockdev', 'null-co,node-name=null,size=67108864,read-zeroes=on'],
    ...devices([
      'virtio-blk-pci,drive=null,serial=null',
      'pcie-root-port,id=port-nvme,chassis=9',
      'nvme-subsys,id=subsystem',
      'nvme,serial=nvme,subsys=subsystem,bus=port-nvme,sriov_max_vfs=2,sriov_vq_flexible=4,sriov_vi_flexible=2,max_ioqpairs=8,msix_qsize=8',
    ]),
  ];
}

/** To be given to guests: two USB tablets of one make, a USB disk, and a SCSI disk. */
function gadgets(): readonly string[] {
  return [
    ...['-blockdev', 'null-co,node-name=usb,size=67108864,read-zeroes=on'],
    ...['-blockdev', 'null-co,node-name=scsi,size=67108864,read-zeroes=on'],
    ...devices([
      'qemu-xhci,id=usb',
      'usb-tablet,bus=usb.0,port=1',
      'usb-tablet,bus=usb.0,port=2',
      'usb-storage,bus=usb.0,port=3,drive=usb',
      'virtio-scsi-pci,id=scsi',
      'scsi-hd,bus=scsi.0,drive=scsi,serial=scsi',
    ]),
  ];
}

function devices(list: readonly string[]): string[] {
  return list.flatMap((device) => ['-device', device]);
}
