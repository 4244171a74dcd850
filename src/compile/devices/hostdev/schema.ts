import {
  attribute,
  type Codec,
  child,
  childAttribute,
  children,
  childText,
  element,
  flag,
  integer,
  oneOf,
  onOff,
  type Read,
  string,
  uuid,
  variants,
  yesNo,
} from '../../../xml/schema/index.ts';
import { deviceInfo } from '../../shared/device-base.ts';
import { ipSchema, routeSchema } from '../../shared/ip-schema.ts';
import { pciFunctionFields, pciFunctionSchema } from '../../shared/pci-function.ts';
import { authSchema, hostSchema, initiatorSchema } from '../../shared/storage/parts.ts';
import { teamingSchema } from '../../shared/teaming.ts';

const name = string({ nonEmpty: true });

/** A USB id: decimal, hexadecimal with 0x or octal with 0; printed as `0x1234`. */
const usbId: Codec<number> = {
  read: (text) => {
    const octal = /^0[0-7]+$/.test(text);
    const value = octal ? Number.parseInt(text, 8) : /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : -1;
    return value >= 0 && value <= 0xffff ? value : undefined;
  },
  write: (value) => `0x${value.toString(16).padStart(4, '0')}`,
  expected: 'a USB id from 0x0 to 0xffff',
  samples: [0x1234],
};

/** A USB bus or device number, in the same three bases. */
const usbNumber: Codec<number> = { ...usbId, write: String, expected: 'a USB bus or device number' };

const startupPolicy = attribute(oneOf('mandatory', 'requisite', 'optional'));

const common = {
  mode: attribute(oneOf('subsystem', 'capabilities')),
  managed: attribute(yesNo),
};

const ending = { readonly: flag(), shareable: flag(), ...deviceInfo };

const display = { display: attribute(onOff), ramfb: attribute(onOff) };

/** The grammar shares the element with storage pools, whose other attributes describe a virtual HBA. */
const adapterSchema = element(() => ({
  name: attribute(name),
  type: attribute(oneOf('scsi_host', 'fc_host')),
  wwnn: attribute(name),
  wwpn: attribute(name),
  parent: attribute(name),
  parent_wwnn: attribute(name),
  parent_wwpn: attribute(name),
  parent_fabric_wwn: attribute(name),
  managed: attribute(yesNo),
  parentaddr: child(element(() => ({ unique_id: attribute(name), address: child(pciFunctionSchema) }))),
}));

/** libvirt keeps these attributes on every type; where they mean nothing they are refused. */
const scsiOnly = { sgio: attribute(oneOf('filtered', 'unfiltered')), rawio: attribute(yesNo) };

const model = { model: attribute(name) };

/** One device of the host (format: "Host device assignment"). */
export const hostdevSchema = variants('type', {
  pci: () => ({
    ...common,
    ...model,
    ...display,
    ...scsiOnly,
    driver: child(element(() => ({ name: attribute(oneOf('kvm', 'vfio', 'xen')), model: attribute(name) }))),
    source: child(
      element(() => ({
        startupPolicy,
        writeFiltering: attribute(yesNo),
        address: child(pciFunctionSchema),
      })),
    ),
    teaming: child(teamingSchema),
    ...ending,
  }),
  usb: () => ({
    ...common,
    ...model,
    ...scsiOnly,
    source: child(
      element(() => ({
        startupPolicy,
        guestReset: attribute(oneOf('off', 'uninitialized', 'on')),
        vendor: childAttribute('id', usbId),
        product: childAttribute('id', usbId),
        address: child(
          element(() => ({ bus: attribute(usbNumber), device: attribute(usbNumber), port: attribute(name) })),
        ),
      })),
    ),
    teaming: child(teamingSchema),
    ...ending,
  }),
  scsi: () => ({
    ...common,
    ...model,
    ...scsiOnly,
    source: child(
      element(() => ({
        protocol: attribute(oneOf('adapter', 'iscsi')),
        name: attribute(name),
        adapter: child(adapterSchema),
        address: child(
          element(() => ({
            bus: attribute(integer()),
            target: attribute(integer()),
            unit: attribute(integer({ max: Number.MAX_SAFE_INTEGER })),
          })),
        ),
        hosts: children(hostSchema, { name: 'host' }),
        auth: child(authSchema),
        initiator: child(initiatorSchema),
      })),
    ),
    teaming: child(teamingSchema),
    ...ending,
  }),
  scsi_host: () => ({
    ...common,
    ...model,
    ...scsiOnly,
    source: child(
      element(() => ({
        protocol: attribute(oneOf('vhost')),
        wwpn: attribute(string({ samples: ['naa.5123456789abcde0'] })),
      })),
    ),
    teaming: child(teamingSchema),
    ...ending,
  }),
  mdev: () => ({
    ...common,
    ...model,
    ...display,
    ...scsiOnly,
    source: child(
      element(() => ({ address: child(element(() => ({ uuid: attribute(uuid), ...pciFunctionFields }))) })),
    ),
    teaming: child(teamingSchema),
    ...ending,
  }),
  storage: () => ({ ...common, source: child(element(() => ({ block: childText(name) }))), ...ending }),
  misc: () => ({ ...common, source: child(element(() => ({ char: childText(name) }))), ...ending }),
  net: () => ({
    ...common,
    source: child(element(() => ({ interface: childText(name) }))),
    ip: children(ipSchema),
    route: children(routeSchema),
    ...ending,
  }),
});

/** A host device as it was written. */
export type HostdevXml = Read<typeof hostdevSchema>;
type HostdevType = HostdevXml['type'];
export type HostdevOf<T extends HostdevType> = Extract<HostdevXml, { readonly type: T }>;
