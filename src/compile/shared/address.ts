import {
  attribute,
  bigInteger,
  child,
  element,
  type Field,
  hex,
  integer,
  onOff,
  type Read,
  required,
  string,
  unless,
  uuid,
  variants,
} from '../../xml/schema/index.ts';

/** Of a controller, as its own element has it. */
const index = integer({ max: 2 ** 31 - 1 });

const writtenBus = attribute(integer());
/** The first bus, where none is written. */
const usbBus: Field<number> = {
  ...writtenBus,
  read: (element, key, reader) => writtenBus.read(element, key, reader) ?? 0,
};

/** Device addresses of every kind (format: "Device addresses"). Numbers that are absent are chosen in `phases/3-place`. */
export const addressSchema = variants('type', {
  pci: () => ({
    domain: attribute(hex(4)),
    bus: attribute(hex(2)),
    slot: attribute(hex(2, 0x1f)),
    function: attribute(hex(1, 7)),
    multifunction: attribute(onOff),
    zpci: child(element(() => ({ uid: attribute(hex(4)), fid: attribute(hex(8)) }))),
  }),
  drive: () => ({
    controller: attribute(integer()),
    bus: attribute(integer()),
    target: attribute(integer()),
    unit: attribute(integer()),
  }),
  'virtio-serial': () => ({
    controller: attribute(index),
    bus: attribute(integer()),
    port: attribute(integer()),
  }),
  ccid: () => ({
    controller: attribute(index),
    slot: attribute(integer()),
  }),
  usb: () => ({
    bus: usbBus,
    port: attribute(
      string({
        pattern: /^[0-9]+(\.[0-9]+){0,3}$/,
        expected: 'a USB port such as 1 or 1.2',
        samples: ['1', '1.2'],
      }),
    ),
  }),
  isa: () => ({
    iobase: unless(0, attribute(hex(1, 0xffff))),
    irq: unless(0, attribute(hex(1, 0xff))),
  }),
  dimm: () => ({
    slot: required(attribute(integer())),
    base: attribute({ ...bigInteger(), write: (value: bigint) => `0x${value.toString(16)}` }),
  }),
  'spapr-vio': () => ({ reg: attribute(bigInteger()) }),
  ccw: () => ({
    cssid: attribute(hex(2)),
    ssid: attribute(hex(1)),
    devno: attribute(hex(4)),
  }),
  'virtio-s390': () => ({}),
  'virtio-mmio': () => ({}),
  unassigned: () => ({}),
  mdev: () => ({ uuid: attribute(uuid) }),
});

export type Address = Read<typeof addressSchema>;
export type AddressOf<T extends Address['type']> = Extract<Address, { readonly type: T }>;
