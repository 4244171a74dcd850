import type { Props } from '../../plan/index.ts';
import { attribute, onOff } from '../../xml/schema/index.ts';

/** The attributes that every virtio device's `<driver>` can have (format: "Virtio-related options"). */
export const virtioOptions = {
  iommu: attribute(onOff),
  ats: attribute(onOff),
  packed: attribute(onOff),
  page_per_vq: attribute(onOff),
} as const;

export interface VirtioOptions {
  readonly iommu?: boolean | undefined;
  readonly ats?: boolean | undefined;
  readonly packed?: boolean | undefined;
  readonly page_per_vq?: boolean | undefined;
}

/** The same in QEMU's words: properties of any `virtio-*-pci` device. */
export function virtioProps(driver: VirtioOptions | undefined): Props {
  return {
    iommu_platform: driver?.iommu,
    ats: driver?.ats,
    packed: driver?.packed,
    'page-per-vq': driver?.page_per_vq,
  };
}

/** `virtio-blk-pci` for model `virtio`, and its variants by libvirt's model names. */
export function virtioDriver(name: string, model: string | undefined): string {
  if (model === 'virtio-transitional') return `${name}-pci-transitional`;
  if (model === 'virtio-non-transitional') return `${name}-pci-non-transitional`;
  return `${name}-pci`;
}

export type VirtioModel = 'virtio' | 'virtio-transitional' | 'virtio-non-transitional';

/** Whether a device's model is one of the three that every virtio device has. */
export function isVirtioModel(model: string | undefined): model is VirtioModel {
  return model === 'virtio' || model === 'virtio-transitional' || model === 'virtio-non-transitional';
}

/** The name of the first virtio option that is set: for the message where a device is not a virtio device. */
export function firstVirtioOption(driver: VirtioOptions | undefined): string | undefined {
  return (Object.keys(virtioOptions) as (keyof VirtioOptions)[]).find((k) => driver?.[k] !== undefined);
}
