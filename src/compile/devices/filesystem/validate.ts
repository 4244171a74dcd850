import { hasType } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import type { ValidateContext } from '../../context.ts';
import type { Placed } from '../../shared/device-base.ts';
import { hasSharedMemory } from '../../shared/shared-memory.ts';
import { virtioDriver } from '../../shared/virtio-options.ts';
import { filesystemErrors as errors } from './errors.ts';
import { driverOf, type Filesystem, type FilesystemDriver } from './model.ts';

/** Rules of one file system. */
export function validateFilesystem(filesystem: Placed<Filesystem>, cx: ValidateContext): void {
  if (!isForQemu(filesystem, cx)) return;
  validateEnds(filesystem, cx);
  validateDriver(filesystem, cx);
  RULES[driverOf(filesystem)]?.(filesystem, cx);
  for (const what of ['space_hard_limit', 'space_soft_limit'] as const)
    if (filesystem[what] !== undefined)
      cx.report.add(errors['usage-limit'], { what }, whereIs(filesystem, what));
}

const DRIVERS = new Set(['path', 'handle', 'virtiofs', 'mtp']);

function isForQemu(filesystem: Placed<Filesystem>, cx: ValidateContext): boolean {
  const { type } = filesystem;
  const driver = driverOf(filesystem);
  if (type !== 'mount')
    cx.report.add(errors['not-for-qemu'], { what: 'type', value: type }, whereIs(filesystem, '@type'));
  else if (!DRIVERS.has(driver))
    cx.report.add(errors['not-for-qemu'], { what: 'driver', value: driver }, whereIs(filesystem, 'driver'));
  else return true;
  return false;
}

function validateEnds({ source, target, ...rest }: Placed<Filesystem>, cx: ValidateContext): void {
  const dir = source?.dir ?? source?.socket;
  if (dir === undefined)
    cx.report.add(errors['missing-source'], { target: target?.dir ?? '' }, whereIs(rest, 'source'));
  else if (target?.dir === undefined)
    cx.report.add(errors['missing-target'], { dir }, whereIs(rest, 'target'));
}

function validateDriver(filesystem: Placed<Filesystem>, cx: ValidateContext): void {
  const kind = driverOf(filesystem);
  const { model } = filesystem;
  const driver =
    kind === 'mtp' ? 'usb-mtp' : virtioDriver(kind === 'virtiofs' ? 'vhost-user-fs' : 'virtio-9p', model);
  if (!hasType(cx.env.caps, driver))
    cx.report.add(errors['driver-unavailable'], { driver }, whereIs(filesystem));
}

function validateP9(filesystem: Placed<Filesystem>, cx: ValidateContext): void {
  const { accessmode = 'passthrough', driver, source } = filesystem;
  for (const attribute of ['fmode', 'dmode'] as const)
    if (filesystem[attribute] !== undefined && accessmode !== 'mapped')
      cx.report.add(
        errors['modes-need-mapped'],
        { attribute, accessmode },
        whereIs(filesystem, `@${attribute}`),
      );
  const name = driver?.type ?? 'path';
  const only: readonly (readonly [string, unknown, string])[] = [
    ['socket', source?.socket, 'source'],
    ['boot', filesystem.boot, 'boot'],
  ];
  for (const [what, value, where] of only)
    if (value !== undefined)
      cx.report.add(errors['only-with-virtiofs'], { what, driver: name }, whereIs(filesystem, where));
}

function validateVirtiofs(filesystem: Placed<Filesystem>, cx: ValidateContext): void {
  const { accessmode = 'passthrough', multidevs, driver, source, binary, target } = filesystem;
  const refused: readonly (readonly [string, boolean, readonly string[]])[] = [
    [accessmode, accessmode !== 'passthrough', ['@accessmode']],
    ['model', filesystem.model !== undefined, ['@model']],
    ['fmode', filesystem.fmode !== undefined, ['@fmode']],
    ['dmode', filesystem.dmode !== undefined, ['@dmode']],
    ['multidevs', multidevs !== undefined, ['@multidevs']],
    ['wrpolicy', driver?.wrpolicy !== undefined, ['driver', '@wrpolicy']],
    ['format', driver?.format !== undefined, ['driver', '@format']],
  ];
  for (const [what, isThere, path] of refused)
    if (isThere) cx.report.add(errors['not-with-virtiofs'], { what }, whereIs(filesystem, ...path));
  if (source?.socket !== undefined)
    for (const what of ['binary', 'idmap', 'readonly'] as const)
      if (filesystem[what] !== undefined)
        cx.report.add(errors['not-with-socket'], { what, socket: source.socket }, whereIs(filesystem, what));
  const { idmap } = filesystem;
  if (idmap !== undefined && (idmap.uid.length === 0) !== (idmap.gid.length === 0))
    cx.report.add(errors['lone-id-map'], { target: target?.dir ?? '' }, whereIs(filesystem, 'idmap'));
  if (binary?.lock?.posix === true || binary?.lock?.flock === true)
    cx.report.add(errors['lock-ignored'], undefined, whereIs(binary, 'lock'));
  if (!hasSharedMemory(cx.domain))
    cx.report.add(errors['needs-shared-memory'], { target: target?.dir ?? '' }, whereIs(filesystem));
}

/** Who owns a file is passed through, where the driver has no other way. */
function refuseAccessMode(filesystem: Placed<Filesystem>, cx: ValidateContext): void {
  const { accessmode = 'passthrough' } = filesystem;
  if (accessmode !== 'passthrough')
    cx.report.add(
      errors['access-mode'],
      { accessmode, driver: driverOf(filesystem) },
      whereIs(filesystem, '@accessmode'),
    );
}

function validateHandle(filesystem: Placed<Filesystem>, cx: ValidateContext): void {
  refuseAccessMode(filesystem, cx);
  validateP9(filesystem, cx);
}

function validateMtp(filesystem: Placed<Filesystem>, cx: ValidateContext): void {
  refuseAccessMode(filesystem, cx);
  const refused: readonly (readonly [string, unknown])[] = [
    ['binary', filesystem.binary],
    ['idmap', filesystem.idmap],
    ['model', filesystem.model],
    ['fmode', filesystem.fmode],
    ['dmode', filesystem.dmode],
    ['multidevs', filesystem.multidevs],
    ['boot', filesystem.boot],
  ];
  for (const [what, value] of refused)
    if (value !== undefined) cx.report.add(errors['not-with-mtp'], { what }, whereIs(filesystem, what));
}

const RULES: {
  readonly [K in FilesystemDriver]?: (filesystem: Placed<Filesystem>, cx: ValidateContext) => void;
} = { path: validateP9, handle: validateHandle, virtiofs: validateVirtiofs, mtp: validateMtp };
