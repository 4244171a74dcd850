import type { CompileEnv, Origin, Props, QemuOption } from '../../../plan/index.ts';
import type { Context } from '../../context.ts';
import { secretObject } from '../secret.ts';
import { tlsCredentials } from '../tls-credentials.ts';
import { curlNode } from './curl.ts';
import { DEFAULT_PORTS } from './default-ports.ts';
import type { Image } from './layer.ts';
import { authSecretId, encryptionSecretIds } from './names.ts';
import type { NetworkSource, ProtocolSource } from './network-source.ts';
import type { StorageHost } from './parts.ts';
import type { NodeProps, ProtocolNode } from './protocol.ts';

/** The storage node of a network source, and its secrets and certificates. */
export function networkNode(
  image: Image,
  source: NetworkSource,
  node: string,
  cx: Context,
  from?: Origin,
): ProtocolNode {
  const secretId = image.auth === undefined ? undefined : authSecretId(node);
  const secrets = secretId === undefined ? [] : [secretObject(secretId, cx, from)];
  const user = image.auth?.username;
  switch (source.protocol) {
    case 'nbd':
      return nbdNode(source, node, cx, from);
    case 'iscsi':
      return networked(
        { ...iscsiProps(source), user, 'password-secret': secretId, 'initiator-name': source.initiator?.iqn },
        secrets,
      );
    case 'rbd':
      return networked(rbdProps(image, source, secretId, cx.env), secrets);
    case 'gluster':
      return networked({
        driver: 'gluster',
        ...glusterPath(source.name ?? ''),
        server: source.hosts.map(glusterServer),
        debug: 4,
      });
    case 'http':
    case 'https':
    case 'ftp':
    case 'ftps':
    case 'tftp': {
      const { props, cookies } = curlNode(source, image.auth, node, secretId, cx, from);
      return networked(props, [...secrets, ...cookies]);
    }
    case 'ssh':
      return networked({
        driver: 'ssh',
        path: source.name ?? '',
        server: inet(source.hosts[0], DEFAULT_PORTS.ssh),
        user: user ?? source.identity?.username,
      });
    case 'nfs':
      return networked({
        driver: 'nfs',
        server: { host: source.hosts[0]?.name ?? '', type: 'inet' },
        path: source.name ?? '',
        user: nfsId(source.identity?.user),
        group: nfsId(source.identity?.group),
      });
    case 'vxhs':
    case 'sheepdog':
      // Refused by `validate`; QEMU has no such driver any more.
      return networked({ driver: source.protocol });
  }
}

function nbdNode(source: ProtocolSource<'nbd'>, node: string, cx: Context, from?: Origin): ProtocolNode {
  const props = {
    driver: 'nbd',
    server: server(source.hosts[0], DEFAULT_PORTS.nbd),
    export: source.name,
    'tls-creds': source.tls ? nbdTlsId(node) : undefined,
    'tls-hostname': source.tlsHostname,
    'reconnect-delay': source.reconnect?.delay || undefined,
  };
  return networked(props, source.tls ? nbdCredentials(node, '', cx.env, from).options : []);
}

/** The secret with the password of an NBD client's key; libvirt's profile always has one. */
function nbdSecret({ profile, config }: CompileEnv): string | undefined {
  return profile.kind === 'libvirt' ? '' : config.tlsSecrets?.nbd;
}

/** The client's certificate for an NBD server. */
export function nbdCredentials(
  node: string,
  device: string,
  env: CompileEnv,
  from?: Origin,
): ReturnType<typeof tlsCredentials> {
  const { nbdTlsX509CertDir: dir } = env.config;
  const own = { id: nbdTlsId(node), dir, secret: nbdSecret(env), device };
  return tlsCredentials({ ...own, endpoint: 'client' }, env, from);
}

function nbdTlsId(node: string): string {
  return `obj${node}_tls0`;
}

/** `target` and `lun` of an iSCSI name: `iqn…:storage/1`, LUN 0 if none is written. */
export function iscsiTarget(name: string): { readonly target: string; readonly lun: number } {
  const slash = name.indexOf('/');
  if (slash < 0) return { target: name, lun: 0 };
  return { target: name.slice(0, slash), lun: Number(name.slice(slash + 1)) };
}

function iscsiProps(source: ProtocolSource<'iscsi'>): NodeProps {
  const { name = '', port = DEFAULT_PORTS.iscsi } = source.hosts[0] ?? {};
  const host = name.includes(':') ? `[${name}]` : name;
  return { driver: 'iscsi', portal: `${host}:${port}`, ...iscsiTarget(source.name ?? ''), transport: 'tcp' };
}

function rbdProps(
  image: Image,
  source: ProtocolSource<'rbd'>,
  secretId: string | undefined,
  env: CompileEnv,
): NodeProps {
  const name = source.name ?? '';
  const slash = name.indexOf('/');
  return {
    driver: 'rbd',
    pool: name.slice(0, slash),
    image: name.slice(slash + 1),
    snapshot: source.snapshot,
    conf: source.config,
    server: source.hosts.length === 0 ? undefined : source.hosts.map((h) => rbdServer(h)),
    encrypt: rbdEncryption(image, env),
    user: image.auth?.username,
    'auth-client-required': secretId === undefined ? undefined : ['cephx', 'none'],
    'key-secret': secretId,
  };
}

/** librados has no default port of QEMU's making: an unnamed one is 0 there, which means Ceph's own. */
function rbdServer(host: StorageHost): Props {
  return { host: host.name ?? '', port: String(host.port ?? 0) };
}

/** librbd's own encryption: one secret a layer, the image's own first, then its parent's (QAPI: `RbdEncryptionOptions`). */
function rbdEncryption(image: Image, env: CompileEnv): Props | undefined {
  const { encryption } = image;
  if (encryption?.engine !== 'librbd') return undefined;
  return encryptionSecretIds(image, env).reduceRight<Props | undefined>(
    (parent, key) => ({ format: encryption.format, 'key-secret': key, ...(parent && { parent }) }),
    undefined,
  );
}

function glusterPath(name: string): NodeProps {
  const slash = name.indexOf('/', 1);
  return { volume: name.slice(0, slash).replace(/^\//, ''), path: name.slice(slash + 1) };
}

function glusterServer(host: StorageHost): Props {
  return server(host, DEFAULT_PORTS.gluster);
}

/** A QAPI `SocketAddress`. */
function server(host: StorageHost | undefined, defaultPort: number | undefined): Props {
  if (host?.transport === 'unix') return { type: 'unix', path: host.socket ?? '' };
  return { type: 'inet', ...inet(host, defaultPort) };
}

/** A QAPI `InetSocketAddressBase`. */
function inet(host: StorageHost | undefined, defaultPort: number | undefined): Props {
  return { host: host?.name ?? '', port: String(host?.port ?? defaultPort) };
}

/** `+1000` and `1000` are the number 1000, `root` is 0; other names are not looked up. */
export function nfsId(id: string | undefined): number | undefined {
  if (id === undefined) return undefined;
  return id === 'root' ? 0 : /^\+?[0-9]+$/.test(id) ? Number(id) : undefined;
}

function networked(props: NodeProps, objects: readonly QemuOption[] = []): ProtocolNode {
  return { props, objects, takesAio: false };
}
