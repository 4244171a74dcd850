import { keysOption, type QemuOption } from '../../../plan/index.ts';
import type { Emission, EmitContext } from '../../context.ts';
import { tlsCredentials } from '../../shared/tls-credentials.ts';
import { audiodevOf } from '../audio/backend.ts';
import { listensAt, placeOf } from './listen.ts';
import { passwordCalls } from './password.ts';
import { autoPorts } from './ports.ts';
import type { Vnc } from './schema.ts';

/** VNC's display 0 is TCP port 5900. */
const PORT_OF_DISPLAY_0 = 5900;
const TLS_ID = 'vnc-tls-creds0';

/** `-vnc`, and `-k` for the keymap, which is QEMU's as a whole. */
export function emitVnc(vnc: Vnc, cx: EmitContext): Emission {
  const { config } = cx.env;
  const ports = autoPorts(cx.domain, cx.env);
  const port = vnc.autoport ? ports.vnc : (vnc.port ?? ports.vnc);
  const websocket = vnc.websocket === -1 ? ports.websocket : vnc.websocket;
  const option = keysOption('-vnc', [
    display(vnc, cx, port),
    ['websocket', websocket],
    ['share', vnc.sharePolicy],
    ['password', vnc.passwd !== undefined || undefined],
    ['power-control', vnc.powerControl],
    ['tls-creds', config.vncTls ? TLS_ID : undefined],
    ['sasl', config.vncSasl || undefined],
    ['audiodev', audiodevOf(cx.domain, vnc.audio?.id)],
  ]);
  const credentials = vncCredentials(cx);
  return {
    options: [...credentials.options, option, ...keymap(vnc.keymap)],
    host: [...credentials.host, ...listensAt(vnc, [port, websocket], cx)],
    afterStart: passwordCalls(vnc),
    environment: config.vncSasl ? { SASL_CONF_PATH: config.vncSaslDir } : {},
  };
}

function display(vnc: Vnc, { domain, env }: EmitContext, port: number): readonly [string | null, string] {
  const place = placeOf(vnc, domain.name, env);
  if (place.kind === 'socket') return ['vnc', `unix:${place.path}`];
  if (place.kind !== 'address') return [null, 'none'];
  const host = place.address.includes(':') ? `[${place.address}]` : place.address;
  return [null, `${host}:${port - PORT_OF_DISPLAY_0}`];
}

export function keymap(name: string | undefined): QemuOption[] {
  return name === undefined ? [] : [{ option: '-k', value: { form: 'plain', text: name } }];
}

/** The server's certificate, where VNC is encrypted. */
function vncCredentials({ env }: EmitContext): ReturnType<typeof tlsCredentials> {
  const { vncTls, vncTlsX509CertDir: dir, tlsSecrets } = env.config;
  if (!vncTls) return { options: [], host: [] };
  const secret = tlsSecrets?.vnc;
  return tlsCredentials({ id: TLS_ID, dir, endpoint: 'server', secret, device: 'vnc' }, env);
}
