import { whereIs } from '../../../xml/index.ts';
import type { ResolveContext } from '../../context.ts';
import { graphicsErrors } from './errors.ts';
import { resolveListens } from './listen.ts';
import { type Graphics, type GraphicsOf, SPICE_CHANNELS, type Spice, type Vnc } from './schema.ts';

/** Fills in ports, listens and what the old ways of writing them stand for. */
export function resolveGraphics(xml: Graphics, cx: ResolveContext): Graphics {
  checkListens(xml, cx);
  switch (xml.type) {
    case 'vnc':
      return resolveVnc(xml, cx);
    case 'spice':
      return resolveSpice(xml);
    case 'dbus':
      return resolveDbus(xml);
    case 'sdl': {
      const { fullscreen, ...sdl } = xml;
      return { ...sdl, ...(fullscreen && { fullscreen }) };
    }
    case 'rdp':
      return { ...resolveListens(xml), ...vncPort(xml) };
    default:
      return xml;
  }
}

/** What two ways of writing say must be the same; asked here because resolving leaves one of them. */
function checkListens(xml: Graphics, cx: ResolveContext): void {
  if (!('listen' in xml)) return;
  const [first] = xml.listen;
  const attribute = xml.listenAddress;
  if (attribute && first?.type === 'address' && first.address !== undefined && first.address !== attribute)
    cx.report.add(
      graphicsErrors['other-listen'],
      { attribute, address: first.address },
      whereIs(first, '@address'),
    );
  if (
    'socket' in xml &&
    xml.socket &&
    first?.type === 'socket' &&
    first.socket &&
    first.socket !== xml.socket
  )
    cx.report.add(
      graphicsErrors['other-socket'],
      { attribute: xml.socket, socket: first.socket },
      whereIs(first, '@socket'),
    );
  for (const listen of xml.listen) {
    if (listen.type === 'network' && !listen.network)
      cx.report.add(graphicsErrors['network-missing'], undefined, whereIs(listen));
    if (listen.type !== 'network' && listen.network !== undefined)
      cx.report.add(graphicsErrors['network-elsewhere'], { type: listen.type }, whereIs(listen, '@network'));
    if (listen.type !== 'socket' && listen.socket !== undefined)
      cx.report.add(graphicsErrors['socket-elsewhere'], { type: listen.type }, whereIs(listen, '@socket'));
  }
}

/** A socket in the directory of libvirt's own sockets was chosen by libvirt at a start; as a definition it is none. */
function withoutOwnSockets(vnc: Vnc, { env, report }: ResolveContext): Vnc {
  const { socket, ...rest } = vnc;
  const isOwn = ({ type, socket: path }: Vnc['listen'][number]) =>
    type === 'socket' && path?.startsWith(env.config.libDir);
  for (const listen of vnc.listen)
    if (isOwn(listen))
      report.add(graphicsErrors['own-socket'], { socket: listen.socket ?? '' }, whereIs(vnc, '@socket'));
  const listen = vnc.listen.map((one) => (isOwn(one) ? { type: 'address' as const } : one));
  return { ...rest, ...(listen[0]?.type === 'socket' && { socket }), listen };
}

function resolveVnc(xml: Vnc, cx: ResolveContext): Vnc {
  const resolved = withoutOwnSockets(resolveListens(withPassword(xml)), cx);
  const { port: _, autoport: __, websocket, ...rest } = resolved;
  const listensAtPort = rest.listen[0]?.type === 'address' || rest.listen[0]?.type === 'network';
  return {
    ...rest,
    ...(listensAtPort && { ...vncPort(xml), ...(websocket !== undefined && { websocket }) }),
  };
}

/** A port of its own, or one that is chosen at start; 0 is none. */
function vncPort({ port, autoport }: Pick<Vnc, 'port' | 'autoport'>): Pick<Vnc, 'port' | 'autoport'> {
  const auto = autoport ?? (port === undefined || port === -1);
  if (auto) return { port: -1, autoport: true };
  const none = port === undefined || port === 0 || port === -1;
  return { autoport: false, ...(!none && { port }) };
}

function withPassword<T extends Pick<Vnc, 'passwd' | 'passwdValidTo' | 'connected'>>(xml: T): T {
  if (xml.passwd !== undefined) return xml;
  const { passwdValidTo: _, connected: __, ...rest } = xml;
  return rest as T;
}

/** Of SPICE the attribute `socket` is read only for a listen of that type. */
function ownSocket(xml: Spice): Spice {
  const { socket, ...rest } = xml;
  return xml.listen[0]?.type === 'socket' ? xml : rest;
}

/** Without any port a SPICE server listens nowhere: clients come over a descriptor. */
function resolveSpice(xml: Spice): Spice {
  const { port, tlsPort, autoport, defaultMode, channel, ...rest } = resolveListens(
    ownSocket(withPassword(xml)),
  );
  const [first, ...others] = rest.listen;
  const auto = autoport === true || (port === -1 && tlsPort === -1);
  const some = auto || Boolean(port) || Boolean(tlsPort);
  const atPort = first?.type === 'address' || first?.type === 'network';
  const { socket: _, listenAddress, ...spice } = rest;
  return {
    ...spice,
    channel: channels(channel),
    ...(defaultMode !== undefined && defaultMode !== 'any' && { defaultMode }),
    ...(first?.type === 'address' && !some && { listen: [{ type: 'none' as const }, ...others] }),
    ...(first?.type === 'network' && !some && { autoport: false }),
    ...(atPort && some && listenAddress !== undefined && { listenAddress }),
    ...(atPort && auto && { autoport: true }),
    ...(atPort && some && !auto && { autoport: false, ...(port && { port }), ...(tlsPort && { tlsPort }) }),
  };
}

/** One entry a channel, the last one written; `any` is what a channel has anyway. */
function channels(written: Spice['channel']): Spice['channel'] {
  return SPICE_CHANNELS.flatMap((name) => {
    const entry = written.findLast((c) => c.name === name);
    return entry === undefined || entry.mode === 'any' ? [] : [entry];
  });
}

function resolveDbus({ p2p, ...rest }: GraphicsOf<'dbus'>): GraphicsOf<'dbus'> {
  return { ...rest, ...(p2p && { p2p }) };
}
