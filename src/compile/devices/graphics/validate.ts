import { hasOption, type QemuCaps } from '../../../plan/index.ts';
import { SOURCE, whereIs } from '../../../xml/index.ts';
import type { ValidateContext } from '../../context.ts';
import { hasDbusDisplay } from '../../shared/dbus-display.ts';
import type { Placed } from '../../shared/device-base.ts';
import { audioOf } from '../audio/backend.ts';
import { audioErrors } from '../audio/errors.ts';
import { graphicsErrors } from './errors.ts';
import { placeOf } from './listen.ts';
import type { Graphics, GraphicsOf, Spice, Vnc } from './schema.ts';

const FIRST_VNC_PORT = 5900;
const LAST_PORT = 65535;
/** RFB's DES key. */
const VNC_PASSWORD_BYTES = 8;

export function validateGraphics(graphics: Placed<Graphics>, cx: ValidateContext): void {
  const { type } = graphics;
  const where = whereIs(graphics, '@type');
  if (cx.domain.devices.graphics.find((g) => g.type === type)?.id !== graphics.id)
    cx.report.add(graphicsErrors['duplicate-type'], { type }, where);
  if (!isCompiledIn(type, cx.env.caps)) cx.report.add(graphicsErrors['type-unavailable'], { type }, where);
  switch (graphics.type) {
    case 'vnc':
      validateVnc(graphics, cx);
      break;
    case 'spice':
      validateSpice(graphics, cx);
      break;
    case 'dbus':
      validateDbus(graphics, cx);
      break;
    case 'rdp':
      if (!cx.domain.devices.graphics.some((g) => g.type === 'dbus' && !g.p2p))
        cx.report.add(graphicsErrors['rdp-without-dbus'], undefined, where);
      else if (!cx.env.facts.qemuRdp) cx.report.add(graphicsErrors['rdp-unavailable'], undefined, where);
      break;
    case 'desktop':
      cx.report.add(graphicsErrors['unsupported-type'], { type }, where);
      break;
  }
  validateGl(graphics, cx);
}

/** QEMU can be built without a kind of graphics, or be too old for it. */
function isCompiledIn(type: Graphics['type'], caps: QemuCaps): boolean {
  if (type === 'vnc' || type === 'spice') return hasOption(caps, type);
  return type !== 'dbus' || hasDbusDisplay(caps);
}

function validateListens(graphics: Vnc | Spice, cx: ValidateContext): void {
  const { type, listen } = graphics;
  if (listen.length > 1)
    cx.report.add(
      graphicsErrors['several-listens'],
      { type, count: listen.length },
      whereIs(listen[1] ?? graphics),
    );
  const place = placeOf(graphics, cx.domain.name, cx.env);
  // QEMU takes what stands before a '=' for the name of an option of `-vnc`.
  if (place.kind === 'address' && /[\s,=]/.test(place.address))
    cx.report.add(
      graphicsErrors['not-an-address'],
      { type, address: place.address },
      listen[0]?.[SOURCE] === undefined ? whereIs(graphics, '@listen') : whereIs(listen[0], '@address'),
    );
  if (place.kind === 'unknown-network')
    cx.report.add(graphicsErrors['unknown-network'], { network: place.network }, whereIs(listen[0]));
}

function validateVnc(vnc: Vnc, cx: ValidateContext): void {
  const { port, autoport, passwd, connected } = vnc;
  validateListens(vnc, cx);
  validateAudio(vnc.audio?.id, vnc, cx);
  if (cx.domain.devices.audio.length === 0)
    cx.report.add(graphicsErrors['no-audio'], { type: vnc.type }, whereIs(vnc, '@type'));
  const fixed = autoport === false;
  if (fixed && (port === undefined || port < FIRST_VNC_PORT || port > LAST_PORT))
    cx.report.add(graphicsErrors['vnc-port'], { port: String(port ?? 0) }, whereIs(vnc, '@port'));
  if (passwd !== undefined && passwd.length > VNC_PASSWORD_BYTES)
    cx.report.add(graphicsErrors['vnc-password-length'], { length: passwd.length }, whereIs(vnc, '@passwd'));
  if (connected !== undefined && connected !== 'keep')
    cx.report.add(graphicsErrors['vnc-connected'], { connected }, whereIs(vnc, '@connected'));
}

function validateSpice(spice: Spice, cx: ValidateContext): void {
  const { autoport, port, tlsPort, defaultMode, gl, listen } = spice;
  validateListens(spice, cx);
  const where = whereIs(spice, '@defaultMode');
  if (autoport === false && defaultMode === 'secure' && tlsPort === undefined)
    cx.report.add(graphicsErrors['no-secure-port'], undefined, where);
  if (autoport === false && defaultMode === 'insecure' && port === undefined)
    cx.report.add(graphicsErrors['no-plain-port'], undefined, where);
  const type = listen[0]?.type;
  const secure = spice.channel.find((c) => c.mode === 'secure');
  const atPort = type === 'address' || type === 'network';
  const hasTls = atPort && (autoport === true || tlsPort !== undefined);
  if (!hasTls && secure !== undefined)
    cx.report.add(
      graphicsErrors['no-secure-connection'],
      { what: `channel '${secure.name}'` },
      whereIs(secure, '@mode'),
    );
  if (!atPort && defaultMode === 'secure')
    cx.report.add(graphicsErrors['no-secure-connection'], { what: "defaultMode 'secure'" }, where);
  if (gl?.enable && atPort) cx.report.add(graphicsErrors['gl-over-network'], { type }, whereIs(spice, 'gl'));
}

function validateDbus(dbus: GraphicsOf<'dbus'>, cx: ValidateContext): void {
  const { p2p, busAddress, audio } = dbus;
  if (p2p && busAddress !== undefined)
    cx.report.add(graphicsErrors['p2p-with-address'], { address: busAddress }, whereIs(dbus, '@address'));
  validateAudio(audio?.id, dbus, cx);
  const backend = audio === undefined ? undefined : audioOf(cx.domain, audio.id);
  if (backend !== undefined && backend.type !== 'dbus')
    cx.report.add(graphicsErrors['dbus-audio'], { type: backend.type }, whereIs(dbus, 'audio', '@id'));
}

function validateAudio(id: number | undefined, graphics: Graphics, cx: ValidateContext): void {
  if (id !== undefined && audioOf(cx.domain, id) === undefined)
    cx.report.add(audioErrors['unknown-id'], { id }, whereIs(graphics, 'audio', '@id'));
}

/** Whether a graphics draws with OpenGL on the host. */
function usesGl(graphics: Graphics): boolean {
  if (graphics.type === 'egl-headless') return true;
  return 'gl' in graphics && graphics.gl !== undefined && 'enable' in graphics.gl && graphics.gl.enable;
}

function validateGl(graphics: Graphics, cx: ValidateContext): void {
  const { graphics: all } = cx.domain.devices;
  if (graphics.type === 'egl-headless') {
    const other = all.find((g) => !['egl-headless', 'vnc', 'spice'].includes(g.type));
    if (other !== undefined)
      cx.report.add(graphicsErrors['egl-headless-alone'], { type: other.type }, whereIs(graphics, '@type'));
    const drawing = all.find((g) => g.type !== 'egl-headless' && usesGl(g));
    if (drawing !== undefined)
      cx.report.add(graphicsErrors['several-gl'], { type: drawing.type }, whereIs(graphics, '@type'));
  }
  const needsNode = usesGl(graphics) && graphics.type !== 'sdl';
  const named = 'gl' in graphics && graphics.gl !== undefined && 'rendernode' in graphics.gl;
  if (needsNode && !named && cx.env.facts.renderNode === undefined)
    cx.report.add(graphicsErrors['no-render-node'], undefined, whereIs(graphics, 'gl'));
}
