import type {
  MediatedDeviceRequirement,
  PciFunctionRequirement,
  ScsiUnitRequirement,
  UsbDeviceRequirement,
  VhostScsiTargetRequirement,
  VirtualFunctionRequirement,
} from './hostdev-requirement.ts';
import type {
  DeviceFdRequirement,
  InterfaceSetupRequirement,
  MacvtapRequirement,
  PasstRequirement,
  PortRequirement,
  QemuSocketRequirement,
  TapRequirement,
  VhostUserSocketRequirement,
} from './network-requirement.ts';
import type { Origin } from './option.ts';
import type {
  FileOwnerRequirement,
  ProcessLimitRequirement,
  QemuUserRequirement,
} from './process-requirement.ts';
import type { StorageRequirement } from './storage-requirement.ts';
import type {
  CgroupRequirement,
  FreeMemoryRequirement,
  HugepagesRequirement,
  HugetlbfsRequirement,
  ResctrlRequirement,
} from './tuning-requirement.ts';
import type { VirtualNetworkRequirement } from './virtual-network-requirement.ts';

/**
 * Something that the host must give before QEMU starts. The host side turns each into a step with an undo.
 * A new kind is one more member of this union; `fds` name descriptors that QEMU inherits (see FdRef).
 */
export type HostRequirement =
  | TapRequirement
  | MacvtapRequirement
  | InterfaceSetupRequirement
  | PasstRequirement
  | DeviceFdRequirement
  | VhostUserSocketRequirement
  | PortRequirement
  | QemuSocketRequirement
  | PciFunctionRequirement
  | VirtualFunctionRequirement
  | MediatedDeviceRequirement
  | UsbDeviceRequirement
  | ScsiUnitRequirement
  | VhostScsiTargetRequirement
  | DirectoryRequirement
  | NvramRequirement
  | OutputFileRequirement
  | UnixListenerRequirement
  | VhostUserGpuRequirement
  | DbusDaemonRequirement
  | SwtpmRequirement
  | CgroupRequirement
  | FreeMemoryRequirement
  | HugepagesRequirement
  | HugetlbfsRequirement
  | ResctrlRequirement
  | ProcessLimitRequirement
  | QemuUserRequirement
  | FileOwnerRequirement
  | StorageRequirement
  | VirtualNetworkRequirement;

interface Requirement<T extends string> {
  readonly type: T;
  readonly from?: Origin;
}

/** A directory that must exist for QEMU's sockets; made with mode 0700, removed after if it was made. */
export interface DirectoryRequirement extends Requirement<'directory'> {
  readonly path: string;
  /** The program's own directory, below which QEMU's user is let through. */
  readonly within?: string;
  /** QEMU leaves files there that nobody needs after it. */
  readonly contents?: 'removed';
  /** It is on disk: the directory in which it is noted, for after a power cut. */
  readonly records?: string;
}

/** The domain's own copy of a firmware's variable store, made from the template on first start and kept. */
export interface NvramRequirement extends Requirement<'nvram'> {
  readonly path: string;
  readonly template: string;
  readonly format: 'raw' | 'qcow2';
}

/** A file that a character device writes to, opened for QEMU; made with mode 0600 if it is not there, and kept. */
export interface OutputFileRequirement extends Requirement<'output-file'> {
  readonly fd: string;
  readonly path: string;
  /** Otherwise it starts empty. */
  readonly append: boolean;
}

/** A unix stream socket that listens before QEMU starts, and is passed to it; removed after. */
export interface UnixListenerRequirement extends Requirement<'unix-listener'> {
  readonly fd: string;
  readonly path: string;
  /** Its directory is the machine's own: made if it is not there, and removed after. */
  readonly ownDirectory: boolean;
}

/** A program that draws for a video device, started with one end of a socket pair; QEMU gets the other. */
export interface VhostUserGpuRequirement extends Requirement<'vhost-user-gpu'> {
  readonly device: string;
  readonly fd: string;
  readonly binary: string;
  /** The path that the names of its files begin with. */
  readonly stem: string;
  /** It uses OpenGL, on the render node. */
  readonly virgl: boolean;
  readonly renderNode?: string;
}

/** A message bus for one machine (dbus-daemon), for as long as QEMU runs. */
export interface DbusDaemonRequirement extends Requirement<'dbus-daemon'> {
  readonly device: string;
  readonly socket: string;
}

/** An emulated TPM (swtpm) that listens before QEMU starts and ends with it. Its state is made once and kept. */
export interface SwtpmRequirement extends Requirement<'swtpm'> {
  readonly device: string;
  readonly socket: string;
  readonly version: '1.2' | '2.0';
  readonly state: { readonly kind: 'dir' | 'file'; readonly path: string };
  /** The PCR banks that are active from every start on; none leaves them as they are. */
  readonly pcrBanks: readonly string[];
  readonly profile?: { readonly source: string; readonly removeDisabled?: string };
  readonly debugLevel?: number;
  /** The program's own directory, below which QEMU's user, as whom swtpm runs, is let through. */
  readonly within?: string;
  /** A file with the passphrase that the state is encrypted with. */
  readonly passphraseFile?: string;
}
