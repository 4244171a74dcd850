import type { VolumeFact } from '../../../plan/index.ts';
import { parseXml, type XmlElement } from '../../../xml/index.ts';
import type { Context } from '../../context.ts';
import type { ImageSource } from './layer.ts';
import type { StorageAuth, StorageEncryption } from './parts.ts';
import type { SourceOf, StorageSource } from './source.ts';

/** Where a source's bytes are. */
export interface FoundImage {
  readonly source: ImageSource;
  readonly auth?: StorageAuth | undefined;
  readonly encryption?: StorageEncryption | undefined;
}

/** The image of a source: volumes are looked up in the facts. Undefined for an empty one. */
export function imageSource(source: StorageSource, cx: Context): FoundImage | undefined {
  switch (source.kind) {
    case 'vhostuser':
      return undefined;
    case 'volume':
      return volumeImage(source, cx);
    case 'file':
      return source.file === undefined ? undefined : { source, encryption: source.encryption };
    case 'block':
      return source.dev === undefined ? undefined : { source, encryption: source.encryption };
    case 'dir':
      return source.dir === undefined ? undefined : { source, encryption: source.encryption };
    case 'network':
      return { source, auth: source.auth, encryption: source.encryption };
    case 'nvme':
      return { source, encryption: source.encryption };
    case 'vhostvdpa':
      return { source };
  }
}

/** What is known of the volume that a source names. */
export function volumeFact(source: SourceOf<'volume'>, cx: Context): VolumeFact | undefined {
  return cx.env.facts.volumes[`${source.pool}/${source.volume}`];
}

function volumeImage(source: SourceOf<'volume'>, cx: Context): FoundImage | undefined {
  const volume = volumeFact(source, cx);
  const { encryption, slices, startupPolicy, seclabel } = source;
  const rest = { encryption, slices, startupPolicy, seclabel };
  if (source.mode === 'direct' && volume?.pool !== undefined)
    return isIscsiPool(volume) ? iscsiVolume(source, parseXml(volume.pool), encryption) : undefined;
  if (volume?.path === undefined) return undefined;
  const { path } = volume;
  if (volume.type === 'block') return { source: { kind: 'block', dev: path, ...rest }, encryption };
  if (volume.type === 'dir') return { source: { kind: 'dir', dir: path, ...rest }, encryption };
  return { source: { kind: 'file', file: path, ...rest }, encryption };
}

/**
 * A volume of an iSCSI pool reached by QEMU itself: portal, target and credentials are the pool's, the LUN is the last
 * number of the volume's name (`unit:0:0:1`). Source: the pool's format, `source`.
 */
function iscsiVolume(
  { volume = '', slices }: SourceOf<'volume'>,
  pool: XmlElement,
  encryption: StorageEncryption | undefined,
): FoundImage {
  const from = pool.child('source');
  const host = from?.child('host')?.attributes ?? {};
  const lun = volume.slice(volume.lastIndexOf(':') + 1);
  const source: ImageSource = {
    kind: 'network',
    protocol: 'iscsi',
    name: `${from?.child('device')?.attributes.path ?? ''}/${lun}`,
    hosts: [{ name: host.name, port: host.port === undefined ? undefined : Number(host.port) }],
    slices,
    encryption,
  };
  return { source, auth: poolAuth(from?.child('auth')), encryption };
}

function poolAuth(auth: XmlElement | undefined): StorageAuth | undefined {
  const username = auth?.attributes.username;
  if (username === undefined) return undefined;
  const { uuid, usage } = auth?.child('secret')?.attributes ?? {};
  return { username, secret: { type: 'iscsi', uuid, usage } };
}

/** Whether a pool's volumes can be reached over iSCSI. */
export function isIscsiPool(volume: VolumeFact): boolean {
  return volume.pool !== undefined && parseXml(volume.pool).attributes.type === 'iscsi';
}
