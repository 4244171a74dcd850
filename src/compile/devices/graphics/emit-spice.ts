import { type KeyValue, keysOption } from '../../../plan/index.ts';
import type { Emission, EmitContext } from '../../context.ts';
import { keymap } from './emit-vnc.ts';
import { listensAt, placeOf } from './listen.ts';
import { passwordCalls } from './password.ts';
import { autoPorts } from './ports.ts';
import type { Spice } from './schema.ts';

type Keys = readonly (readonly [string, KeyValue[1] | undefined])[];

/** `-spice` (QEMU's spice options), with what is not said left to QEMU. */
export function emitSpice(spice: Spice, cx: EmitContext): Emission {
  const { config } = cx.env;
  const where = place(spice, cx);
  const encrypted = where.some(([key, value]) => key === 'tls-port' && value !== undefined);
  const open = spice.passwd === undefined && config.spicePassword === undefined;
  const option = keysOption('-spice', [
    ...where,
    ['agent-mouse', spice.mouse && spice.mouse.mode === 'client'],
    ['sasl', config.spiceSasl || undefined],
    ['disable-ticketing', (open && !config.spiceSasl) || undefined],
    ['x509-dir', encrypted ? config.spiceTlsX509CertDir : undefined],
    ...channels(spice),
    ['image-compression', spice.image?.compression],
    ['jpeg-wan-compression', spice.jpeg?.compression],
    ['zlib-glz-wan-compression', spice.zlib?.compression],
    ['playback-compression', spice.playback?.compression],
    ['streaming-video', spice.streaming?.mode],
    ['disable-copy-paste', spice.clipboard?.copypaste === false || undefined],
    ['disable-agent-file-xfer', spice.filetransfer?.enable === false || undefined],
    ...gl(spice, cx),
    ['seamless-migration', true],
  ]);
  return {
    options: [option, ...keymap(spice.keymap)],
    host: listensAt(spice, portsIn(where), cx),
    afterStart: passwordCalls(spice),
    environment: config.spiceSasl ? { SASL_CONF_PATH: config.spiceSaslDir } : {},
  };
}

function place(spice: Spice, { domain, env }: EmitContext): Keys {
  const found = placeOf(spice, domain.name, env);
  if (found.kind === 'socket')
    return [
      ['unix', true],
      ['addr', found.path],
    ];
  if (found.kind !== 'address') return [['port', 0]];
  const auto = autoPorts(domain, env);
  const { plain, tls } = spice.autoport
    ? neededPorts(spice, env.config.spiceTls ?? false)
    : { plain: spice.port !== undefined, tls: spice.tlsPort !== undefined };
  const number = (port: number | undefined, free: number) => (port === undefined || port < 0 ? free : port);
  return [
    ['port', plain ? number(spice.port, auto.spice) : undefined],
    ['tls-port', tls ? number(spice.tlsPort, auto.spiceTls) : undefined],
    ['addr', found.address],
  ];
}

function portsIn(keys: Keys): readonly number[] {
  return keys.flatMap(([key, value]) => (/^(?:tls-)?port$/.test(key ?? '') ? Number(value ?? 0) : []));
}

/** Which ports the channels need: what is not decided goes over TLS too, where this host has it. */
function neededPorts({ defaultMode = 'any', channel }: Spice, hasTls: boolean) {
  const modes = [defaultMode, ...channel.map((c) => c.mode)];
  return {
    plain: modes.some((m) => m !== 'secure'),
    tls: modes.includes('secure') || (hasTls && modes.includes('any')),
  };
}

function channels({ defaultMode, channel }: Spice): Keys {
  const all = [...(defaultMode === undefined ? [] : [{ name: 'default', mode: defaultMode }]), ...channel];
  return all.map(
    ({ name, mode }) => [mode === 'secure' ? 'tls-channel' : 'plaintext-channel', name] as const,
  );
}

function gl({ gl }: Spice, { env }: EmitContext): Keys {
  if (!gl?.enable) return [];
  return [
    ['gl', true],
    ['rendernode', gl.rendernode ?? env.facts.renderNode],
  ];
}
