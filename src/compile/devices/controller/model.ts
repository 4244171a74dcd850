import type { ControllerXml, ControllerXmlOf } from './schema.ts';

type Indexed<X> = X & { readonly index: number };

/** A controller whose index and model are known. */
export type Controller =
  | Indexed<ControllerXmlOf<'pci'>>
  | Indexed<ControllerXmlOf<'usb'>>
  | Indexed<ControllerXmlOf<'scsi'>>
  | Indexed<ControllerXmlOf<'ide'>>
  | Indexed<ControllerXmlOf<'virtio-serial'>>
  | Indexed<ControllerXmlOf<'sata'>>
  | Indexed<ControllerXmlOf<'fdc'>>
  | Indexed<ControllerXmlOf<'ccid'>>
  | Indexed<ControllerXmlOf<'isa'>>
  | Indexed<ControllerXmlOf<'xenbus'>>;

export type ControllerOf<T extends Controller['type']> = Extract<Controller, { readonly type: T }>;
export type PciModel = NonNullable<ControllerXmlOf<'pci'>['model']>;
export type UsbModel = NonNullable<ControllerXmlOf<'usb'>['model']>;
export type ScsiModel = NonNullable<ControllerXmlOf<'scsi'>['model']>;

export function isOf<T extends Controller['type']>(
  type: T,
): (controller: Controller | ControllerXml) => controller is ControllerOf<T> {
  return (controller): controller is ControllerOf<T> => controller.type === type;
}
