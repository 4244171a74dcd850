import type { Origin, PropValue, QemuOption } from '../../../plan/index.ts';
import type { Context } from '../../context.ts';
import { secretObject } from '../secret.ts';
import { DEFAULT_PORTS } from './default-ports.ts';
import { cookieSecretId } from './names.ts';
import type { ProtocolSource } from './network-source.ts';
import type { StorageAuth } from './parts.ts';

export type CurlSource = ProtocolSource<'http' | 'https' | 'ftp' | 'ftps' | 'tftp'>;

/** The node of a URL (QAPI: `BlockdevOptionsCurl…`); cookies go by a secret. */
export function curlNode(
  source: CurlSource,
  auth: StorageAuth | undefined,
  node: string,
  secretId: string | undefined,
  cx: Context,
  from?: Origin,
): { props: Readonly<Record<string, PropValue | undefined>>; cookies: QemuOption[] } {
  const hasCookies = 'cookies' in source && (source.cookies?.cookie.length ?? 0) > 0;
  const cookieSecret = hasCookies ? cookieSecretId(node) : undefined;
  return {
    props: {
      driver: source.protocol,
      url: urlOf(source),
      username: auth?.username,
      'password-secret': secretId,
      sslverify: 'ssl' in source ? source.ssl : undefined,
      'cookie-secret': cookieSecret,
      timeout: source.timeout || undefined,
      readahead: source.readahead || undefined,
    },
    cookies: cookieSecret === undefined ? [] : [secretObject(cookieSecret, cx, from)],
  };
}

function urlOf(source: CurlSource): string {
  const { name = '' } = source;
  const { name: address = '', port = DEFAULT_PORTS[source.protocol] } = source.hosts[0] ?? {};
  const host = address.includes(':') ? `[${address}]` : address;
  const path = encodePath(name.startsWith('/') ? name : `/${name}`);
  const query = 'query' in source && source.query !== undefined ? `?${source.query}` : '';
  return `${source.protocol}://${host}:${port}${path}${query}`;
}

/** Halves of characters, which no URL can hold. */
const LONE_SURROGATES = /\p{Surrogate}/gu;

/** A path as a URL has it (RFC 3986, `path`). */
function encodePath(path: string): string {
  return encodeURI(path.replace(LONE_SURROGATES, '\ufffd')).replace(/[?#:]/g, encodeURIComponent);
}
