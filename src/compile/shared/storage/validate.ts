import { schemaHas } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import type { Context } from '../../context.ts';
import type { MetadataCache } from './chain.ts';
import { storageErrors as errors } from './errors.ts';
import type { Image } from './layer.ts';
import { HAS_BACKING, needsFormatNode } from './names.ts';
import type { StorageAuth } from './parts.ts';
import { validateEncryption, validateSecret } from './validate-encryption.ts';
import { validateNetwork } from './validate-network.ts';

/** Rules of every image of a chain. */
export function validateChain(top: Image, cx: Context): void {
  for (let image: Image | null | undefined = top; image; image = image.backing) {
    validateImage(image, cx);
    if (image.dataStore !== undefined) validateDataStore(image, image.dataStore, cx);
  }
}

function validateImage(image: Image, cx: Context): void {
  const { source, auth, encryption } = image;
  validateFormat(image, cx);
  validateBacking(image, cx);
  if (source.kind === 'network') validateNetwork(source, cx);
  else if (source.kind === 'nvme') needsDriver('nvme', image, cx);
  else if (source.kind === 'vhostvdpa') needsDriver('virtio-blk-vhost-vdpa', image, cx);
  if (auth !== undefined && source.kind === 'network') validateAuth(auth, source.protocol, cx);
  if (encryption !== undefined) validateEncryption(image, encryption, cx);
  if (source.kind === 'block' && source.reservations !== undefined)
    validateReservations(source.reservations, cx);
  validateMetadataCache(image, image.metadataCache, cx);
}

/** Formats that are known and that QEMU has no driver for. */
const NO_DRIVER: ReadonlySet<string> = new Set(['cow', 'dir', 'iso']);

function validateFormat({ source, format, readonly }: Image, cx: Context): void {
  if (NO_DRIVER.has(format)) cx.report.add(errors['format-unsupported'], { format }, whereIs(source));
  else if (source.kind === 'dir') {
    const dir = source.dir ?? '';
    if (format !== 'fat') cx.report.add(errors['dir-needs-fat'], { format }, whereIs(source));
    else if (!readonly) cx.report.add(errors['dir-needs-readonly'], { dir }, whereIs(source));
  } else if (format === 'fat') cx.report.add(errors['fat-needs-dir'], { type: source.kind }, whereIs(source));
}

/** A format node takes a backing image only where its format has one; raw data without a node of its own has no say. */
function validateBacking(image: Image, cx: Context): void {
  const { format, backing } = image;
  if (backing && !HAS_BACKING.has(format) && needsFormatNode(image, cx.env))
    cx.report.add(errors['no-backing'], { format }, whereIs(backing.source));
}

function needsDriver(driver: string, { source }: Image, cx: Context): void {
  if (!schemaHas(cx.env.caps, 'blockdev-add', 'driver', `=${driver}`))
    cx.report.add(errors['driver-unavailable'], { driver }, whereIs(source));
}

/** The secret's type by protocol; others take either. */
const AUTH_SECRET: Readonly<Record<string, string>> = { rbd: 'ceph', iscsi: 'iscsi' };
const HAS_AUTH: ReadonlySet<string> = new Set(['rbd', 'iscsi', 'ssh', 'http', 'https', 'ftp', 'ftps']);

/** Rules of `<auth>` of a network source. */
export function validateAuth(auth: StorageAuth, protocol: string, cx: Context): void {
  const { secret, username } = auth;
  if (!HAS_AUTH.has(protocol)) cx.report.add(errors['auth-unsupported'], { protocol }, whereIs(auth));
  if (secret === undefined) cx.report.add(errors['auth-without-secret'], { username }, whereIs(auth));
  else {
    const expected = AUTH_SECRET[protocol];
    validateSecret(secret, expected === undefined ? ['ceph', 'iscsi'] : [expected], cx);
  }
}

type Reservations = NonNullable<Extract<Image['source'], { kind: 'block' }>['reservations']>;

function validateReservations(reservations: Reservations, cx: Context): void {
  const { managed, source } = reservations;
  if (!managed && source === undefined)
    cx.report.add(errors['reservations-path'], undefined, whereIs(reservations));
  if (source?.mode === 'server')
    cx.report.add(errors['reservations-mode'], { mode: source.mode }, whereIs(source, '@mode'));
}

function validateMetadataCache({ format }: Image, cache: MetadataCache | undefined, cx: Context): void {
  if (cache?.max_size !== undefined && format !== 'qcow2')
    cx.report.add(errors['metadata-cache-owner'], { format }, whereIs(cache));
}

function validateDataStore({ format }: Image, dataStore: Image, cx: Context): void {
  const where = whereIs(dataStore.source);
  if (format !== 'qcow2') cx.report.add(errors['data-store-owner'], { format }, where);
  if (dataStore.format !== 'raw')
    cx.report.add(errors['data-store-format'], { format: dataStore.format }, where);
  validateImage(dataStore, cx);
}
