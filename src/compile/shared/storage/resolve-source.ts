import { SOURCE } from '../../../xml/index.ts';
import type { Read } from '../../../xml/schema/index.ts';
import { sayingSeclabels } from '../source-seclabel.ts';
import { DEFAULT_PORTS } from './default-ports.ts';
import type { reconnectSchema, StorageEncryption, StorageHost } from './parts.ts';
import type { SourceOf, StorageSource } from './source.ts';

type Reconnect = Read<typeof reconnectSchema>;

/**
 * Fills in a source's defaults: an iSCSI LUN, ports, the encryption's engine, those of a data file. A label that says
 * nothing is dropped.
 */
export function resolveSource(source: StorageSource): StorageSource {
  if (source.kind === 'vhostuser') return withReconnect(source, ['enabled', 'timeout']);
  if (source.kind === 'vhostvdpa') return source;
  const { encryption, dataStore } = source;
  const resolved = {
    ...resolveKind(source),
    ...(encryption && { encryption: withEngine(encryption) }),
    ...(dataStore?.source && { dataStore: { ...dataStore, source: resolveSource(dataStore.source) } }),
  } as StorageSource;
  if (!('seclabel' in resolved) || resolved.seclabel.length === 0) return resolved;
  return { ...resolved, seclabel: sayingSeclabels(resolved.seclabel) };
}

function resolveKind(source: StorageSource): StorageSource {
  if (source.kind === 'network') return resolveNetwork(source);
  if (source.kind === 'nvme') return resolveNvme(source);
  return withoutEmptyPath(source);
}

function resolveNvme(source: SourceOf<'nvme'>): StorageSource {
  const { domain = 0, bus = 0, slot = 0, function: fn = 0 } = source.address;
  const address = { ...source.address, domain, bus, slot, function: fn };
  return { ...source, managed: source.managed ?? true, address };
}

function resolveNetwork(source: SourceOf<'network'>): StorageSource {
  const hosts = source.hosts.map((host) => resolveHost(host, DEFAULT_PORTS[source.protocol]));
  if (source.protocol === 'iscsi') return { ...source, hosts, name: withLun(source.name) };
  if (source.protocol === 'nbd') return withReconnect({ ...source, hosts }, ['delay']);
  return { ...source, hosts };
}

/** TCP is what a host is reached by anyway. */
function resolveHost(host: StorageHost, defaultPort: number | undefined): StorageHost {
  const { transport, socket, port, ...rest } = host;
  if (transport === 'unix') return { [SOURCE]: host[SOURCE], transport, socket };
  if (transport === 'rdma') return { ...rest, socket, transport, port: port || undefined };
  return { ...rest, socket, port: port || defaultPort };
}

/** A server of blocks is tried again after a delay, a socket of this host for some time. */
function withReconnect<S extends { readonly reconnect?: Reconnect | undefined }>(
  source: S,
  known: readonly (keyof Reconnect & string)[],
): S {
  const { reconnect, ...rest } = source;
  if (reconnect === undefined) return source;
  const kept = Object.fromEntries(
    known.map((key) => [key, reconnect[key]]).filter(([, value]) => value !== undefined && value !== 0),
  );
  return { ...rest, reconnect: { ...kept, [SOURCE]: reconnect[SOURCE] } } as unknown as S;
}

/** `file=''` is an empty drive. */
function withoutEmptyPath(source: StorageSource): StorageSource {
  if (source.kind === 'file' && source.file === '') return { ...source, file: undefined };
  if (source.kind === 'block' && source.dev === '') return { ...source, dev: undefined };
  return source;
}

function withLun(name: string | undefined): string | undefined {
  return name === undefined || name.includes('/') ? name : `${name}/0`;
}

/** QEMU decrypts unless librbd is asked to. */
export function withEngine(encryption: StorageEncryption): StorageEncryption {
  return { ...encryption, engine: encryption.engine ?? 'qemu' };
}
