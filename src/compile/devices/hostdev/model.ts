import type { HostdevOf, HostdevXml } from './schema.ts';

/** A host device with its defaults. */
export type Hostdev = HostdevXml & {
  readonly mode: 'subsystem' | 'capabilities';
  readonly managed: boolean;
  /** A PCI function's own bus, which decides where it goes in the guest; true for what is no PCI function. */
  readonly isExpress: boolean;
};

export type ScsiHostdev = HostdevOf<'scsi'>;

export function isIscsi(dev: ScsiHostdev): boolean {
  return dev.source?.protocol === 'iscsi';
}
