import {
  attribute,
  child,
  childAttribute,
  children,
  childText,
  childTexts,
  element,
  integer,
  mac,
  oneOf,
  onOff,
  type Read,
  required,
  string,
  uuid,
  yesNo,
} from '../../xml/schema/index.ts';
import { bandwidth, virtualport, vlan } from '../devices/interface/schema-switch.ts';
import { routeSchema } from '../shared/ip-schema.ts';

const name = string({ nonEmpty: true });
const port = integer({ min: 1, max: 65535 });

/** Format: network "Addressing". */
const ipSchema = element(() => ({
  address: attribute(name),
  family: attribute(oneOf('ipv4', 'ipv6')),
  netmask: attribute(name),
  prefix: attribute(integer({ max: 128 })),
  localPtr: attribute(yesNo),
  tftp: childAttribute('root', name),
  dhcp: child(
    element(() => ({
      range: children(element(() => ({ start: required(attribute(name)), end: required(attribute(name)) }))),
      host: children(
        element(() => ({
          mac: attribute(mac),
          id: attribute(name),
          name: attribute(name),
          ip: required(attribute(name)),
        })),
      ),
      bootp: child(element(() => ({ file: required(attribute(name)), server: attribute(name) }))),
    })),
  ),
}));

const dnsSchema = element(() => ({
  enable: attribute(yesNo),
  forwarder: children(element(() => ({ addr: attribute(name), domain: attribute(name) }))),
  host: children(element(() => ({ ip: required(attribute(name)), hostname: childTexts(name) }))),
}));

/** Classes of connections to one network (format: network "Portgroups"). */
const portgroupSchema = element(() => ({
  name: required(attribute(name)),
  default: attribute(yesNo),
  trustGuestRxFilters: attribute(yesNo),
  vlan: child(vlan),
  virtualport: child(virtualport),
  bandwidth: child(bandwidth),
}));

/** A virtual network (format: network); the children print in libvirt's order. */
export const networkSchema = element(() => ({
  ipv6: attribute(yesNo),
  trustGuestRxFilters: attribute(yesNo),
  name: required(
    childText(string({ nonEmpty: true, pattern: /^[^/\s.][^/\s]*$/, expected: 'a name without /' })),
  ),
  uuid: childText(uuid),
  title: childText(string()),
  description: childText(string()),
  forward: child(
    element(() => ({
      mode: attribute(oneOf('nat', 'route', 'open', 'bridge', 'private', 'vepa', 'passthrough', 'hostdev')),
      dev: attribute(name),
      managed: attribute(yesNo),
      nat: child(
        element(() => ({
          ipv6: attribute(yesNo),
          address: child(
            element(() => ({ start: required(attribute(name)), end: required(attribute(name)) })),
          ),
          port: child(element(() => ({ start: required(attribute(port)), end: required(attribute(port)) }))),
        })),
      ),
      pf: childAttribute('dev', name),
      interface: children(element(() => ({ dev: required(attribute(name)) }))),
    })),
  ),
  bridge: child(
    element(() => ({
      name: attribute(name),
      stp: attribute(onOff),
      delay: attribute(integer({ max: 30 })),
      macTableManager: attribute(oneOf('kernel', 'libvirt')),
    })),
  ),
  mtu: childAttribute('size', integer({ min: 68, max: 65535 })),
  mac: childAttribute('address', mac),
  domain: child(element(() => ({ name: attribute(name), localOnly: attribute(yesNo) }))),
  dns: child(dnsSchema),
  bandwidth: child(bandwidth),
  vlan: child(vlan),
  virtualport: child(virtualport),
  port: child(element(() => ({ isolated: attribute(yesNo) }))),
  portgroup: children(portgroupSchema),
  ip: children(ipSchema),
  route: children(routeSchema),
}));

export type Network = Read<typeof networkSchema>;
export type NetworkIp = Network['ip'][number];
