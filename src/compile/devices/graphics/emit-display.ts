import { keysOption, plainOption } from '../../../plan/index.ts';
import { whereIs } from '../../../xml/index.ts';
import { type Emission, type EmitContext, emits } from '../../context.ts';
import { shortName } from '../../shared/machine-paths.ts';
import { audiodevOf } from '../audio/backend.ts';
import { graphicsErrors } from './errors.ts';
import type { GraphicsOf } from './schema.ts';

/** A window of the desktop that DISPLAY names. */
export function emitSdl({ display, xauth, fullscreen, gl }: GraphicsOf<'sdl'>): Emission {
  const window = keysOption('-display', [
    [null, 'sdl'],
    ['gl', gl?.enable],
  ]);
  return {
    ...emits(fullscreen ? plainOption('-full-screen') : undefined, window),
    environment: {
      ...(xauth !== undefined && { XAUTHORITY: xauth }),
      ...(display !== undefined && { DISPLAY: display }),
    },
  };
}

/** Draws with the host's GPU for VNC and SPICE clients, who need not be here. */
export function emitEglHeadless({ gl }: GraphicsOf<'egl-headless'>, { env }: EmitContext): Emission {
  const rendernode = gl?.rendernode ?? env.facts.renderNode;
  return emits(
    keysOption('-display', [
      [null, 'egl-headless'],
      ['rendernode', rendernode],
    ]),
  );
}

/** On a bus: a client's own (p2p), one that is named, or one that is started for this machine. */
export function emitDbus(dbus: GraphicsOf<'dbus'>, cx: EmitContext): Emission {
  const { p2p, busAddress, gl, audio } = dbus;
  const { config, facts } = cx.env;
  const ownBus = !p2p && busAddress === undefined;
  const socket = `${config.dbusStateDir}/${config.domainId}-${shortName(cx.domain.name)}-dbus.sock`;
  const display = keysOption('-display', [
    [null, 'dbus'],
    ['p2p', p2p],
    ['addr', ownBus ? `unix:path=${socket}` : busAddress],
    ['gl', gl?.enable],
    ['rendernode', gl?.enable ? (gl.rendernode ?? facts.renderNode) : undefined],
    ['audiodev', audio && audiodevOf(cx.domain, audio.id)],
  ]);
  return { options: [display], host: ownBus ? [{ type: 'dbus-daemon', device: 'dbus', socket }] : [] };
}

/** A server beside QEMU, which speaks D-Bus with it: nothing on QEMU's own command line. */
export function emitRdp(rdp: GraphicsOf<'rdp'>, cx: EmitContext): Emission {
  if (cx.env.profile.kind === 'qdom') cx.report.add(graphicsErrors['rdp-server'], undefined, whereIs(rdp));
  return emits();
}
