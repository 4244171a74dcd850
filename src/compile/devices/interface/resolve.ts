import { hasType, type QemuCaps } from '../../../plan/index.ts';
import { SOURCE, whereIs } from '../../../xml/index.ts';
import type { ResolveContext } from '../../context.ts';
import { changed } from '../../shared/changed.ts';
import { parseIp } from '../../shared/ip-address.ts';
import { isExpress } from '../../shared/pci-function.ts';
import { firstVirtioOption, isVirtioModel } from '../../shared/virtio-options.ts';
import { interfaceErrors } from './errors.ts';
import { generatedMac, writtenMac } from './mac.ts';
import { attachmentOf, type Interface, spelledModel, WITH_COALESCE } from './model.ts';
import type { InterfaceOf, InterfaceXml } from './schema.ts';
import { resolveVirtualPort } from './virtualport.ts';

/** Fills in a NIC's MAC and model, and leaves out what is chosen anew at each start. */
export function resolveInterface(xml: InterfaceXml, cx: ResolveContext): Interface {
  const { model, target, mtu, ip, coalesce, vlan, bandwidth, virtualport, ...others } = xml;
  const rest = withoutFilter(others as InterfaceXml, cx);
  const type = modelType(xml, cx.env.caps);
  const asked = model?.type ? rest : withoutDriver(rest, type, cx);
  const kept = keptTarget(xml);
  const attachment = attachmentOf(xml, cx.env.facts.networks);
  return {
    ...withoutVirtioParts(withSource(asked, cx), type, cx),
    mac: { ...xml.mac, address: writtenMac(xml) ?? generatedMac(xml, cx.domain) },
    ip: ip.map((one) => ({ ...one, family: familyOf(one) })),
    ...(type !== undefined && { model: { ...model, type } }),
    ...(kept !== undefined && { target: kept }),
    ...(vlan !== undefined && { vlan: withTrunk(vlan) }),
    ...(virtualport && { virtualport: resolveVirtualPort(virtualport, xml, cx) }),
    ...(mtu !== undefined && mtu > 0 && { mtu }),
    ...(bandwidth && { bandwidth: { ...bandwidth, ...withoutZeroRates(bandwidth) } }),
    ...(saysCoalesce(xml) && { coalesce }),
    attachment,
    isExpress: attachment.kind !== 'hostdev' || isExpress(attachment.address, cx),
  } as Interface;
}

function modelType(xml: InterfaceXml, caps: QemuCaps): string | undefined {
  const written = xml.model?.type;
  if (written) return spelledModel(written);
  if (xml.type === 'hostdev') return undefined;
  if (xml.type === 'vhostuser' || xml.type === 'vdpa') return 'virtio';
  return DEFAULT_MODELS.find((name) => hasType(caps, name)) ?? 'virtio';
}

/** libvirt's default for x86; a QEMU built without it has the next. */
const DEFAULT_MODELS = ['rtl8139', 'e1000'];

/** A name with a prefix that libvirt gives itself is chosen anew at each start. */
function keptTarget({ target }: InterfaceXml): InterfaceXml['target'] {
  const dev = target?.dev;
  if (dev === undefined || !/^(macvtap|macvlan|vnet)/.test(dev) || target?.managed === false) return target;
  const { dev: _chosenAtStart, ...rest } = target ?? {};
  return rest.managed === undefined ? undefined : rest;
}

function withSource(xml: InterfaceXml, cx: ResolveContext): InterfaceXml {
  switch (xml.type) {
    case 'direct':
      return { ...xml, source: { ...xml.source, mode: xml.source?.mode ?? 'vepa' } };
    case 'user':
      return withUserSource(xml, cx);
    case 'vhostuser':
      return withVhostUserSource(xml, cx);
    case 'hostdev':
      return withSourceAddress(xml);
    case 'ethernet': {
      if (xml.source === undefined) return xml;
      const ip = xml.source.ip.map((one) => ({ ...one, family: familyOf(one) }));
      return { ...xml, source: { ...xml.source, ip } };
    }
    default:
      return xml;
  }
}

/** What a PCI address leaves out is 0. */
function withSourceAddress(xml: InterfaceOf<'hostdev'>): InterfaceXml {
  const { source } = xml;
  if (source?.address?.type !== 'pci') return xml;
  return {
    ...xml,
    source: { ...source, address: { domain: 0, bus: 0, slot: 0, function: 0, ...source.address } },
  };
}

/** The family that is not written is the address's own. */
function familyOf({ address, family }: InterfaceXml['ip'][number]): 'ipv4' | 'ipv6' {
  return family ?? parseIp(address)?.family ?? 'ipv4';
}

/** QEMU's own user-mode network goes out by whatever route the host has. */
function withUserSource(xml: InterfaceOf<'user'>, cx: ResolveContext): InterfaceXml {
  const { source, ...rest } = xml;
  if (source?.dev === undefined || xml.backend?.type === 'passt') return xml;
  cx.report.add(interfaceErrors['source-ignored'], { dev: source.dev }, whereIs(source, '@dev'));
  return rest as InterfaceXml;
}

function withVhostUserSource(xml: InterfaceOf<'vhostuser'>, cx: ResolveContext): InterfaceXml {
  const { source } = xml;
  if (source === undefined) return xml;
  const { reconnect, dev, ...rest } = source;
  if (xml.backend?.type === 'passt') return { ...xml, source: { [SOURCE]: source[SOURCE], dev } };
  if (reconnect?.delay !== undefined)
    cx.report.add(interfaceErrors['delay-ignored'], { delay: reconnect.delay }, whereIs(reconnect, '@delay'));
  return {
    ...xml,
    source: {
      ...rest,
      type: 'unix',
      mode: source.mode ?? 'client',
      ...(reconnect !== undefined && {
        reconnect: {
          ...reconnect,
          timeout: reconnect.enabled === true ? reconnect.timeout : undefined,
          delay: undefined,
        },
      }),
    },
  };
}

/** `<driver>` and the vhost device are virtio's; libvirt drops them from other models, and so do we, aloud. */
function withoutVirtioParts(xml: InterfaceXml, model: string | undefined, cx: ResolveContext): InterfaceXml {
  if (xml.type === 'hostdev' || model === undefined) return xml;
  if (isVirtioModel(model)) return withoutNothings(xml);
  const { driver, backend, ...rest } = xml;
  const { vhost, ...otherBackend } = backend ?? {};
  const option = firstVirtioOption(driver);
  if (option !== undefined)
    cx.report.add(interfaceErrors['virtio-option'], { option, model }, whereIs(driver, `@${option}`));
  else if (driver !== undefined)
    cx.report.add(interfaceErrors['virtio-only'], { what: 'driver', model }, whereIs(driver));
  if (vhost !== undefined)
    cx.report.add(interfaceErrors['virtio-only'], { what: 'vhost', model }, whereIs(backend, '@vhost'));
  return { ...rest, ...(backend !== undefined && { backend: otherBackend }) } as InterfaceXml;
}

/** libvirt looks at the model that is written: a NIC that becomes a virtio device of its own accord has no `<driver>`. */
function withoutDriver(xml: InterfaceXml, model: string | undefined, cx: ResolveContext): InterfaceXml {
  if (xml.type === 'hostdev' || xml.driver === undefined || !isVirtioModel(model)) return xml;
  cx.report.add(interfaceErrors['driver-without-model'], { type: xml.type }, whereIs(xml.driver));
  return changed(xml, { driver: undefined });
}

const FILTERED: ReadonlySet<InterfaceXml['type']> = new Set(['network', 'bridge', 'ethernet']);

/** Packets are filtered at a tap. */
function withoutFilter(xml: InterfaceXml, { report }: ResolveContext): InterfaceXml {
  const { filterref, ...rest } = xml;
  if (filterref === undefined || FILTERED.has(xml.type)) return xml;
  const { filter } = filterref;
  report.add(interfaceErrors['filter-ignored'], { filter, type: xml.type }, whereIs(filterref));
  return rest as InterfaceXml;
}

/** Several tags are a trunk, one that is not said to be a trunk is none. */
function withTrunk(vlan: NonNullable<InterfaceXml['vlan']>): NonNullable<InterfaceXml['vlan']> {
  const several = vlan.tag.length > 1;
  const { trunk = several } = vlan;
  return { ...vlan, trunk: trunk || several ? trunk : undefined };
}

type Bandwidth = NonNullable<InterfaceXml['bandwidth']>;

/** An average of 0 limits nothing, whatever stands beside it. */
function withoutZeroRates({ inbound, outbound }: Bandwidth): Pick<Bandwidth, 'inbound' | 'outbound'> {
  const limiting = (rates: Bandwidth['inbound']) =>
    rates?.average === 0 && rates.floor === undefined ? undefined : rates;
  return { inbound: limiting(inbound), outbound: limiting(outbound) };
}

/** 0 frames are no choice, but have to be refused where none can be made. */
function saysCoalesce({ type, coalesce }: InterfaceXml): boolean {
  const max = coalesce?.rx?.frames?.max;
  return max !== undefined && (max > 0 || !WITH_COALESCE.has(type));
}

/** One queue is what there is anyway, and a size of 0 says that none was chosen. */
function withoutNothings(xml: InterfaceXml): InterfaceXml {
  if (xml.type === 'hostdev' || xml.driver === undefined) return xml;
  const { queues = 0, rx_queue_size = 0, tx_queue_size = 0, ...driver } = xml.driver;
  return {
    ...xml,
    driver: {
      ...driver,
      ...(queues > 1 && { queues }),
      ...(rx_queue_size > 0 && { rx_queue_size }),
      ...(tx_queue_size > 0 && { tx_queue_size }),
    },
  };
}
