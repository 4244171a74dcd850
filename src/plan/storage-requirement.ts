import type { Secret } from '../errors/index.ts';
import type { Origin } from './option.ts';
import type { SecretUsageType } from './secret-definition.ts';

interface Requirement<T extends string> {
  readonly type: T;
  readonly from?: Origin;
  /** The alias of the device that it is for: `virtio-disk0`, `fs0`. */
  readonly device: string;
}

/** A secret's value in a file that QEMU reads at its start: mode 0600, removed after. */
export interface SecretFileRequirement extends Requirement<'secret-file'> {
  readonly path: string;
  readonly secret: { readonly value: Secret<string | Uint8Array> } | StoredSecret;
}

/** A secret of the store, by its UUID or by what it is for. */
export interface StoredSecret {
  readonly type: SecretUsageType;
  readonly uuid?: string | undefined;
  readonly usage?: string | undefined;
  /** Set by who looked it up: its UUID, if it is defined and has no value. */
  readonly withoutValue?: string | undefined;
}

/** A virtiofsd that serves a directory on a socket for as long as QEMU runs. */
export interface VirtiofsdRequirement extends Requirement<'virtiofsd'> {
  readonly socket: string;
  readonly directory: string;
  /** Absent: the one that a vhost-user descriptor or PATH names. */
  readonly binary?: string;
  readonly xattr?: boolean;
  readonly cache?: 'none' | 'always';
  readonly sandbox?: 'namespace' | 'chroot';
  readonly threadPoolSize?: number;
  readonly maxOpenFiles?: number;
  readonly readonly: boolean;
  readonly idMap?: { readonly uids: readonly IdMapping[]; readonly gids: readonly IdMapping[] };
}

/** Ids from `start` in the guest are ids from `target` on the host. */
export interface IdMapping {
  readonly start: number;
  readonly target: number;
  readonly count: number;
}

/** QEMU's helper for persistent reservations (`qemu-pr-helper`), run as root, one for the machine. */
export interface ReservationsHelperRequirement extends Requirement<'reservations-helper'> {
  readonly socket: string;
}

/** A qcow2 file over an image that takes all that is written, removed after. */
export interface OverlayRequirement extends Requirement<'overlay'> {
  readonly path: string;
  readonly base: string;
  readonly baseFormat: string;
  /** The directory in which it is noted, for after a power cut. */
  readonly records: string;
}

/** A descriptor of those that the caller holds open and passes on under a group's name. */
export interface FdGroupRequirement extends Requirement<'fd-group'> {
  readonly group: string;
  readonly fd: string;
  /** What it is opened for: QEMU takes no other. */
  readonly access: 'read' | 'write';
  /** The descriptors of the group, set by who starts the machine. */
  readonly given?: readonly number[];
}

/** A local image that the machine writes, or one that it only reads. */
export interface ImageRequirement extends Requirement<'image'> {
  readonly path: string;
  /** Other machines may write it too, those that say the same. */
  readonly isShared: boolean;
  /** It is only read, and must not be written by others meanwhile. */
  readonly isReadOnly?: true;
}

/** The images that one of a disk's is based on, the disk's own first, as they were found. */
export interface ImageChainRequirement extends Requirement<'image-chain'> {
  readonly images: readonly string[];
  /** Why the machine cannot start with it. */
  readonly problem?: ImageChainProblem;
}

export type ImageChainProblem =
  | { readonly kind: 'missing' | 'loop' | 'encrypted'; readonly image: string }
  /** The image above does not say what format it has, or what it names is not followed. */
  | { readonly kind: 'format' | 'elsewhere'; readonly image: string; readonly above: string }
  | { readonly kind: 'unreadable'; readonly image: string; readonly reason: string }
  | { readonly kind: 'depth'; readonly most: number };

export type StorageRequirement =
  | ImageRequirement
  | ImageChainRequirement
  | SecretFileRequirement
  | VirtiofsdRequirement
  | ReservationsHelperRequirement
  | OverlayRequirement
  | FdGroupRequirement;
