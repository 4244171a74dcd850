import {
  addFdOption,
  type CompileEnv,
  fdSetPath,
  type HostRequirement,
  type KeyValue,
  keysOption,
  type Origin,
  type QemuOption,
  schemaHas,
} from '../../../plan/index.ts';
import type { Emission, EmitContext } from '../../context.ts';
import { fileOwner } from '../file-owner.ts';
import type { SourceSeclabel } from '../source-seclabel.ts';
import { tlsCredentials } from '../tls-credentials.ts';
import { type Chardev, udpEnds } from './model.ts';
import type { ChardevSource } from './schema.ts';

/** Whose character device it is, in QEMU's words. */
export interface ChardevUser {
  /** The device's id (`serial0`); the character device is called `charserial0`. */
  readonly device: string;
  readonly from?: Origin;
  /** What a `spicevmc` channel carries; `vdagent` unless said otherwise. */
  readonly spiceName?: 'vdagent' | 'usbredir' | 'smartcard';
  /** A host device is a parallel port, not a serial one. */
  readonly parallel?: boolean;
  /** Where the socket is, if the domain does not say. */
  readonly ownPath?: string;
}

type Keys = readonly (readonly [string | null, KeyValue[1] | undefined])[];

interface Backend {
  readonly name: string;
  readonly keys: Keys;
  /** What must come before it on the command line. */
  readonly before?: readonly QemuOption[];
  readonly host?: readonly HostRequirement[];
}

/** The id of a device's character device: `charserial0`. */
export function chardevId(device: string): string {
  return `char${device}`;
}

/**
 * `-chardev` of a device and what it needs: TLS credentials, and descriptors of the files and listening sockets,
 * which are opened by who starts QEMU, so that QEMU itself needs no right to make them.
 * Source: QEMU's `-chardev` (up to 10.0 it takes no JSON).
 */
export function emitChardev(chardev: Chardev, user: ChardevUser, cx: EmitContext): Emission {
  const { name, keys, before = [], host = [] } = backendOf(chardev, user, cx.env);
  const owners = namedFiles(chardev).flatMap(([path, seclabel]) =>
    fileOwner(user.device, path, { access: 'write', seclabel }, cx),
  );
  const log = logOf(chardev, user);
  const option = keysOption(
    '-chardev',
    [[null, name], ['id', chardevId(user.device)], ...keys, ...log.keys],
    user.from,
  );
  return {
    options: [...before, ...(log.before ?? []), option],
    host: [...host, ...(log.host ?? []), ...owners].map((h) => ({
      ...h,
      ...(user.from && { from: user.from }),
    })),
  };
}

/** What QEMU opens by its name: a device of the host, the two ends of a pipe, a socket that somebody else listens on. */
function namedFiles({
  type,
  source: [source],
}: Chardev): readonly (readonly [string, readonly SourceSeclabel[]])[] {
  const { path, seclabel = [], mode } = source ?? {};
  if (path === undefined) return [];
  if (type === 'dev' || (type === 'unix' && mode !== 'bind')) return [[path, seclabel]];
  return type === 'pipe'
    ? [
        [`${path}.in`, seclabel],
        [`${path}.out`, seclabel],
      ]
    : [];
}

function backendOf(chardev: Chardev, user: ChardevUser, env: CompileEnv): Backend {
  const { type } = chardev;
  const source: Partial<ChardevSource> = chardev.source[0] ?? {};
  switch (type) {
    case 'dev':
      return { name: user.parallel ? 'parallel' : 'serial', keys: [['path', source.path]] };
    case 'pipe':
      return { name: type, keys: [['path', source.path]] };
    case 'file':
      return file(source, user);
    case 'unix':
      return unixSocket(source, user, env);
    case 'tcp':
      return tcpSocket(chardev, source, user, env);
    case 'udp':
      return { name: type, keys: udpKeys(chardev), host: portOf(user, 'udp', udpEnds(chardev).bind) };
    case 'spicevmc':
      return { name: type, keys: [['name', user.spiceName ?? 'vdagent']] };
    case 'spiceport':
    case 'dbus':
      return { name: type, keys: [['name', source.channel]] };
    case 'qemu-vdagent':
      return {
        name: type,
        keys: [
          ['name', 'vdagent'],
          ['clipboard', source.clipboard],
          ['mouse', source.mouse && source.mouse === 'client'],
        ],
      };
    case 'null':
    case 'vc':
    case 'pty':
    case 'stdio':
    case 'nmdm':
      return { name: type, keys: [] };
  }
}

function file(source: Partial<ChardevSource>, user: ChardevUser): Backend {
  const fd = `${user.device}-source`;
  return {
    name: 'file',
    keys: [
      ['path', fdSetPath(fd)],
      ['append', true],
    ],
    before: [addFdOption(fd, user.from)],
    host: [{ type: 'output-file', fd, path: source.path ?? '', append: source.append ?? false }],
  };
}

/** QEMU always appends: whether the file starts empty is decided where it is opened. */
function logOf({ log }: Chardev, user: ChardevUser): Omit<Backend, 'name'> {
  if (log?.file === undefined) return { keys: [] };
  const fd = `${user.device}-log`;
  return {
    keys: [
      ['logfile', fdSetPath(fd)],
      ['logappend', true],
    ],
    before: [addFdOption(fd, user.from)],
    host: [{ type: 'output-file', fd, path: log.file, append: log.append ?? false }],
  };
}

const SERVER: Keys = [
  ['server', true],
  ['wait', false],
];

function unixSocket(source: Partial<ChardevSource>, user: ChardevUser, env: CompileEnv): Backend {
  const path = source.path ?? user.ownPath ?? '';
  if (source.mode !== 'bind' && source.path !== undefined)
    return { name: 'socket', keys: [['path', path], ...reconnectKeys(source, env)] };
  const fd = `${user.device}-source`;
  return {
    name: 'socket',
    keys: [['fd', { fd }], ...SERVER],
    host: [{ type: 'unix-listener', fd, path, ownDirectory: source.path === undefined }],
  };
}

function tcpSocket(
  chardev: Chardev,
  source: Partial<ChardevSource>,
  user: ChardevUser,
  env: CompileEnv,
): Backend {
  const server = source.mode === 'bind';
  const tls = source.tls ?? env.config.chardevTls ?? false;
  const tlsId = `obj${chardevId(user.device)}_tls0`;
  const credentials = {
    id: tlsId,
    dir: env.config.chardevTlsX509CertDir,
    endpoint: server ? 'server' : 'client',
    secret: env.config.tlsSecrets?.chardev,
    device: user.device,
  } as const;
  const { options, host } = tlsCredentials(credentials, env, user.from);
  return {
    name: 'socket',
    keys: [
      ['host', source.host],
      ['port', source.service],
      ['telnet', chardev.protocol?.type === 'telnet' || undefined],
      ...(server ? SERVER : reconnectKeys(source, env)),
      ['tls-creds', tls ? tlsId : undefined],
    ],
    ...(tls && { before: options }),
    host: [...(tls ? host : []), ...(server ? portOf(user, 'tcp', source) : [])],
  };
}

/** The port at which QEMU listens; the kernel chooses one where it is 0, and one may have a name. */
function portOf(
  { device }: ChardevUser,
  protocol: 'tcp' | 'udp',
  { host: address = '', service }: Partial<ChardevSource> = {},
): readonly HostRequirement[] {
  const port = Number(service);
  return port > 0 ? [{ type: 'port', device, protocol, address, port }] : [];
}

/** QEMU 9.2 took milliseconds in place of seconds. */
/** Whether, and how soon, QEMU connects again; `enabled` no is 0. */
export interface Reconnect {
  readonly enabled?: boolean | undefined;
  readonly timeout?: number | undefined;
}

/** `reconnect-ms` of a client socket, in seconds (`reconnect`) before QEMU 9.2. */
export function reconnectKeys(
  { reconnect }: { readonly reconnect?: Reconnect | undefined },
  { caps }: CompileEnv,
): Keys {
  if (reconnect === undefined) return [];
  const seconds = reconnect.enabled ? (reconnect.timeout ?? 0) : 0;
  return schemaHas(caps, 'chardev-add', 'backend', 'data', 'reconnect-ms')
    ? [['reconnect-ms', seconds * 1000]]
    : [['reconnect', seconds]];
}

function udpKeys(chardev: Chardev): Keys {
  const { bind, connect } = udpEnds(chardev);
  return [
    ['host', connect?.host ?? ''],
    ['port', connect?.service ?? ''],
    ['localaddr', bind?.host ?? ''],
    ['localport', bind?.service ?? '0'],
  ];
}
