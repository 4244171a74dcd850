import { schemaHas } from '../../../plan/index.ts';
import { whereIs, xmlErrors } from '../../../xml/index.ts';
import type { Context } from '../../context.ts';
import { storageErrors as errors } from './errors.ts';
import { nfsId } from './network-node.ts';
import type { NetworkSource } from './network-source.ts';
import type { StorageHost } from './parts.ts';

/** Rules of a network source (format: `source`, `host`). */
export function validateNetwork(source: NetworkSource, cx: Context): void {
  const { protocol, name, hosts } = source;
  if (protocol === 'sheepdog') {
    cx.report.add(errors['protocol-gone'], { protocol }, whereIs(source, '@protocol'));
    return;
  }
  if (!schemaHas(cx.env.caps, 'blockdev-add', 'driver', `=${protocol}`))
    cx.report.add(errors['driver-unavailable'], { driver: protocol }, whereIs(source, '@protocol'));
  if (name === undefined) {
    if (protocol !== 'nbd') cx.report.add(errors['missing-name'], { protocol }, whereIs(source));
  } else validateName(source, name, cx);
  validateHostCount(source, cx);
  for (const host of hosts) validateHost(source, host, cx);
  validateOptions(source, cx);
}

/** How a name must look, where it is taken apart. */
const NAMES: { readonly [P in NetworkSource['protocol']]?: { pattern: RegExp; expected: string } } = {
  rbd: { pattern: /^[^/]+\/./, expected: "'pool/image'" },
  gluster: { pattern: /^[^/]+\/./, expected: "'volume/path'" },
  iscsi: { pattern: /^[^/]+(\/[0-9]+)?$/, expected: "'target/lun'" },
};

/** Whether a name is that of an iSCSI target, with or without the number of a unit. */
export function isIscsiName(name: string): boolean {
  return NAMES.iscsi?.pattern.test(name) === true;
}

function validateName(source: NetworkSource, name: string, cx: Context): void {
  const { protocol } = source;
  const rule = NAMES[protocol];
  if (rule !== undefined && !rule.pattern.test(name))
    cx.report.add(errors['bad-name'], { protocol, name, expected: rule.expected }, whereIs(source, '@name'));
}

function validateHostCount({ protocol, hosts, ...rest }: NetworkSource, cx: Context): void {
  const count = hosts.length;
  if (protocol === 'rbd') return;
  if (protocol === 'gluster') {
    if (count === 0) cx.report.add(errors['missing-host'], { protocol }, whereIs(rest));
  } else if (count !== 1) cx.report.add(errors['one-host'], { protocol, count }, whereIs(hosts[1] ?? rest));
}

const LAST_PORT = 65535;

function validateHost({ protocol }: NetworkSource, host: StorageHost, cx: Context): void {
  const { transport = 'tcp', port } = host;
  const known = protocol === 'gluster' ? ['tcp', 'unix'] : protocol === 'nbd' ? ['tcp', 'unix'] : ['tcp'];
  if (!known.includes(transport))
    cx.report.add(errors['transport-unsupported'], { protocol, transport }, whereIs(host, '@transport'));
  const attribute = transport === 'unix' ? 'socket' : 'name';
  if (host[attribute] === undefined)
    cx.report.add(errors['incomplete-host'], { transport, attribute }, whereIs(host));
  if (port !== undefined && port > LAST_PORT)
    cx.report.add(errors['port-range'], { port }, whereIs(host, '@port'));
  if (protocol === 'nfs' && port !== undefined)
    cx.report.add(errors['port-given'], { protocol, port }, whereIs(host, '@port'));
}

const COOKIE_NAME = /^[!#$%&'*+\-.0-9A-Z^_`a-z|~]+$/;
const COOKIE_VALUE = /^"?[!#$%&'()*+\-./0-9:>=<?@A-Z^_`[\]a-z|~]+"?$/;

/** The protocols that QEMU can wrap in TLS by itself. */
const HAS_TLS: ReadonlySet<string> = new Set(['nbd', 'vxhs']);

function validateTls(source: NetworkSource, cx: Context): void {
  const { protocol } = source;
  if (source.tls && !HAS_TLS.has(protocol))
    cx.report.add(errors['tls-unsupported'], { protocol }, whereIs(source, '@tls'));
  if (source.tlsHostname === undefined) return;
  if (protocol !== 'nbd')
    cx.report.add(errors['tls-hostname-unsupported'], { protocol }, whereIs(source, '@tlsHostname'));
  else if (!schemaHas(cx.env.caps, 'blockdev-add', 'tls-hostname'))
    cx.report.add(errors['option-unavailable'], { what: 'tlsHostname' }, whereIs(source, '@tlsHostname'));
}

function validateOptions(source: NetworkSource, cx: Context): void {
  validateTls(source, cx);
  if (source.protocol === 'ssh' && source.identity !== undefined && source.identity.username === undefined)
    cx.report.add(
      xmlErrors['missing-attribute'],
      { name: 'username', element: 'identity' },
      whereIs(source, 'identity'),
    );
  if (source.protocol === 'nfs')
    for (const what of ['user', 'group'] as const) {
      const id = source.identity?.[what];
      if (id !== undefined && nfsId(id) === undefined)
        cx.report.add(errors['nfs-identity'], { what, id }, whereIs(source, 'identity', `@${what}`));
    }
  if ('cookies' in source)
    for (const cookie of source.cookies?.cookie ?? [])
      if (!COOKIE_NAME.test(cookie.name) || !COOKIE_VALUE.test(cookie.value ?? ''))
        cx.report.add(errors['bad-cookie'], { name: cookie.name }, whereIs(cookie));
}
