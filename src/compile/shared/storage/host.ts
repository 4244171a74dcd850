import { Secret } from '../../../errors/index.ts';
import type { HostRequirement } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import type { Context } from '../../context.ts';
import { fileOwner } from '../file-owner.ts';
import { machineDirectory } from '../machine-paths.ts';
import { secretRequirement } from '../secret.ts';
import type { Image } from './layer.ts';
import { accessesOf, authSecretId, cookieSecretId, encryptionSecretIds, fdOfGroup } from './names.ts';
import { nbdCredentials } from './network-node.ts';
import type { SecretRef } from './parts.ts';
import { nvmeFunction } from './protocol.ts';

/** All that the host must give for a chain of images. */
export function chainRequirements(device: string, top: Image, cx: Context): readonly HostRequirement[] {
  const host: HostRequirement[] = [];
  for (let image: Image | null | undefined = top; image; image = image.backing) {
    const access = image === top && !image.readonly ? 'write' : 'read';
    for (const one of [image, image.dataStore])
      if (one !== undefined)
        host.push(...imageRequirements(device, one, cx), ...ownerOf(device, one, access, cx));
  }
  return host;
}

/** Only the uppermost image is written; those beneath it may be others' too. */
function ownerOf(device: string, { source }: Image, access: 'read' | 'write', cx: Context) {
  const path = source.kind === 'file' ? source.file : source.kind === 'block' ? source.dev : undefined;
  if (path === undefined || ('fdgroup' in source && source.fdgroup !== undefined)) return [];
  return fileOwner(device, path, { access, seclabel: 'seclabel' in source ? source.seclabel : [] }, cx);
}

function imageRequirements(device: string, image: Image, cx: Context): readonly HostRequirement[] {
  return [...secrets(device, image, cx), ...functions(device, image), ...descriptors(device, image)];
}

function secrets(device: string, image: Image, cx: Context): readonly HostRequirement[] {
  const { auth, encryption, source } = image;
  const node = `${image.node}-storage`;
  const ids = encryptionSecretIds(image, cx.env);
  return [
    ...(auth?.secret ? storedSecret(device, authSecretId(node), auth.secret, cx) : []),
    ...(encryption?.secrets ?? []).flatMap((secret, i) => storedSecret(device, ids[i] ?? '', secret, cx)),
    ...cookies(device, source, node, cx),
    ...(source.kind === 'network' && source.protocol === 'nbd' && source.tls
      ? nbdCredentials(node, device, cx.env).host
      : []),
  ];
}

/** The requirement for a secret that the XML refers to: `passphrase` is what a volume's is called there. */
export function storedSecret(
  device: string,
  id: string,
  ref: SecretRef,
  cx: Context,
): readonly HostRequirement[] {
  const { type, uuid, usage } = ref;
  const stored = { type: type === 'ceph' || type === 'iscsi' ? type : 'volume', uuid, usage } as const;
  return secretRequirement(device, id, stored, cx, whereIs(ref));
}

/** Cookies may name a session, so they are kept like any secret. */
function cookies(
  device: string,
  source: Image['source'],
  node: string,
  cx: Context,
): readonly HostRequirement[] {
  if (source.kind !== 'network' || !('cookies' in source) || source.cookies === undefined) return [];
  const value = source.cookies.cookie.map((c) => `${c.name}=${c.value ?? ''}`).join('; ');
  return secretRequirement(device, cookieSecretId(node), { value: new Secret(value) }, cx);
}

function functions(device: string, { source }: Image): readonly HostRequirement[] {
  if (source.kind !== 'nvme') return [];
  const { address, managed = true } = source;
  return [{ type: 'pci-function', device, function: nvmeFunction(address), managed }];
}

function descriptors(device: string, image: Image): readonly HostRequirement[] {
  const { source } = image;
  if (source.kind !== 'file' || source.fdgroup === undefined) return [];
  const group = source.fdgroup;
  return accessesOf(image).map((access) => ({
    ...{ type: 'fd-group', device, group, access },
    fd: fdOfGroup(group, access),
  }));
}

/** Where the machine's one helper for managed reservations listens. */
export function reservationsSocket(name: string, cx: Context): string {
  return `${machineDirectory(name, cx.env)}/pr-helper0.sock`;
}
