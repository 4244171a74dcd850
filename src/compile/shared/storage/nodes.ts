import { jsonOption, type Origin, type Props, type PropValue, type QemuOption } from '../../../plan/index.ts';
import type { Context } from '../../context.ts';
import { changed } from '../changed.ts';
import { secretObject } from '../secret.ts';
import { type ChainOptions, type Image, nodeCache } from './layer.ts';
import { encryptionSecretIds, formatNodeName, HAS_BACKING, needsFormatNode } from './names.ts';
import { type NodeProps, protocolNode } from './protocol.ts';

/** The block nodes of an image and of all that it is based on. */
export interface ChainNodes {
  /** `-object` and `-blockdev`, what is needed first comes first. */
  readonly options: readonly QemuOption[];
  /** The node that a device, or a filter above, uses. */
  readonly top: string;
}

/**
 * The nodes of a chain: for every image a storage node (`libvirt-3-storage`), where part of the file is meant a slice
 * (`-slice-sto`), and where it is not plain raw data a format node (`-format`). QAPI: `BlockdevOptions`.
 */
export function chainNodes(image: Image, options: ChainOptions, cx: Context, from?: Origin): ChainNodes {
  // Only what the guest writes itself is looked through for zeroes.
  const lowerOptions: ChainOptions = { ...options, detectZeroes: undefined };
  const backing = image.backing ? chainNodes(image.backing, lowerOptions, cx, from) : image.backing;
  const dataStore = image.dataStore && chainNodes(image.dataStore, lowerOptions, cx, from);
  const storage = storageNodes(image, options, cx, from);
  const below = [...(backing?.options ?? []), ...(dataStore?.options ?? []), ...storage.options];
  if (!needsFormatNode(image, cx.env)) return { options: below, top: storage.top };
  const saysBacking = image.backing !== undefined && HAS_BACKING.has(image.format);
  const format: Props = {
    'node-name': formatNodeName(image),
    ...topProps(image, options),
    ...formatProps(image, options),
    'data-file': dataStore?.top,
    file: storage.top,
    ...(saysBacking && { backing: backing?.top ?? null }),
  };
  return { options: [...below, jsonOption('-blockdev', format, from)], top: formatNodeName(image) };
}

function storageNodes(image: Image, options: ChainOptions, cx: Context, from?: Origin): ChainNodes {
  const name = `${image.node}-storage`;
  const slice = sliceOf(image);
  const storage = protocolNode(image, name, cx, from);
  const objects = [...storage.objects, ...encryptionSecrets(image, cx, from)];
  const low = { 'auto-read-only': true, discard: 'unmap', cache: nodeCache(options.cache) };
  const high = needsFormatNode(image, cx.env) ? low : topProps(image, options);
  const aio = storage.takesAio ? options.io : undefined;
  const node = changed(storage.props, { aio, 'node-name': name, ...(slice === undefined ? high : low) });
  const nodes = [...objects, jsonOption('-blockdev', node, from)];
  if (slice === undefined) return { options: nodes, top: name };
  const sliceName = `${image.node}-slice-sto`;
  const { offset, size } = slice;
  const above = { driver: 'raw', file: name, offset, size, 'node-name': sliceName, ...high };
  return { options: [...nodes, jsonOption('-blockdev', above, from)], top: sliceName };
}

/** What the uppermost node of an image says for the whole image. */
function topProps(image: Image, options: ChainOptions): NodeProps {
  return {
    'read-only': image.readonly,
    discard: options.discard,
    'detect-zeroes': detectZeroes(options.detectZeroes, options.discard),
    cache: nodeCache(options.cache),
  };
}

/** Zeroes can be unmapped only where unmapping is let through. */
export function detectZeroes(
  mode: ChainOptions['detectZeroes'],
  discard: ChainOptions['discard'],
): ChainOptions['detectZeroes'] {
  return mode === 'unmap' && discard !== 'unmap' ? 'on' : mode;
}

function sliceOf(image: Image) {
  return image.source.kind === 'vhostvdpa' ? undefined : image.source.slices?.slice[0];
}

/** QEMU's block driver for a format, where its name differs. */
const DRIVER: Partial<Record<Image['format'], string>> = {
  fat: 'raw',
  ploop: 'parallels',
  vhd: 'vhdx',
};

function formatProps(image: Image, options: ChainOptions): Record<string, PropValue | undefined> {
  const key = encryptionNode(image) === undefined ? undefined : `${formatNodeName(image)}-encryption-secret0`;
  if (image.format === 'raw' && key !== undefined) return { driver: 'luks', 'key-secret': key };
  const driver = DRIVER[image.format] ?? image.format;
  if (image.format !== 'qcow2') return { driver };
  return {
    driver,
    'discard-no-unref': options.discardNoUnref,
    encrypt: key === undefined ? undefined : { format: 'luks', 'key-secret': key },
    'cache-size': image.metadataCache?.max_size,
  };
}

/** The encryption that QEMU's format node does; librbd's is done by the storage node. */
function encryptionNode(image: Image) {
  return image.encryption?.engine === 'librbd' ? undefined : image.encryption;
}

function encryptionSecrets(image: Image, cx: Context, from?: Origin): QemuOption[] {
  return encryptionSecretIds(image, cx.env).map((id) => secretObject(id, cx, from));
}
