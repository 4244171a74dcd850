import { randomUUID } from 'node:crypto';
import { isAbsolute, join } from 'node:path';
import type { DomainDocument } from '../compile/index.ts';
import { fail } from '../errors/index.ts';
import { gatherFacts } from '../host/gather-facts.ts';
import type { NamedImage } from '../host/images/read-images.ts';
import type { Directories } from '../machine/directories.ts';
import { runDirectory } from '../machine/files.ts';
import { checkName } from '../machine/names.ts';
import { ownersFor } from '../machine/owners.ts';
import type { CompileConfig, CompileEnv, HostFacts, Profile } from '../plan/index.ts';
import { cachedCaps } from '../qmp/capabilities/cache.ts';
import { type OutElement, printXml, whereIs } from '../xml/index.ts';
import type { Config } from './config.ts';
import { environmentErrors } from './errors.ts';

/** Where a domain names no emulator. */
export const DEFAULT_EMULATOR = '/usr/bin/qemu-system-x86_64';

export interface HostEnvironmentOptions {
  readonly directories: Directories;
  /** What `readConfig` gives. */
  readonly config?: Config;
  /** The frame around the guest, given the machine's run directory; what `startMachine` can start unless another is asked for. */
  readonly profile?: (runDir: string) => Profile;
  /** For a domain that has none of its own. */
  readonly uuid?: string;
  readonly incoming?: string;
  readonly abiUpdate?: boolean;
  /** Whether the images of disks are looked at, which they are unless it is false: a definition is independent of them. */
  readonly images?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * The environment of this host and of the QEMU that the domain names, which is asked once and remembered: all that `compile`
 * needs besides the domain.
 * @throws QdomError `machine/bad-name`, `environment/relative-emulator`, `capabilities/…` where QEMU cannot be asked
 */
export async function hostEnvironment(
  document: DomainDocument,
  {
    directories,
    config = {},
    profile = ownProfile,
    images = true,
    signal,
    uuid,
    ...options
  }: HostEnvironmentOptions,
): Promise<CompileEnv> {
  // Its files bear its name: what could not be started is not compiled as if it could.
  if (document.name !== undefined) checkName(document.name, whereIs(document.parsed, 'name'));
  const runDir = runDirectory(directories, document.name ?? '');
  checkEmulator(document);
  const binary = document.emulator ?? config.emulator ?? DEFAULT_EMULATOR;
  const cacheDir = join(directories.state, 'cache');
  const caps = await cachedCaps(binary, { cacheDir, ...(signal && { signal }) });
  const facts = gatherFacts({
    ports: needsFreePorts(document),
    hugepagesDir: join(directories.run, 'hugepages'),
  });
  return {
    caps,
    binary,
    facts: {
      ...facts,
      ...(await portsNotListenedAtYet(document, facts, directories)),
      numa: { ...facts.numa, ...(await placementAdvice(document)) },
      networks: { ...networkFacts(config), ...(await virtualNetworks(document, directories)) },
      ...(images && { images: await readDiskImages(document) }),
      ...(await mediatedDevices(document, directories)),
    },
    config: compileConfig(directories, runDir, config),
    profile: profile(runDir),
    uuid: document.uuid ?? uuid ?? randomUUID(),
    ...options,
  };
}

function ownProfile(runDir: string): Profile {
  return { kind: 'qdom', runDir };
}

function checkEmulator({ emulator, parsed }: DomainDocument): void {
  if (emulator === undefined || isAbsolute(emulator)) return;
  const where = whereIs(parsed.devices, 'emulator');
  throw fail(environmentErrors['relative-emulator'], { emulator }, { where });
}

/** Directories that end up in argv. */
function compileConfig(
  directories: Directories,
  runDir: string,
  { tls = {}, ...config }: Config,
): CompileConfig {
  const { vncTls = false, vncSasl = false, spiceTls = false, spiceSasl = false, chardevTls = false } = config;
  const pki = (kind: string) => join(directories.config, 'pki', kind);
  return {
    domainId: 1,
    libDir: directories.state,
    channelTargetDir: join(runDir, 'channel'),
    memoryBackingDir: config.memoryBackingDir ?? join(directories.state, 'ram'),
    allocateHugepages: config.allocateHugepages ?? false,
    restrictDevices: config.restrictDevices ?? false,
    nvramDir: config.nvramDir ?? join(directories.state, 'nvram'),
    passtStateDir: runDir,
    dbusStateDir: runDir,
    rdpStateDir: runDir,
    vncTlsX509CertDir: tls.vnc ?? pki('vnc'),
    spiceTlsX509CertDir: tls.spice ?? pki('spice'),
    chardevTlsX509CertDir: tls.chardev ?? pki('chardev'),
    nbdTlsX509CertDir: tls.nbd ?? pki('nbd'),
    vxhsTlsX509CertDir: pki('vxhs'),
    rdpTlsX509CertDir: pki('rdp'),
    migrateTlsX509CertDir: tls.migrate ?? pki('migrate'),
    backupTlsX509CertDir: tls.backup ?? pki('backup'),
    vncSaslDir: '/etc/sasl2',
    spiceSaslDir: '/etc/sasl2',
    ...(config.tlsSecrets && { tlsSecrets: config.tlsSecrets }),
    dumpGuestCore: config.dumpGuestCore ?? false,
    ...processConfig(config),
    ...{ vncTls, vncSasl, spiceTls, spiceSasl, chardevTls },
  };
}

/** As whom QEMU runs, and what it may. */
function processConfig(config: Omit<Config, 'tls'>): Partial<CompileConfig> {
  const { maxCore, maxFiles, maxProcesses, user, group, dynamicOwnership, seccompSandbox } = config;
  return {
    ...(maxCore !== undefined && { maxCore: maxCore === 'unlimited' ? maxCore : BigInt(maxCore) }),
    ...(maxFiles !== undefined && { maxFiles }),
    ...(maxProcesses !== undefined && { maxProcesses }),
    ...(user !== undefined && { user }),
    ...(group !== undefined && { group }),
    ...(dynamicOwnership !== undefined && { dynamicOwnership }),
    ...(seccompSandbox !== undefined && { seccompSandbox }),
  };
}

/** The virtual networks that the configuration names, each a bridge of the host, as libvirt would define them. */
function networkFacts({ networks = {} }: Config): HostFacts['networks'] {
  return Object.fromEntries(
    Object.entries(networks).map(([name, { bridge }]) => [
      name,
      { definition: printXml(bridgeNetwork(name, bridge)) },
    ]),
  );
}

/** The virtual networks that are defined or active, where the domain is on one; what is active counts. */
async function virtualNetworks(
  { parsed }: DomainDocument,
  directories: Directories,
): Promise<HostFacts['networks']> {
  if (!parsed.devices.interface.some(({ type }) => type === 'network')) return {};
  const { realHost } = await import('../host/real.ts');
  const { activeNetworks, definedNetworks } = await import('../machine/networks/registry.ts');
  const cx = { host: realHost(), directories };
  return Object.fromEntries(
    [...definedNetworks(cx), ...activeNetworks(cx)].map(({ name, xml }) => [name, { definition: xml }]),
  );
}

/** The mediated devices that are defined, where the domain has any. */
async function mediatedDevices(
  { parsed }: DomainDocument,
  directories: Directories,
): Promise<Pick<HostFacts, 'mediatedDevices'>> {
  if (!parsed.devices.hostdev.some(({ type }) => type === 'mdev')) return {};
  const { realHost } = await import('../host/real.ts');
  const { definedMdevs } = await import('../machine/mdevs/registry.ts');
  const defined = definedMdevs({ host: realHost(), directories });
  return { mediatedDevices: Object.fromEntries(defined.map((one) => [one.uuid, one])) };
}

function bridgeNetwork(name: string, bridge: string): OutElement {
  const element = (tag: string, attributes: OutElement['attributes'], text?: string): OutElement => ({
    name: tag,
    attributes,
    children: [],
    ...(text !== undefined && { text }),
  });
  const children = [
    element('name', [], name),
    element('forward', [['mode', 'bridge']]),
    element('bridge', [['name', bridge]]),
  ];
  return { ...element('network', []), children };
}

/** The host nodes for a domain that leaves open where it runs; nothing is asked for others. */
async function placementAdvice({ parsed }: DomainDocument): Promise<Partial<HostFacts['numa']>> {
  const { vcpu, numatune, memory, cpu } = parsed;
  if (vcpu?.placement !== 'auto' && numatune?.memory?.placement !== 'auto') return {};
  const { adviseNodes } = await import('../host/placement.ts');
  const { realHost } = await import('../host/real.ts');
  const ofCellsKiB = (cpu?.numa?.cell ?? []).reduce((all, cell) => all + cell.sizeKiB, 0);
  const needs = { vcpus: vcpu?.current ?? vcpu?.count ?? 1, memoryKiB: memory?.sizeKiB || ofCellsKiB };
  const advice = await adviseNodes(needs, realHost());
  return advice === undefined ? {} : { advisedNodeset: advice.nodeset, advisedBy: advice.by };
}

/** Whether a port is to be chosen: for every display but a VNC one whose port is written. */
function needsFreePorts({ parsed }: DomainDocument): boolean {
  return parsed.devices.graphics.some((g) => g.type !== 'vnc' || g.autoport === true || (g.port ?? 0) <= 0);
}

/** Ports that other machines have taken, whose QEMU may be about to listen there. */
async function portsNotListenedAtYet(
  document: DomainDocument,
  { listeningPorts }: HostFacts,
  directories: Directories,
): Promise<Pick<HostFacts, 'listeningPorts'>> {
  if (listeningPorts === undefined) return {};
  const [{ portsOfMachines }, { realHost }] = await Promise.all([
    import('../host/ports.ts'),
    import('../host/real.ts'),
  ]);
  const host = realHost();
  const owners = ownersFor({ host, directories }, document.name ?? '');
  const taken = portsOfMachines('tcp', host, owners).flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index),
  );
  return { listeningPorts: [...listeningPorts, ...taken] };
}

/** What the images say of themselves from which QEMU would go on by itself: the last that the XML names of each disk. */
async function readDiskImages({ parsed }: DomainDocument): Promise<NonNullable<HostFacts['images']>> {
  const disks = parsed.devices.disk.flatMap(({ source, driver, backingStore }) =>
    imagesOf({ source, format: { type: driver?.type ?? 'raw' }, backingStore }),
  );
  if (disks.length === 0) return {};
  const [{ readImages }, { realHost }] = await Promise.all([
    import('../host/images/read-images.ts'),
    import('../host/real.ts'),
  ]);
  return readImages(realHost(), disks);
}

type Disk = DomainDocument['parsed']['devices']['disk'][number];
type Store = Pick<NonNullable<Disk['backingStore']>, 'source' | 'format' | 'backingStore'>;

function imagesOf({ source, format, backingStore }: Store): readonly NamedImage[] {
  const path =
    source?.kind === 'file' && source.fdgroup === undefined
      ? source.file
      : source?.kind === 'block'
        ? source.dev
        : undefined;
  return [
    ...(path === undefined || path === '' ? [] : [{ path, format: format?.type ?? 'raw' }]),
    ...(backingStore === undefined ? [] : imagesOf(backingStore)),
  ];
}
