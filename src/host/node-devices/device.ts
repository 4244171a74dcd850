import type { MdevType } from '../mdev/sysfs.ts';

/** A device of the host as `nodedev-list` has it (formatnode: "Node Device XML"). */
export interface NodeDevice {
  /** `pci_0000_00_19_0` */
  readonly name: string;
  /** In sysfs, without links; one that is only defined is nowhere. */
  readonly path?: string;
  /** The nearest device that it is below of; `computer` at the top. */
  readonly parent?: string;
  readonly driver?: string;
  readonly capability: Capability;
}

export type Capability =
  | { readonly type: 'system' }
  | PciCapability
  | UsbCapability
  | NetCapability
  | { readonly type: 'scsi_host'; readonly host: number; readonly uniqueId?: number }
  | ScsiCapability
  | { readonly type: 'storage'; readonly block: string; readonly sizeBytes: number; readonly model?: string }
  | MdevCapability;

export interface Identity {
  /** `0x8086` */
  readonly id: string;
  readonly name?: string;
}

export interface PciCapability {
  readonly type: 'pci';
  readonly address: string;
  readonly class: string;
  readonly vendor: Identity;
  readonly product: Identity;
  readonly isBridge: boolean;
  /** Of an SR-IOV virtual function. */
  readonly physicalFunction?: string;
  /** Of a physical one: those there are, and how many there can be. */
  readonly virtualFunctions?: { readonly addresses: readonly string[]; readonly maxCount: number };
  readonly mdevTypes: readonly MdevType[];
  readonly iommuGroup?: { readonly number: number; readonly members: readonly string[] };
  readonly numaNode?: number;
  /** A PCI Express link: what it could be, and what it is. */
  readonly link?: { readonly capable: LinkState; readonly current: LinkState };
  /** Whether the kernel knows a way to reset it. */
  readonly canReset: boolean;
}

export interface LinkState {
  /** As the kernel says it: `8.0 GT/s PCIe`. */
  readonly speed: string;
  readonly width: number;
}

export interface UsbCapability {
  readonly type: 'usb_device';
  readonly bus: number;
  readonly device: number;
  readonly vendor: Identity;
  readonly product: Identity;
}

export interface NetCapability {
  readonly type: 'net';
  readonly interface: string;
  readonly address: string;
  readonly state: string;
}

export interface ScsiCapability {
  readonly type: 'scsi';
  readonly host: number;
  readonly bus: number;
  readonly target: number;
  readonly lun: number;
  readonly generic?: string;
}

export interface MdevCapability {
  readonly type: 'mdev';
  readonly uuid: string;
  readonly mdevType: string;
  /** The device that makes it, as sysfs calls it. */
  readonly parentAddress: string;
  readonly iommuGroup?: number;
  /** In the order in which they are set; sysfs does not say which of its files are such. */
  readonly attributes?: readonly { readonly name: string; readonly value: string }[];
}
