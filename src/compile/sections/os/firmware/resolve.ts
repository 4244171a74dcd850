import { whereIs } from '../../../../xml/index.ts';
import type { ResolveContext } from '../../../context.ts';
import { osErrors } from '../errors.ts';
import type { Loader, Nvram, OsXml } from '../schema.ts';
import { checkFirmware } from './check.ts';
import { chooseFirmware } from './choose.ts';
import { type Firmware, readFirmwares } from './descriptor.ts';

/** `<os>` with its firmware, and whether that firmware needs System Management Mode. */
export interface FirmwareChoice {
  readonly os: OsXml;
  readonly requiresSmm: boolean;
  /** No firmware of this host fits; another host may have one. */
  readonly isMissing?: boolean;
}

/**
 * Fills in loader, NVRAM and firmware features: from the first descriptor that fits where the firmware is left to
 * choose, or whose files are those that the domain names.
 */
export function resolveFirmware(
  os: OsXml,
  target: { readonly arch: string; readonly machine: string },
  cx: ResolveContext,
): FirmwareChoice {
  const { firmware: kind, firmwareFeatures, loader, nvram } = os;
  if ([kind, firmwareFeatures, loader, nvram].every((part) => part === undefined))
    return { os, requiresSmm: false };
  if (!checkFirmware(os, cx)) return { os, requiresSmm: false };
  const { domain, env } = cx;
  const wished = withFormat(os, cx);
  const firmware = mayBeChosen(os)
    ? chooseFirmware(readFirmwares(env.facts.firmware), {
        os: wished,
        ...target,
        smmIsOff: domain.features?.smm?.state === false,
        launchSecurity: domain.launchSecurity,
      })
    : undefined;
  if (firmware !== undefined)
    return { os: withFirmware(os, firmware, cx), requiresSmm: firmware.features.has('requires-smm') };
  const isMissing = kind !== undefined;
  // A new definition is one for this host; one that is there already may be for another.
  if (isMissing && env.abiUpdate) cx.report.add(osErrors['no-firmware'], { kind }, whereIs(os, '@firmware'));
  return { os: withoutDescriptor(inOrder(os), cx), requiresSmm: false, isMissing };
}

/** A writable image is nobody's firmware but the domain's own. */
function mayBeChosen({ firmware, loader }: OsXml): boolean {
  if (firmware !== undefined) return true;
  return loader?.type === 'pflash' && loader.readonly !== false;
}

/**
 * Domains that are there already keep raw images, whatever comes first by now. A variable store's format narrows the
 * choice of the code, not what code that is named is.
 */
function withFormat(os: OsXml, { env }: ResolveContext): OsXml {
  const isNamed = os.loader?.path !== undefined;
  const open = os.firmware === undefined || env.abiUpdate ? undefined : 'raw';
  const format = os.loader?.format ?? (isNamed ? undefined : os.nvram?.format) ?? open;
  return format === undefined ? os : { ...os, loader: { ...os.loader, format } };
}

function withFirmware(os: OsXml, firmware: Firmware, cx: ResolveContext): OsXml {
  const nvram = firmware.mapping === 'split' ? nvramOf(os.nvram, firmware.template, cx) : os.nvram;
  return {
    ...os,
    firmware: firmware.interfaces.includes('uefi') ? 'efi' : 'bios',
    firmwareFeatures: featuresOf(os, firmware),
    loader: loaderOf(os.loader, firmware, withFormat(os, cx).loader?.format),
    ...(nvram && { nvram }),
  };
}

function loaderOf(
  loader: Loader | undefined,
  { mapping, executable, features }: Firmware,
  wished: Loader['format'],
): Loader {
  const isFlash = mapping !== 'memory';
  // A ROM's descriptor says nothing of a format.
  const format = isFlash ? executable.format : wished;
  return {
    ...loader,
    ...(isFlash && { readonly: true }),
    ...(features.has('requires-smm') && { secure: true }),
    type: isFlash ? 'pflash' : 'rom',
    ...(format !== undefined && { format }),
    path: executable.path,
  };
}

/** What the firmware is known to have; keys that somebody else's variable store holds are not known. */
function featuresOf(os: OsXml, { features }: Firmware): NonNullable<OsXml['firmwareFeatures']> {
  const written = new Map((os.firmwareFeatures?.feature ?? []).map((f) => [f.name, f]));
  const names = ['enrolled-keys', 'secure-boot'] as const;
  const known = names.filter(
    (name) => name !== 'enrolled-keys' || os.nvram?.type !== 'network' || written.has(name),
  );
  return { feature: known.map((name) => ({ enabled: features.has(name), name })) };
}

/** A variable store of the domain's own, made from the template unless it is somewhere on the network. */
function nvramOf(nvram: Nvram | undefined, template: Firmware['template'], cx: ResolveContext): Nvram {
  const isCopied = nvram?.type !== 'network';
  const format = (isWritten(nvram) ? nvram?.format : undefined) ?? template?.format ?? 'raw';
  const { template: _, templateFormat: __, ...untouched } = nvram ?? {};
  return {
    ...(isCopied ? nvram : untouched),
    ...(isCopied && template && { template: template.path, templateFormat: template.format }),
    format,
    ...(!isWritten(nvram) && withOwnPath(nvram, format, cx)),
  };
}

/** The domain says where its variables are; if not, they are in a copy of the template, in its format. */
function isWritten(nvram: Nvram | undefined): boolean {
  const { path, source } = nvram ?? {};
  const isEmpty = source?.kind === 'file' && source.file === undefined;
  return path !== undefined || (source !== undefined && !isEmpty);
}

/** The path goes where there is a place for it. */
function withOwnPath(nvram: Nvram | undefined, format: 'raw' | 'qcow2', cx: ResolveContext): Partial<Nvram> {
  const { source } = nvram ?? {};
  const path = ownPath(format, cx);
  return source?.kind === 'file' ? { source: { ...source, file: path } } : { path };
}

function ownPath(format: 'raw' | 'qcow2', { domain, env }: ResolveContext): string {
  return `${env.config.nvramDir}/${domain.name ?? ''}_VARS.${format === 'qcow2' ? 'qcow2' : 'fd'}`;
}

/** Templates of loaders from before there were descriptors (libvirt's `nvram` setting in qemu.conf). */
const OLD_TEMPLATES: Readonly<Record<string, string>> = {
  '/usr/share/OVMF/OVMF_CODE.fd': '/usr/share/OVMF/OVMF_VARS.fd',
  '/usr/share/OVMF/OVMF_CODE.secboot.fd': '/usr/share/OVMF/OVMF_VARS.fd',
  '/usr/share/AAVMF/AAVMF_CODE.fd': '/usr/share/AAVMF/AAVMF_VARS.fd',
  '/usr/share/AAVMF/AAVMF32_CODE.fd': '/usr/share/AAVMF/AAVMF32_VARS.fd',
};

/** Features print in the order of their names. */
function inOrder(os: OsXml): OsXml {
  const { firmwareFeatures: features } = os;
  if (features === undefined) return os;
  const feature = [...features.feature].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { ...os, firmwareFeatures: { ...features, feature } };
}

/** A loader that no descriptor knows: what it is, is what the domain says. */
function withoutDescriptor(os: OsXml, cx: ResolveContext): OsXml {
  const { loader } = os;
  if (loader === undefined) return os.firmware === undefined ? os : { ...os, loader: { format: 'raw' } };
  const type = loader.type ?? (loader.path === undefined ? undefined : 'rom');
  // Only a ROM that says so itself is left without a format.
  const format = loader.format ?? (loader.type === 'rom' && os.firmware === undefined ? undefined : 'raw');
  const isFlash = os.firmware === undefined && type === 'pflash' && loader.stateless !== true;
  const oldTemplate = isFlash && format === 'raw' ? OLD_TEMPLATES[loader.path ?? ''] : undefined;
  const readonly = loader.readonly ?? (oldTemplate === undefined ? undefined : true);
  const resolved: Loader = {
    ...loader,
    ...(readonly !== undefined && { readonly }),
    ...(type && { type }),
    ...(format && { format }),
  };
  if (!isFlash || readonly !== true) return { ...os, loader: resolved };
  return { ...os, loader: resolved, nvram: withoutTemplate(os.nvram, oldTemplate, format ?? 'raw', cx) };
}

function withoutTemplate(
  nvram: Nvram | undefined,
  oldTemplate: string | undefined,
  ofLoader: 'raw' | 'qcow2',
  cx: ResolveContext,
): Nvram {
  const filled: Nvram = {
    ...nvram,
    ...(oldTemplate !== undefined && {
      template: nvram?.template ?? oldTemplate,
      templateFormat: nvram?.templateFormat ?? 'raw',
    }),
  };
  if (isWritten(nvram)) return { ...filled, format: nvram?.format ?? ofLoader };
  const format = filled.templateFormat ?? ofLoader;
  return { ...filled, format, ...withOwnPath(nvram, format, cx) };
}
