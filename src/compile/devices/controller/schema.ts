import {
  attribute,
  child,
  childAttribute,
  childText,
  element,
  hex,
  integer,
  oneOf,
  onOff,
  type Read,
  string,
  variants,
} from '../../../xml/schema/index.ts';
import { deviceInfo } from '../../shared/device-base.ts';
import { queueMappingSchema } from '../../shared/queue-mapping.ts';
import { size } from '../../shared/size.ts';
import { virtioOptions } from '../../shared/virtio-options.ts';

/** What every controller can have, where it prints: after its own children. */
const { alias, acpi, address } = deviceInfo;

/** Of a USB companion; libvirt keeps it on any controller. */
const master = child(element(() => ({ startport: attribute(integer()) })));

const driver = child(
  element(() => ({
    queues: attribute(integer()),
    cmd_per_lun: attribute(integer()),
    max_sectors: attribute(integer()),
    ioeventfd: attribute(onOff),
    iothread: attribute(integer()),
    ...virtioOptions,
    iothreads: child(queueMappingSchema),
  })),
);

const index = attribute(integer({ max: 2 ** 31 - 1 }));
const info = { driver, alias, master, acpi, address } as const;

/** Types that have no models: one that is named is refused. */
const withoutModels = { index, model: attribute(string()), ...info } as const;

const pciModels = oneOf(
  'pci-root',
  'pcie-root',
  'pci-bridge',
  'dmi-to-pci-bridge',
  'pcie-to-pci-bridge',
  'pcie-root-port',
  'pcie-switch-upstream-port',
  'pcie-switch-downstream-port',
  'pci-expander-bus',
  'pcie-expander-bus',
);

const pciModelNames = oneOf(
  'none',
  'pci-bridge',
  'i82801b11-bridge',
  'pcie-pci-bridge',
  'ioh3420',
  'pcie-root-port',
  'x3130-upstream',
  'xio3130-downstream',
  'pxb',
  'pxb-pcie',
  'spapr-pci-host-bridge',
);

const pciTarget = element(() => ({
  chassisNr: attribute(integer({ min: 1, max: 255 })),
  chassis: attribute(integer({ max: 255 })),
  port: attribute(hex(1, 255)),
  busNr: attribute(integer({ min: 1, max: 254 })),
  index: attribute(integer({ max: 30 })),
  memReserve: attribute(integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
  hotplug: attribute(onOff),
  node: childText(integer()),
}));

const scsiModels = oneOf(
  'auto',
  'buslogic',
  'lsilogic',
  'lsisas1068',
  'lsisas1078',
  'vmpvscsi',
  'ibmvscsi',
  'virtio-scsi',
  'virtio-transitional',
  'virtio-non-transitional',
  'ncr53c90',
  'dc390',
  'am53c974',
);

const usbModels = oneOf(
  'piix3-uhci',
  'piix4-uhci',
  'ehci',
  'ich9-ehci1',
  'ich9-uhci1',
  'ich9-uhci2',
  'ich9-uhci3',
  'vt82c686b-uhci',
  'pci-ohci',
  'nec-xhci',
  'qemu-xhci',
  'none',
  'qusb1',
  'qusb2',
);

const types = {
  pci: () => ({
    index,
    model: attribute(pciModels),
    modelName: childAttribute('name', pciModelNames, { name: 'model' }),
    target: child(pciTarget),
    ...info,
    pcihole64: size(),
  }),
  usb: () => ({
    index,
    model: attribute(usbModels),
    ports: attribute(integer({ max: 2 ** 31 - 1 })),
    driver,
    alias,
    master,
    acpi,
    address,
  }),
  scsi: () => ({ index, model: attribute(scsiModels), ...info }),
  ide: () => ({ index, model: attribute(oneOf('piix3', 'piix4', 'ich6')), ...info }),
  'virtio-serial': () => ({
    index,
    model: attribute(oneOf('virtio', 'virtio-transitional', 'virtio-non-transitional')),
    ports: attribute(integer({ max: 2 ** 31 - 1 })),
    vectors: attribute(integer({ max: 2 ** 31 - 1 })),
    ...info,
  }),
  sata: () => withoutModels,
  fdc: () => withoutModels,
  ccid: () => withoutModels,
  isa: () => withoutModels,
  xenbus: () => ({
    index,
    maxGrantFrames: attribute(integer()),
    maxEventChannels: attribute(integer()),
    ...info,
  }),
} as const;

/** Format: "Controllers". A controller without a type is libvirt's first one, IDE. */
export const controllerSchema = variants('type', types, { fallback: 'ide' });

export type ControllerXml = Read<typeof controllerSchema>;
type ControllerType = ControllerXml['type'];
export type ControllerXmlOf<T extends ControllerType> = Extract<ControllerXml, { readonly type: T }>;
