import {
  attribute,
  child,
  childAttribute,
  children,
  childText,
  element,
  type Field,
  hex,
  integer,
  mac,
  oneOf,
  onOff,
  type Read,
  required,
  string,
  unless,
  uuid,
  variants,
  yesNo,
} from '../../../xml/schema/index.ts';
import { deviceInfo } from '../../shared/device-base.ts';
import { ipSchema, routeSchema } from '../../shared/ip-schema.ts';
import { outputOnlyAttribute } from '../../shared/output-only.ts';
import { pciFunctionFields } from '../../shared/pci-function.ts';
import { teamingSchema } from '../../shared/teaming.ts';
import { virtioOptions } from '../../shared/virtio-options.ts';
import { bandwidth, virtualport, vlan } from './schema-switch.ts';

const name = string({ nonEmpty: true });
const path = string({ nonEmpty: true, samples: ['/run/x'] });
/** An empty one is as good as none. */
const maybePath = string({ samples: ['/run/x'] });
const port = integer({ min: 1, max: 65535 });

const portForwardSchema = element(() => ({
  proto: required(attribute(oneOf('tcp', 'udp'))),
  address: attribute(name),
  dev: attribute(name),
  range: children(
    element(() => ({
      start: required(attribute(port)),
      end: attribute(port),
      to: attribute(port),
      exclude: attribute(yesNo),
    })),
  ),
}));

const offloads = {
  csum: attribute(onOff),
  tso4: attribute(onOff),
  tso6: attribute(onOff),
  ecn: attribute(onOff),
  ufo: attribute(onOff),
};

const driverSchema = element(() => ({
  name: attribute(oneOf('qemu', 'vhost')),
  txmode: attribute(oneOf('iothread', 'timer')),
  ioeventfd: attribute(onOff),
  event_idx: attribute(onOff),
  queues: attribute(integer()),
  rx_queue_size: attribute(integer()),
  tx_queue_size: attribute(integer()),
  rss: attribute(onOff),
  rss_hash_report: attribute(onOff),
  ...virtioOptions,
  host: child(
    element(() => ({
      csum: attribute(onOff),
      gso: attribute(onOff),
      tso4: attribute(onOff),
      tso6: attribute(onOff),
      ecn: attribute(onOff),
      ufo: attribute(onOff),
      mrg_rxbuf: attribute(onOff),
    })),
  ),
  guest: child(element(() => offloads)),
}));

const hostdevDriverSchema = element(() => ({
  name: attribute(oneOf('kvm', 'vfio', 'xen')),
  model: attribute(name),
}));

/** Where a running NIC is connected; a bridge's and a network's `<source>` have it beside what they are. */
const whereItRuns = {
  network: outputOnlyAttribute(),
  portgroup: outputOnlyAttribute(),
  portid: outputOnlyAttribute(),
  bridge: outputOnlyAttribute(),
  macTableManager: outputOnlyAttribute(),
};

const macSchema = element(() => ({
  address: attribute(mac),
  type: attribute(oneOf('generated', 'static')),
  check: attribute(yesNo),
  currentAddress: outputOnlyAttribute(),
}));

const switched = { vlan: child(vlan), virtualport: child(virtualport, { keepEmpty: true }) };

/** What stands between `<source>` and the device's own part, in libvirt's order. */
const options = {
  ...switched,
  bandwidth: child(bandwidth),
  port: child(element(() => ({ isolated: attribute(yesNo) }))),
  ip: children(ipSchema),
  route: children(routeSchema),
  portForward: children(portForwardSchema),
  script: unless('', childAttribute('path', maybePath)),
  downscript: unless('', childAttribute('path', maybePath)),
  backenddomain: childAttribute('name', name),
  target: child(element(() => ({ dev: attribute(name), managed: attribute(yesNo) }))),
  guest: child(element(() => ({ dev: attribute(name), actual: attribute(name) }))),
  model: child(
    element(() => ({
      type: attribute(string({ pattern: /^[A-Za-z0-9_-]*$/, expected: 'a model name' })),
    })),
  ),
};

const afterDriver = {
  backend: child(
    element(() => ({
      type: unless('default', attribute(oneOf('default', 'passt'))),
      tap: attribute(path),
      vhost: attribute(path),
      logFile: attribute(path),
    })),
  ),
  filterref: child(
    element(() => ({
      filter: required(attribute(name)),
      parameter: children(
        element(() => ({ name: required(attribute(name)), value: required(attribute(string())) })),
      ),
    })),
  ),
  tune: child(element(() => ({ sndbuf: childText(integer()) }))),
  teaming: child(teamingSchema),
  link: childAttribute('state', oneOf('up', 'down')),
  mtu: childAttribute('size', integer({ max: 65535 })),
  coalesce: child(
    element(() => ({
      rx: child(element(() => ({ frames: child(element(() => ({ max: attribute(integer()) }))) }))),
    })),
  ),
  ...deviceInfo,
};

const first = { trustGuestRxFilters: attribute(yesNo), mac: child(macSchema) };
const rest = { ...options, driver: child(driverSchema), ...afterDriver };

function nic<T>(source: Field<T>) {
  return { ...first, source, ...rest };
}

const endpoint = { address: attribute(name), port: attribute(port) };

/** One NIC (format: "Network interfaces"). The children print in the order in which libvirt prints them. */
export const interfaceSchema = variants(
  'type',
  {
    network: () =>
      nic(child(element(() => ({ ...whereItRuns, network: attribute(name), portgroup: attribute(name) })))),
    bridge: () =>
      nic(
        child(
          element(() => ({
            ...whereItRuns,
            bridge: attribute(name),
            macTableManager: attribute(oneOf('kernel', 'libvirt')),
          })),
        ),
      ),
    user: () => nic(child(element(() => ({ dev: attribute(name) })))),
    ethernet: () => nic(child(element(() => ({ ip: children(ipSchema), route: children(routeSchema) })))),
    direct: () =>
      nic(
        child(
          element(() => ({
            dev: attribute(name),
            mode: attribute(oneOf('vepa', 'private', 'bridge', 'passthrough')),
            network: outputOnlyAttribute(),
            portgroup: outputOnlyAttribute(),
            portid: outputOnlyAttribute(),
          })),
        ),
      ),
    hostdev: () => ({
      managed: unless(false, attribute(yesNo)),
      trustGuestRxFilters: first.trustGuestRxFilters,
      mac: first.mac,
      driver: child(hostdevDriverSchema),
      source: child(
        element(() => ({
          missing: attribute(yesNo),
          vendor: childAttribute('id', hex(4)),
          product: childAttribute('id', hex(4)),
          address: child(
            variants('type', {
              pci: () => pciFunctionFields,
              usb: () => ({ bus: attribute(integer()), device: attribute(integer()) }),
            }),
          ),
        })),
      ),
      ...options,
      ...afterDriver,
    }),
    vhostuser: () =>
      nic(
        child(
          element(() => ({
            type: attribute(oneOf('unix')),
            path: attribute(path),
            mode: attribute(oneOf('server', 'client')),
            dev: attribute(name),
            reconnect: child(
              element(() => ({
                enabled: attribute(yesNo),
                timeout: attribute(integer()),
                delay: attribute(integer()),
              })),
            ),
          })),
        ),
      ),
    vdpa: () => nic(child(element(() => ({ dev: attribute(path) })))),
    mcast: () => nic(child(element(() => endpoint))),
    server: () => nic(child(element(() => endpoint))),
    client: () => nic(child(element(() => endpoint))),
    udp: () => nic(child(element(() => ({ ...endpoint, local: child(element(() => endpoint)) })))),
    internal: () => nic(child(element(() => ({ name: attribute(name) })))),
    null: () => ({ ...first, ...rest }),
    vds: () =>
      nic(
        child(
          element(() => ({
            switchid: attribute(uuid),
            portid: attribute(string()),
            portgroupid: attribute(string()),
            connectionid: attribute(string()),
          })),
        ),
      ),
  },
  { fallback: 'user' },
);

/** A NIC as it was written. */
export type InterfaceXml = Read<typeof interfaceSchema>;
export type InterfaceType = InterfaceXml['type'];
export type InterfaceOf<T extends InterfaceType> = Extract<InterfaceXml, { readonly type: T }>;
