import { whereIs, xmlErrors } from '../../../xml/index.ts';
import type { ValidateContext } from '../../context.ts';
import { mergePorts } from '../../network/connection.ts';
import { virtualNetworkErrors } from '../../network/errors.ts';
import { interfaceErrors } from './errors.ts';
import { virtualPortsOf } from './host.ts';
import { type Interface, WITH_COALESCE } from './model.ts';

/** What may be said of the link between host and guest depends on what it is made of. */
export function validateLink(nic: Interface, cx: ValidateContext): void {
  validateTarget(nic, cx);
  validateName(nic, cx);
  validateMtu(nic, cx);
  validateCoalesce(nic, cx);
  validatePort(nic, cx);
  validateVlan(nic, cx);
  validateTap(nic, cx);
  validateVirtualPort(nic, cx);
  validateBandwidth(nic, cx);
}

/** linux/if.h: IFNAMSIZ counts the zero at the end. */
const MAX_NAME_BYTES = 15;
const NAMED_LINKS: ReadonlySet<Interface['attachment']['kind']> = new Set(['tap', 'macvtap']);

/** How many bytes a text is in UTF-8. */
function utf8Bytes(text: string): number {
  const bytes = (point: number) => (point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4);
  return [...text].reduce((sum, letter) => sum + bytes(letter.codePointAt(0) ?? 0), 0);
}

/** What the kernel takes as a link's name (net/core/dev.c: dev_valid_name); it fills in one `%d` of a tap's. */
function validateName({ target, attachment }: Interface, cx: ValidateContext): void {
  const name = target?.dev;
  if (name === undefined || !NAMED_LINKS.has(attachment.kind)) return;
  const plain = attachment.kind === 'tap' ? name.replace('%d', '') : name;
  const reason =
    utf8Bytes(name) > MAX_NAME_BYTES
      ? `it is longer than ${MAX_NAME_BYTES} bytes`
      : name === '.' || name === '..' || /[\s/:%]/.test(plain)
        ? 'it has what no name may have'
        : undefined;
  if (reason !== undefined)
    cx.report.add(interfaceErrors['bad-name'], { name, reason }, whereIs(target, '@dev'));
}

function validateTarget({ target, type }: Interface, cx: ValidateContext): void {
  if (target?.managed !== false) return;
  if (type !== 'ethernet')
    cx.report.add(interfaceErrors['unmanaged-target'], { type }, whereIs(target, '@managed'));
}

const WITH_MTU: ReadonlySet<Interface['type']> = new Set(['network', 'bridge', 'ethernet', 'vhostuser']);

function validateMtu(nic: Interface, cx: ValidateContext): void {
  const isPasst = nic.type === 'user' && nic.backend?.type === 'passt';
  if (nic.mtu !== undefined && !WITH_MTU.has(nic.type) && !isPasst)
    cx.report.add(
      interfaceErrors['mtu-of-type'],
      { size: nic.mtu, type: nic.type },
      whereIs(nic, 'mtu', '@size'),
    );
}

function validateCoalesce({ coalesce, type }: Interface, cx: ValidateContext): void {
  if (coalesce !== undefined && !WITH_COALESCE.has(type))
    cx.report.add(interfaceErrors['coalesce-of-type'], { type }, whereIs(coalesce));
}

function validatePort({ port, type, virtualport }: Interface, cx: ValidateContext): void {
  if (port?.isolated !== true) return;
  const where = whereIs(port, '@isolated');
  if (type !== 'network' && type !== 'bridge')
    cx.report.add(interfaceErrors['isolated-of-type'], { what: `type='${type}'` }, where);
  else if (virtualport?.type === 'openvswitch')
    cx.report.add(
      interfaceErrors['isolated-of-type'],
      { what: `virtualport type='${virtualport.type}'` },
      where,
    );
}

/** Format: network "Portgroups": several may speak of one port, and must not differ. */
function validateVirtualPort(nic: Interface, cx: ValidateContext): void {
  const { attachment } = nic;
  const { contradiction } = mergePorts(virtualPortsOf(nic, attachment));
  if (contradiction === undefined) return;
  const network = nic.type === 'network' ? (nic.source?.network ?? '') : '';
  cx.report.add(
    virtualNetworkErrors['port-contradiction'],
    { network, parameter: contradiction },
    whereIs(nic.virtualport),
  );
}

/** What is done with the host's end of a tap needs a tap; a bridge's is set up without a script. */
function validateTap(nic: Interface, cx: ValidateContext): void {
  const { script, backend, type, attachment } = nic;
  if (script !== undefined && type !== 'ethernet')
    cx.report.add(interfaceErrors['script-of-type'], { type }, whereIs(nic, 'script', '@path'));
  const tap = backend?.tap;
  if (tap !== undefined && attachment.kind !== 'tap')
    cx.report.add(interfaceErrors['tap-of-type'], { tap, type }, whereIs(backend, '@tap'));
}

/** Only a port of a switch, or a function of a network card that is the guest's alone, can be put into a VLAN. */
function canBeInVlan({ type, attachment }: Interface): boolean {
  switch (attachment.kind) {
    case 'tap':
      return type !== 'ethernet';
    case 'macvtap':
      return attachment.mode === 'passthrough';
    default:
      return attachment.kind === 'hostdev' || attachment.kind === 'unknown-network';
  }
}

function validateVlan(nic: Interface, cx: ValidateContext): void {
  const { vlan, type } = nic;
  if (vlan === undefined) return;
  if (!canBeInVlan(nic)) cx.report.add(interfaceErrors['vlan-of-type'], { type }, whereIs(vlan));
  if (vlan.tag.length === 0)
    cx.report.add(xmlErrors['missing-element'], { name: 'tag', parent: 'vlan' }, whereIs(vlan));
  if (vlan.tag.length > 1 && vlan.trunk === false)
    cx.report.add(interfaceErrors['vlan-trunk'], { count: vlan.tag.length }, whereIs(vlan, '@trunk'));
  const native = vlan.tag.filter((t) => t.nativeMode !== undefined);
  if (native.length > 1)
    cx.report.add(interfaceErrors['vlan-native'], { id: native[1]?.id ?? 0 }, whereIs(native[1], '@id'));
}

function validateBandwidth({ bandwidth, type }: Interface, cx: ValidateContext): void {
  for (const way of ['inbound', 'outbound'] as const) {
    const rates = bandwidth?.[way];
    if (rates === undefined) continue;
    if (rates.floor !== undefined && (way === 'outbound' || type !== 'network'))
      cx.report.add(interfaceErrors['bandwidth-floor'], { way, type }, whereIs(rates, '@floor'));
    if (rates.average === undefined && rates.floor === undefined)
      cx.report.add(xmlErrors['missing-attribute'], { name: 'average', element: way }, whereIs(rates));
  }
}
