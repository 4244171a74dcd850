import type { Origin } from './option.ts';

interface Requirement<T extends string> {
  readonly type: T;
  readonly from?: Origin;
  /** The device's alias: `hostdev0`. */
  readonly device: string;
}

/** A PCI function of the host that is QEMU's alone. */
export interface PciFunctionRequirement extends Requirement<'pci-function'> {
  /** `0000:06:12.1` */
  readonly function: string;
  /** Bound to vfio-pci and given back to its driver after; otherwise it must be bound already. */
  readonly managed: boolean;
  /** A vfio variant driver instead of vfio-pci. */
  readonly driver?: string;
}

/** What an SR-IOV virtual function is given through its physical function, and put back after. */
export interface VirtualFunctionRequirement extends Requirement<'virtual-function'> {
  readonly function: string;
  readonly mac: string;
  readonly vlan?: number;
}

/** A SCSI unit of the host that QEMU passes commands to. */
export interface ScsiUnitRequirement extends Requirement<'scsi-unit'> {
  /** `host:bus:target:unit`, as sysfs names it. */
  readonly unit: string;
  /** Its generic node, `/dev/sg3`. */
  readonly path: string;
  /** With others who share it too. */
  readonly isShared: boolean;
}

/** A vhost-scsi target, which must be there in the host's configfs. */
export interface VhostScsiTargetRequirement extends Requirement<'vhost-scsi-target'> {
  /** `naa.` and 16 digits. */
  readonly wwpn: string;
}

/** A mediated device of the host. */
export interface MediatedDeviceRequirement extends Requirement<'mediated-device'> {
  /** `/sys/bus/mdev/devices/UUID` */
  readonly path: string;
  /** What it is made as if it is not there, and then removed after; without it, it must have been made. */
  readonly definition?: MediatedDevice;
}

/** What a mediated device is made as (kernel: vfio-mediated-device.rst). */
export interface MediatedDevice {
  readonly uuid: string;
  /** The device that makes it, as `/sys/class/mdev_bus` calls it: `0000:06:00.0`. */
  readonly parent: string;
  /** `nvidia-63` */
  readonly type: string;
  /** Written in this order. */
  readonly attributes: readonly { readonly name: string; readonly value: string }[];
}

/** A USB device of the host that is QEMU's alone. */
export interface UsbDeviceRequirement extends Requirement<'usb-device'> {
  /** `/dev/bus/usb/014/006` */
  readonly path: string;
}
