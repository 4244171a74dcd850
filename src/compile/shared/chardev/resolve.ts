import { SOURCE, whereIs } from '../../../xml/index.ts';
import type { ResolveContext } from '../../context.ts';
import { changed } from '../changed.ts';
import { sayingSeclabels } from '../source-seclabel.ts';
import { chardevErrors } from './errors.ts';
import { type Chardev, type ChardevType, type ChardevXml, udpEnds } from './model.ts';
import type { ChardevSource } from './schema.ts';

/** What `<source>` can say for each type. */
const MEANINGFUL: { readonly [T in ChardevType]: readonly (keyof ChardevSource)[] } = {
  null: [],
  vc: [],
  pty: [],
  stdio: [],
  dev: ['path', 'seclabel'],
  file: ['path', 'append', 'seclabel'],
  pipe: ['path', 'seclabel'],
  unix: ['mode', 'path', 'reconnect', 'seclabel'],
  tcp: ['mode', 'host', 'service', 'tls', 'reconnect'],
  udp: ['mode', 'host', 'service'],
  spicevmc: [],
  spiceport: ['channel'],
  dbus: ['channel'],
  nmdm: ['master', 'slave'],
  'qemu-vdagent': ['clipboard', 'mouse'],
};

/**
 * The host side of a character device with its defaults: type `pty`, mode `connect`, protocol `raw`. What its
 * type has no use for is reported and left out. Format: "Host interface".
 */
export function resolveChardev<T extends ChardevXml>(xml: T, cx: ResolveContext): T & Chardev {
  const type = xml.type ?? 'pty';
  reportIgnored(xml, type, cx);
  const { protocol, log, ...rest } = xml;
  const chardev: ChardevXml = changed(rest, {
    type,
    source: sources(changed(xml, { type })),
    ...(type === 'tcp' && { protocol: { ...protocol, type: protocol?.type ?? 'raw' } }),
    ...(log?.file !== undefined && { log }),
  });
  return chardev as T & Chardev;
}

function sources(chardev: Chardev): readonly ChardevSource[] {
  const { bind, connect } = udpEnds(chardev);
  const written = chardev.type === 'udp' ? [bind, connect] : chardev.source.slice(0, 1);
  return written
    .filter((s) => s !== undefined)
    .map((s) => withDefaults(onlyMeaningful(s, chardev.type), chardev.type))
    .filter((s) => Object.entries(s).some(([key, value]) => key !== 'seclabel' || (value as []).length > 0));
}

function onlyMeaningful(source: ChardevSource, type: ChardevType): ChardevSource {
  const kept = Object.fromEntries(MEANINGFUL[type].map((key) => [key, source[key]]));
  return {
    ...kept,
    seclabel: MEANINGFUL[type].includes('seclabel') ? sayingSeclabels(source.seclabel) : [],
    [SOURCE]: source[SOURCE],
  };
}

function withDefaults({ mode, reconnect, ...source }: ChardevSource, type: ChardevType): ChardevSource {
  const hasMode = type === 'tcp' || type === 'unix' || type === 'udp';
  return {
    ...definedOnly(source),
    ...(hasMode && { mode: mode ?? 'connect' }),
    ...(reconnect?.enabled === true && { reconnect }),
    ...(reconnect?.enabled === false && { reconnect: { enabled: false } }),
  };
}

function definedOnly<T extends object>(value: T): T {
  const source = (value as { [SOURCE]?: unknown })[SOURCE];
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return { ...Object.fromEntries(entries), [SOURCE]: source } as T;
}

function reportIgnored(xml: ChardevXml, type: ChardevType, cx: ResolveContext): void {
  const most = type === 'udp' ? 2 : 1;
  if (xml.source.length > most)
    cx.report.add(chardevErrors['several-sources'], { type, most }, whereIs(xml.source[most]));
  for (const source of xml.source)
    for (const [key, value] of Object.entries(source)) {
      const says = Array.isArray(value) ? value.length > 0 : value !== undefined;
      if (says && !(MEANINGFUL[type] as readonly string[]).includes(key))
        cx.report.add(chardevErrors['ignored-source'], { name: key, type }, whereIs(source, key, `@${key}`));
    }
  if (type !== 'tcp' && xml.protocol?.type !== undefined)
    cx.report.add(
      chardevErrors['ignored-protocol'],
      { protocol: xml.protocol.type, type },
      whereIs(xml.protocol),
    );
  if (xml.log !== undefined && xml.log.file === undefined)
    cx.report.add(chardevErrors['log-without-file'], undefined, whereIs(xml.log));
}
