import type { QemuCaps } from './caps.ts';
import type { MediatedDevice } from './hostdev-requirement.ts';

/**
 * Everything outside the XML and QEMU that the compiler's answer depends on, as plain data. Gathered by
 * `src/host/facts`, or read from a file with `--facts`, in which case nothing of the real host is looked at.
 */
export interface HostFacts {
  readonly cpu: {
    readonly arch: string;
    /** The named model nearest to the host's CPU, in libvirt's words. */
    readonly model: string;
    readonly vendor: string;
    readonly sockets: number;
    readonly cores: number;
    readonly threads: number;
    /** Features beyond the model's own. */
    readonly features: readonly string[];
  };
  readonly pageSizeKiB: number;
  readonly numa: {
    readonly cells: readonly NumaCell[];
    /** The nodes for a domain that is placed automatically. */
    readonly advisedNodeset?: string;
    /** Who says so. */
    readonly advisedBy?: string;
  };
  readonly hugepages: readonly HugepageMount[];
  readonly clock: { readonly now: number; readonly timezone: string };
  readonly user: { readonly name: string; readonly home: string; readonly privileged: boolean };
  readonly security: { readonly model: string };
  readonly renderNode?: string;
  /** TCP ports at which this host listens; absent where that is not asked. */
  readonly listeningPorts?: readonly number[];
  readonly hostCdroms: readonly string[];
  /** PCI functions of the host by `dddd:bb:ss.f`; one that is not listed is not there. */
  readonly pciDevices: Readonly<Record<string, { readonly express: boolean }>>;
  /** USB devices of the host, for those that are named by what they are. */
  readonly usbDevices?: readonly UsbDeviceFact[];
  /** Mediated devices that are defined, by UUID: what is not there of them is made for the machine. */
  readonly mediatedDevices?: Readonly<Record<string, MediatedDevice>>;
  /** The generic node (`sg3`) of every SCSI unit by `host:bus:target:unit`. */
  readonly scsiGenericNodes?: Readonly<Record<string, string>>;
  /** One generic node for any SCSI unit: recorded facts have it. */
  readonly scsiGenericNode?: string;
  readonly tpm?: {
    readonly passthroughCancel?: string;
    readonly emulatorSocket?: string;
    readonly swtpmVersions: readonly string[];
  };
  readonly vsockAutoCid?: number;
  readonly tap: { readonly autoName: string; readonly existing: readonly string[] };
  readonly vhostUserInterfaceName?: string;
  /** Whether /dev/vhost-net is there; where nothing is said it is. */
  readonly vhostNet?: boolean;
  readonly qemuRdp: boolean;
  /** The value of every secret, base64; only the recorded facts have one for all. */
  readonly secretValue?: string;
  readonly unusableSecretUsages: readonly string[];
  /** Networks by name, or `name;portid`: the XML of the definition and of the port. */
  readonly networks: Readonly<Record<string, { readonly definition: string; readonly port?: string }>>;
  /** Storage volumes by `pool/volume`. `pool` is the XML of the pool's definition. */
  readonly volumes: Readonly<Record<string, VolumeFact>>;
  /** What images say of themselves, by `imageKey`; one that is not listed was not looked at. */
  readonly images?: Readonly<Record<string, ImageFact>>;
  /** Firmware descriptors (QEMU's firmware.json format) in the order in which they count. */
  readonly firmware: readonly DescriptorFile[];
  /** vhost-user back-end descriptors (QEMU's vhost-user.json format) in the order in which they count. */
  readonly vhostUser: readonly DescriptorFile[];
}

export interface UsbDeviceFact {
  readonly bus: number;
  readonly device: number;
  readonly vendor: number;
  readonly product: number;
  /** Where it is plugged in: `1.2`, through a hub; a bus itself has none. */
  readonly port?: string;
}

export interface NumaCell {
  readonly id: number;
  readonly cpus: string;
  readonly memoryKiB?: number;
}

export interface HugepageMount {
  readonly sizeKiB: number;
  readonly mount: string;
  /** The kernel has such pages and no hugetlbfs is there for them: it is mounted for the machines that need it. */
  readonly isMade?: true;
  readonly default?: boolean;
}

export interface VolumeFact {
  readonly type?: 'file' | 'block' | 'dir' | 'network';
  readonly path?: string;
  readonly pool?: string;
  readonly error?: string;
}

/** An image of this host, read in the format that it was said to have. */
export type ImageFact =
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreadable'; readonly reason: string }
  | {
      readonly kind: 'read';
      readonly isBlockDevice: boolean;
      readonly isEncrypted?: boolean;
      /** What it is based on: an absolute path, or another place in QEMU's words. Without a format nobody knows what that is. */
      readonly backing?: { readonly path: string; readonly format?: string };
      /** The file that holds its data. */
      readonly dataFile?: string;
    };

/** The same file is another image in another format. */
export function imageKey({ path, format }: { readonly path: string; readonly format: string }): string {
  return `${format}:${path}`;
}

export interface DescriptorFile {
  readonly path: string;
  /** The parsed JSON. */
  readonly content: unknown;
}

/** Directories and choices that end up in argv; libvirt's own for `--profile libvirt`, else qdom's. */
export interface CompileConfig {
  readonly domainId: number;
  readonly libDir: string;
  readonly channelTargetDir: string;
  readonly memoryBackingDir: string;
  /** QEMU may open no device of the host that its command line does not ask for. */
  readonly restrictDevices?: boolean;
  /** Hugepages that are missing are made. */
  readonly allocateHugepages?: boolean;
  readonly nvramDir: string;
  readonly passtStateDir: string;
  readonly dbusStateDir: string;
  readonly rdpStateDir: string;
  readonly vncTlsX509CertDir: string;
  /** VNC is encrypted, clients log in with SASL, SPICE has a TLS port: libvirt's `vnc_tls`, `vnc_sasl`, `spice_tls`, `spice_sasl`. */
  readonly vncTls?: boolean;
  readonly vncSasl?: boolean;
  readonly spiceTls?: boolean;
  readonly spiceSasl?: boolean;
  readonly spiceTlsX509CertDir: string;
  readonly chardevTlsX509CertDir: string;
  /** TCP character devices are encrypted unless the domain says `tls='no'` (libvirt's `chardev_tls`). */
  readonly chardevTls?: boolean;
  readonly nbdTlsX509CertDir: string;
  readonly vxhsTlsX509CertDir: string;
  readonly rdpTlsX509CertDir: string;
  readonly migrateTlsX509CertDir: string;
  /** The secrets with the passwords of the servers' and clients' keys, by UUID (libvirt's `vnc_tls_x509_secret_uuid` and so on). */
  readonly tlsSecrets?: { readonly [of in 'vnc' | 'chardev' | 'nbd']?: string | undefined };
  readonly backupTlsX509CertDir: string;
  readonly vncSaslDir: string;
  readonly spiceSaslDir: string;
  readonly spicePassword?: string;
  readonly dumpGuestCore: boolean;
  /** QEMU gives up system calls that it does not need (`-sandbox`), unless this is false. */
  readonly seccompSandbox?: boolean;
  /** As whom QEMU runs; absent: as whoever starts it. And whether the files that it opens become its. */
  readonly user?: string;
  readonly group?: string;
  readonly dynamicOwnership?: boolean;
  /** Limits of QEMU's process: the size of a core dump in bytes, open files, processes of its user. */
  readonly maxCore?: bigint | 'unlimited';
  readonly maxFiles?: number;
  readonly maxProcesses?: number;
}

/** The frame that is put around the guest: libvirt's for comparing, or what qdom itself runs. */
export type Profile =
  | { readonly kind: 'libvirt' }
  | {
      readonly kind: 'qdom';
      /** The machine's run directory: sockets, logs, the flight recorder. */
      readonly runDir: string;
    };

/** All that `compile` needs besides the XML. */
export interface CompileEnv {
  readonly caps: QemuCaps;
  readonly binary: string;
  readonly facts: HostFacts;
  readonly config: CompileConfig;
  readonly profile: Profile;
  /** Used where the XML gives no UUID. */
  readonly uuid: string;
  /** The machine waits for a migration from this URI. */
  readonly incoming?: string;
  /** The domain is being defined for the first time: better defaults may be picked. */
  readonly abiUpdate?: boolean;
}
