import { findMachine, type MachineInfo } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import type { ResolveContext } from '../../context.ts';
import type { ParsedDomain } from '../../domain.ts';
import { changed } from '../../shared/changed.ts';
import { resolveSource } from '../../shared/storage/index.ts';
import { osErrors } from './errors.ts';
import { resolveFirmware } from './firmware/resolve.ts';
import type { Nvram, OsXml } from './schema.ts';

type OsType = NonNullable<OsXml['type']>;

/** `<os>` after resolution: the machine type is a real one, and what boots first is known. */
export type Os = OsXml & {
  readonly type: OsType & { readonly arch: string; readonly machine: string };
  /** The firmware runs in System Management Mode. */
  readonly requiresSmm?: boolean;
  /** No firmware of this host fits: the domain can be defined and does not run here. */
  readonly lacksFirmware?: boolean;
};

/** Chooses the machine and what the guest boots from. */
export function resolveOs(value: OsXml | undefined, cx: ResolveContext): Os {
  const written = withoutUntypedSource(value ?? { boot: [] }, cx);
  if (written.type === undefined) cx.report.add(osErrors['missing-type'], undefined, whereIs(written));
  checkVirtType(cx);
  const type = resolveType(written.type ?? { kind: 'hvm' }, cx);
  const { os, requiresSmm, isMissing = false } = resolveFirmware(written, type, cx);
  const { bootmenu, nvram, ...rest } = os;
  return {
    ...rest,
    type,
    requiresSmm,
    lacksFirmware: isMissing,
    ...(nvram && { nvram: resolveNvram(nvram) }),
    boot: bootDevices(written, cx),
    ...(bootmenu && { bootmenu: { ...bootmenu, timeout: bootmenu.enable ? bootmenu.timeout : undefined } }),
  };
}

/**
 * Ports and transports of its hosts; the LUN of an iSCSI target stays as it is written, other than a disk's. A store that
 * is not there has no policy: QEMU needs it.
 */
function resolveNvram({ source, ...nvram }: Nvram): Nvram {
  if (source === undefined) return nvram;
  if (source.kind === 'file') return { ...nvram, source: { ...source, startupPolicy: undefined } };
  const resolved = resolveSource(source);
  const isNetwork = source.kind === 'network' && resolved.kind === 'network';
  return { ...nvram, source: isNetwork ? { ...resolved, name: source.name } : resolved };
}

/** libvirt reads the `<source>` of an `<nvram>` only where a `type` says what it is. */
function withoutUntypedSource(os: OsXml, cx: ResolveContext): OsXml {
  const { nvram } = os;
  if (nvram?.source === undefined || nvram.type !== undefined) return os;
  cx.report.add(osErrors['nvram-source-ignored'], undefined, whereIs(nvram, 'source'));
  return changed(os, { nvram: changed(nvram, { source: undefined }) });
}

function checkVirtType({ domain, env, report }: ResolveContext): void {
  const emulator = domain.devices.emulator ?? env.binary;
  const where = whereIs(domain, '@type');
  if (domain.type !== 'kvm' && domain.type !== 'qemu')
    report.add(osErrors['unsupported-virt-type'], { type: domain.type, emulator }, where);
  else if (domain.type === 'kvm' && !env.caps.kvm)
    report.add(osErrors['kvm-unavailable'], { emulator }, where);
}

function resolveType(type: OsType, cx: ResolveContext): Os['type'] {
  const { env, report, domain } = cx;
  const emulator = domain.devices.emulator ?? env.binary;
  const { kind, arch = env.caps.arch } = type;
  if (kind !== 'hvm') report.add(osErrors['unsupported-type'], { type: kind }, whereIs(type));
  const runs = env.caps.arch === 'x86_64' ? ['x86_64', 'i686'] : [env.caps.arch];
  if (!runs.includes(arch)) {
    report.add(osErrors['unsupported-arch'], { arch, emulator, runs }, whereIs(type, '@arch'));
    return { ...type, arch, machine: type.machine ?? '' };
  }
  return { ...type, arch, machine: machineName(type, cx) };
}

/** The machine type by its own name, never by an alias: an alias is another machine with the next QEMU. */
function machineName(type: OsType, { env, report, domain }: ResolveContext): string {
  const { caps } = env;
  const accel = domain.type === 'kvm' ? 'kvm' : 'tcg';
  const machines = (caps.accel[accel] ?? caps.accel.tcg).machines;
  if (type.machine === undefined) return defaultMachine(machines);
  // QEMU's machine `none` is for asking QEMU questions, and nothing runs on it.
  const found = type.machine === 'none' ? undefined : findMachine(caps, accel, type.machine);
  if (found !== undefined) return found.name;
  const emulator = domain.devices.emulator ?? env.binary;
  const known = machines.map(({ name }) => name);
  report.add(
    osErrors['unknown-machine'],
    { machine: type.machine, emulator, known },
    whereIs(type, '@machine'),
  );
  return type.machine;
}

function defaultMachine(machines: readonly MachineInfo[]): string {
  return machines.find((m) => m.default)?.name ?? 'pc';
}

/** There are four classes of boot devices. */
const MOST_BOOT_CLASSES = 4;

/** Without any boot order the first hard disk boots. */
function bootDevices(os: OsXml, { domain, report }: ResolveContext): OsXml['boot'] {
  if (os.boot.length === 0) return hasDeviceOrder(domain) ? [] : [{ dev: 'hd' }];
  for (const extra of os.boot.slice(MOST_BOOT_CLASSES))
    report.add(osErrors['too-many-boots'], { dev: extra.dev }, whereIs(extra, '@dev'));
  return os.boot.slice(0, MOST_BOOT_CLASSES);
}

function hasDeviceOrder({ devices }: ParsedDomain): boolean {
  return (['disk', 'filesystem', 'interface', 'hostdev', 'redirdev'] as const).some((kind) =>
    (
      devices[kind] as readonly { readonly boot?: { readonly order?: number | undefined } | undefined }[]
    ).some((device) => device.boot?.order !== undefined),
  );
}
