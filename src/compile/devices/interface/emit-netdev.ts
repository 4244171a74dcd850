import {
  addFdOption,
  type FdList,
  type FdRef,
  fdSetPath,
  type HostRequirement,
  jsonOption,
  keysOption,
  type PropValue,
  type QemuOption,
  schemaHas,
} from '../../../plan/index.ts';
import type { Emission, EmitContext } from '../../context.ts';
import { changed } from '../../shared/changed.ts';
import type { Placed } from '../../shared/device-base.ts';
import { isVirtioModel } from '../../shared/virtio-options.ts';
import { linkRequirements } from './host.ts';
import { type Attachment, type Interface, modelOf } from './model.ts';
import { passtSocket } from './passt.ts';
import type { InterfaceOf } from './schema.ts';

type Entries = Record<string, PropValue | undefined>;

/** `-netdev` of a NIC, what must come before it, and what the host must give. */
export function emitNetdev(nic: Placed<Interface>, attachment: Attachment, cx: EmitContext): Emission {
  const { backend, before = [], host = [] } = backEnd(nic, attachment, cx);
  const netdev = jsonOption('-netdev', changed(backend, { id: `host${nic.id}` }));
  return { options: [...before, netdev], host };
}

interface BackEnd {
  readonly backend: Entries;
  readonly before?: readonly QemuOption[];
  readonly host?: readonly HostRequirement[];
}

function backEnd(nic: Placed<Interface>, attachment: Attachment, cx: EmitContext): BackEnd {
  if (attachment.kind === 'tap' || attachment.kind === 'macvtap') return tap(nic, attachment, cx);
  switch (nic.type) {
    case 'user':
      return nic.backend?.type === 'passt' ? passt(nic, cx) : { backend: slirp(nic) };
    case 'vhostuser':
      return vhostUser(nic, cx);
    case 'vdpa':
      return vdpa(nic);
    case 'mcast':
      return { backend: { type: 'socket', mcast: endpoint(nic.source) } };
    case 'server':
      return {
        backend: { type: 'socket', listen: endpoint(nic.source) },
        host: [portOf(nic, 'tcp', nic.source)],
      };
    case 'client':
      return { backend: { type: 'socket', connect: endpoint(nic.source) } };
    case 'udp':
      return {
        backend: { type: 'socket', udp: endpoint(nic.source), localaddr: endpoint(nic.source?.local) },
        host: [portOf(nic, 'udp', nic.source?.local)],
      };
    default:
      return { backend: { type: 'user' } };
  }
}

interface Endpoint {
  readonly address?: string | undefined;
  readonly port?: number | undefined;
}

/** `host:port`; a server without an address listens on all. */
function endpoint(source: Endpoint | undefined): string {
  return `${source?.address ?? ''}:${source?.port ?? ''}`;
}

function portOf(
  { id }: Placed<Interface>,
  protocol: 'tcp' | 'udp',
  { address = '', port = 0 }: Endpoint = {},
): HostRequirement {
  return { type: 'port', device: id, protocol, address, port };
}

/** One descriptor a queue, opened by who starts QEMU; with vhost, one of /dev/vhost-net a queue too. */
function tap(
  nic: Placed<Interface>,
  attachment: Extract<Attachment, { kind: 'tap' | 'macvtap' }>,
  cx: EmitContext,
): BackEnd {
  const isVirtio = isVirtioModel(modelOf(nic));
  const driver = nic.type === 'hostdev' ? undefined : nic.driver;
  const queues = isVirtio ? Math.max(driver?.queues ?? 1, 1) : 1;
  const names = (what: string, count: number) =>
    Array.from({ length: count }, (_, queue) => `${nic.id}-${what}${queue}`);
  const fds = names('tap', queues);
  // As libvirt does it: vhost is used where it is there, and demanded where the XML names it.
  const hasVhost = driver?.name === 'vhost' || (driver?.name !== 'qemu' && cx.env.facts.vhostNet !== false);
  const vhostFds = names('vhost', isVirtio && hasVhost ? queues : 0);
  return {
    backend: {
      type: 'tap',
      ...oneOrMore('fd', fds),
      ...(vhostFds.length > 0 && { vhost: true, ...oneOrMore('vhostfd', vhostFds) }),
      sndbuf: nic.tune?.sndbuf,
    },
    host: linkRequirements(nic, attachment, { fds, vhostFds }, cx.domain.uuid),
  };
}

function oneOrMore(key: string, fds: readonly string[]): Record<string, FdRef | FdList> {
  const [first] = fds;
  return fds.length === 1 && first !== undefined ? { [key]: { fd: first } } : { [`${key}s`]: { fds } };
}

/** QEMU's own user-mode network; `net` takes the subnet that an address is in. */
function slirp({ ip }: Interface): Entries {
  const v4 = ip.find((one) => one.family === 'ipv4');
  const v6 = ip.find((one) => one.family === 'ipv6');
  return {
    type: 'user',
    net: v4 && (v4.prefix ? `${v4.address}/${v4.prefix}` : v4.address),
    'ipv6-prefix': v6?.address,
    'ipv6-prefixlen': v6?.prefix || undefined,
  };
}

const RECONNECT_SECONDS = 5;

function passt(nic: Placed<InterfaceOf<'user'> & Interface>, cx: EmitContext): BackEnd {
  const { path, host } = passtSocket(nic, cx);
  return {
    backend: {
      type: 'stream',
      addr: { type: 'unix', path },
      server: false,
      ...(schemaHas(cx.env.caps, 'netdev_add', 'reconnect-ms')
        ? { 'reconnect-ms': RECONNECT_SECONDS * 1000 }
        : { reconnect: schemaHas(cx.env.caps, 'netdev_add', 'reconnect') ? RECONNECT_SECONDS : undefined }),
    },
    host,
  };
}

function vhostUser(nic: Placed<InterfaceOf<'vhostuser'> & Interface>, cx: EmitContext): BackEnd {
  const chardev = `char${nic.id}`;
  const isPasst = nic.backend?.type === 'passt';
  const { path, host } = isPasst ? passtSocket(nic, cx) : sharedSocket(nic);
  const isServer = !isPasst && nic.source?.mode === 'server';
  const { reconnect } = nic.source ?? {};
  const seconds = isPasst ? RECONNECT_SECONDS : reconnect?.enabled === false ? 0 : reconnect?.timeout;
  const keys = keysOption('-chardev', [
    [null, 'socket'],
    ['id', chardev],
    ['path', path],
    ['server', isServer ? true : undefined],
    ...reconnectKey(seconds, cx),
  ]);
  const queues = nic.driver?.queues ?? 0;
  return {
    backend: { type: 'vhost-user', chardev, queues: queues > 1 ? queues : undefined },
    before: [keys],
    host,
  };
}

function sharedSocket({ id, source }: Placed<InterfaceOf<'vhostuser'> & Interface>): {
  readonly path: string;
  readonly host: readonly HostRequirement[];
} {
  const path = source?.path ?? '';
  const listens = source?.mode === 'server';
  const reconnects = source?.reconnect?.enabled === true;
  return { path, host: [{ type: 'vhost-user-socket', device: id, path, listens, reconnects }] };
}

function reconnectKey(seconds: number | undefined, cx: EmitContext): [string, number | undefined][] {
  if (seconds === undefined) return [];
  return schemaHas(cx.env.caps, 'chardev-add', 'backend', 'data', 'reconnect-ms')
    ? [['reconnect-ms', seconds * 1000]]
    : [['reconnect', seconds]];
}

function vdpa(nic: Placed<InterfaceOf<'vdpa'> & Interface>): BackEnd {
  const fd = `${nic.id}-vdpa`;
  const queues = nic.driver?.queues ?? 0;
  return {
    backend: { type: 'vhost-vdpa', vhostdev: fdSetPath(fd), queues: queues > 1 ? queues : undefined },
    before: [addFdOption(fd)],
    host: [{ type: 'device-fd', fd, path: nic.source?.dev ?? '', isAlone: true }],
  };
}
