import { type CompileEnv, schemaHas } from '../../../plan/index.ts';
import type { Image } from './layer.ts';

/** Formats whose driver takes a backing image (QAPI: `BlockdevOptionsGenericCOWFormat`). */
export const HAS_BACKING: ReadonlySet<string> = new Set(['qcow', 'qcow2', 'qed', 'vmdk']);

/**
 * Whether an image has a format node. Raw data needs none above the storage, where QEMU can leave storage nodes out of
 * the names that block jobs write into images (`block-commit`: `backing-mask-protocol`, QEMU 9.0); the virtual FAT is no
 * raw data.
 */
export function needsFormatNode(image: Image, { caps }: CompileEnv): boolean {
  if (image.alwaysFormatNode || image.format !== 'raw' || image.source.kind === 'dir') return true;
  if (image.encryption !== undefined && image.encryption.engine !== 'librbd') return true;
  return !schemaHas(caps, 'block-commit', 'backing-mask-protocol');
}

export function formatNodeName(image: Image): string {
  return `${image.node}-format`;
}

/** The ids of the secrets that a storage node refers to. */
export function authSecretId(node: string): string {
  return `${node}-auth-secret0`;
}

export function cookieSecretId(node: string): string {
  return `${node}-httpcookie-secret0`;
}

/** The name under which a group's descriptor is passed on: one that is opened to write, and one to read. */
export function fdOfGroup(group: string, access: 'read' | 'write'): string {
  return access === 'write' ? `fdgroup-${group}` : `fdgroup-${group}-ro`;
}

/** What QEMU opens an image for: what is written is opened to read at first. */
export function accessesOf({ readonly }: Image): readonly ('read' | 'write')[] {
  return readonly ? ['read'] : ['write', 'read'];
}

/** The ids of an image's encryption secrets, the outermost layer's first. */
export function encryptionSecretIds(image: Image, env: CompileEnv): string[] {
  const stem = needsFormatNode(image, env) ? formatNodeName(image) : `${image.node}-storage`;
  return (image.encryption?.secrets ?? []).map((_, i) => `${stem}-encryption-secret${i}`);
}
