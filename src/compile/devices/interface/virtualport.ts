import { SOURCE, whereIs, xmlErrors } from '../../../xml/index.ts';
import type { Read } from '../../../xml/schema/index.ts';
import type { ResolveContext, ValidateContext } from '../../context.ts';
import { interfaceErrors } from './errors.ts';
import { generatedUuid } from './mac.ts';
import type { Interface } from './model.ts';
import type { InterfaceXml } from './schema.ts';
import type { virtualport as schema } from './schema-switch.ts';

type VirtualPort = Read<typeof schema>;
type Parameter = Extract<keyof NonNullable<VirtualPort['parameters']>, string>;

interface Profile {
  /** What a port of this type must say; of a virtual network's port the network can. */
  readonly needed: readonly Parameter[];
  readonly possible?: readonly Parameter[];
  /** Ids that are made up where they are not written. */
  readonly generated?: readonly Parameter[];
}

/** The parameters of each type of port profile (format: "Setting VLAN tag", `virtualport`). */
const PROFILES: Readonly<Record<NonNullable<VirtualPort['type']>, Profile>> = {
  '802.1Qbg': { needed: ['managerid', 'typeid', 'typeidversion'], generated: ['instanceid'] },
  '802.1Qbh': { needed: ['profileid'] },
  openvswitch: { needed: [], possible: ['profileid'], generated: ['interfaceid'] },
  midonet: { needed: ['interfaceid'] },
};

/** A port whose type its network knows. */
const UNTYPED: Profile = {
  needed: [],
  possible: ['managerid', 'typeid', 'typeidversion', 'profileid'],
  generated: ['instanceid', 'interfaceid'],
};

const profileOf = ({ type }: VirtualPort): Profile => (type === undefined ? UNTYPED : PROFILES[type]);

/** The port with the ids that are made up: functions of the domain's UUID and the NIC's place. */
export function resolveVirtualPort(
  port: VirtualPort,
  nic: InterfaceXml,
  { domain, report }: ResolveContext,
): VirtualPort {
  const { parameters } = port;
  const made = (profileOf(port).generated ?? []).filter((name) => parameters?.[name] === undefined);
  const ids = Object.fromEntries(made.map((name) => [name, generatedUuid(nic, name, domain)]));
  const all = { ...parameters, ...ids };
  if (port.type !== 'midonet') return Object.keys(all).length === 0 ? port : { ...port, parameters: all };
  const extra = extraParameters(port);
  for (const name of extra)
    report.add(
      interfaceErrors['ignored-parameter'],
      { name, type: port.type },
      whereIs(parameters, `@${name}`),
    );
  const kept = Object.entries(all).filter(([name]) => !extra.includes(name as Parameter));
  return { ...port, parameters: { ...Object.fromEntries(kept), [SOURCE]: parameters?.[SOURCE] } };
}

function extraParameters(port: VirtualPort): readonly Parameter[] {
  const { needed, possible = [], generated = [] } = profileOf(port);
  const known: readonly string[] = [...needed, ...possible, ...generated];
  return (Object.keys(port.parameters ?? {}) as Parameter[]).filter((name) => !known.includes(name));
}

const WITH_PORT: ReadonlySet<Interface['type']> = new Set(['network', 'bridge', 'direct', 'hostdev']);

/** A port profile stands where there is a switch, and says what its type needs. */
export function validateVirtualPort({ type, virtualport: port }: Interface, cx: ValidateContext): void {
  if (port === undefined) return;
  const where = whereIs(port);
  if (!WITH_PORT.has(type)) cx.report.add(interfaceErrors['virtualport-of-type'], { type }, where);
  else if (type !== 'network' && port.type === undefined)
    cx.report.add(xmlErrors['missing-attribute'], { name: 'type', element: 'virtualport' }, where);
  else {
    const profile = port.type ?? 'none';
    const missing =
      type === 'network' ? [] : profileOf(port).needed.filter((n) => port.parameters?.[n] === undefined);
    for (const name of missing)
      cx.report.add(interfaceErrors['missing-parameter'], { name, type: profile }, where);
    for (const name of extraParameters(port))
      cx.report.add(
        interfaceErrors['extra-parameter'],
        { name, type: profile },
        whereIs(port.parameters, `@${name}`),
      );
  }
}
