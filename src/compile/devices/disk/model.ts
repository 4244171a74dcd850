import type { DiskBus, DiskDriver, DiskXml } from './schema.ts';

/** A disk with its defaults. */
export interface Disk extends DiskXml {
  readonly type: NonNullable<DiskXml['type']>;
  readonly device: NonNullable<DiskXml['device']>;
  readonly driver: DiskDriver & { readonly name: string };
  readonly target: DiskXml['target'] & { readonly bus: DiskBus };
}
