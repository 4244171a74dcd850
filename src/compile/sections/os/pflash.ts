import { type HostRequirement, plainOption } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import { concatEmissions, type Emission, type EmitContext, emits } from '../../context.ts';
import { fileOwner } from '../../shared/file-owner.ts';
import { chainNodes, type Image, type ImageSource } from '../../shared/storage/index.ts';
import { osErrors } from './errors.ts';
import type { Nvram } from './schema.ts';

/** The flash chips with the firmware's code and the domain's variables, and `-machine pflash0=…`. */
export function pflashNodes(cx: EmitContext): Emission {
  const { os } = cx.domain;
  if (os.lacksFirmware)
    cx.report.add(osErrors['no-firmware'], { kind: os.firmware ?? 'bios' }, whereIs(os, '@firmware'));
  return concatEmissions([codeFlash(cx), variablesFlash(cx)]);
}

function codeFlash(cx: EmitContext): Emission {
  const { loader } = cx.domain.os;
  if (loader?.type !== 'pflash' || loader.path === undefined) return emits();
  const format = loader.format ?? 'raw';
  const { options, top } = chainNodes(
    {
      node: 'libvirt-pflash0',
      source: { kind: 'file', file: loader.path, seclabel: [] },
      format,
      readonly: loader.readonly ?? false,
      alwaysFormatNode: true,
      ...(format === 'qcow2' && { backing: null }),
    },
    {},
    cx,
  );
  const host = fileOwner('loader', loader.path, { access: loader.readonly ? 'read' : 'write' }, cx);
  return { options, machine: [['pflash0', top]], host };
}

function variablesFlash(cx: EmitContext): Emission {
  const { nvram, loader } = cx.domain.os;
  const image = nvram && variablesImage(nvram);
  if (nvram === undefined || image === undefined || loader?.type !== 'pflash') return emits();
  const { source } = image;
  const { options, top } = chainNodes(image, {}, cx);
  const path = source.kind === 'file' ? source.file : source.kind === 'block' ? source.dev : undefined;
  const owner = fileOwner(
    'nvram',
    path,
    { access: 'write', seclabel: 'seclabel' in source ? source.seclabel : [] },
    cx,
  );
  return { options, machine: [['pflash1', top]], host: [...variableStore(nvram, source), ...owner] };
}

/** The image that holds the domain's variables. */
export function variablesImage(nvram: Nvram): Image | undefined {
  const source = sourceOf(nvram);
  if (source === undefined) return undefined;
  const format = nvram.format ?? 'raw';
  return {
    node: 'libvirt-pflash1',
    source,
    format,
    readonly: false,
    auth: 'auth' in source ? source.auth : undefined,
    encryption: 'encryption' in source ? source.encryption : undefined,
    ...(format === 'qcow2' && { backing: null }),
  };
}

function sourceOf({ path, source }: Nvram): ImageSource | undefined {
  if (source === undefined)
    return path === undefined ? undefined : { kind: 'file', file: path, seclabel: [] };
  return source.kind === 'vhostuser' || source.kind === 'volume' ? undefined : source;
}

/** The copy of the template that the domain starts with; a block device is the user's to fill. */
function variableStore(nvram: Nvram, source: ImageSource): readonly HostRequirement[] {
  if (source.kind !== 'file' || source.file === undefined || nvram.template === undefined) return [];
  return [{ type: 'nvram', path: source.file, template: nvram.template, format: nvram.format ?? 'raw' }];
}

/** `-global driver=cfi.pflash01,property=secure`: only System Management Mode writes to the flash. */
export function securePflashOption({ domain: { os } }: EmitContext): Emission {
  if (!os.loader?.secure || os.loader.type !== 'pflash') return emits();
  return emits(plainOption('-global', 'driver=cfi.pflash01,property=secure,value=on'));
}

/** `-bios`: firmware as a ROM image. */
export function biosOption({ domain: { os } }: EmitContext): Emission {
  const { loader } = os;
  if (loader?.type !== 'rom' || loader.path === undefined) return emits();
  return emits(plainOption('-bios', loader.path));
}
