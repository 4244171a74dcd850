import type { Origin } from './option.ts';

/**
 * A limit of QEMU's process (setrlimit(2)), soft and hard alike; nobody else's. Of several of one resource the greatest
 * counts, so that whoever needs one says what it needs.
 */
export interface ProcessLimitRequirement {
  readonly type: 'process-limit';
  readonly from?: Origin;
  readonly resource: LimitedResource;
  /** `memlock` and `core` in bytes, `nofile` and `nproc` a number. */
  readonly value: bigint | 'unlimited';
}

/** The directory below what machines keep in which is remembered whose a file was. */
export const FILE_OWNERS = 'file-owners';

/** The same for what is remembered of files that go with a machine. */
export const TEMPORARY_FILES = 'temporary-files';

/** As whom QEMU runs, where that is not whoever starts it. At most one of a plan; it comes first. */
export interface QemuUserRequirement {
  readonly type: 'qemu-user';
  readonly from?: Origin;
  /** A name, or `+1000`. */
  readonly user: string;
  /** Absent: the user's own. */
  readonly group?: string;
  /** The machine's own directory, of which QEMU's user is let in to what is its own. */
  readonly runDir: string;
  /** Character devices that many may use, whose group QEMU's user is given: `/dev/kvm`. */
  readonly devices: readonly string[];
}

/**
 * A file that QEMU opens by its name: its owner becomes QEMU's user, unless that may use it as it is, and becomes again
 * what it was when the last machine that uses it has ended. Nothing is done where QEMU runs as whoever starts it.
 */
export interface FileOwnerRequirement {
  readonly type: 'file-owner';
  readonly from?: Origin;
  /** The alias of the device that it is for. */
  readonly device: string;
  readonly path: string;
  readonly access: 'read' | 'write';
  /** Instead of QEMU's user. */
  readonly owner?: { readonly user: string; readonly group?: string };
  /** Where what the owner was is remembered, also over a reboot. */
  readonly records: string;
  /** The program's own directory, below which QEMU's user is let through to the file; an earlier step makes what is missing. */
  readonly within?: string;
}

export type LimitedResource = 'memlock' | 'core' | 'nofile' | 'nproc';
