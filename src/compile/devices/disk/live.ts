import type { Context } from '../../context.ts';
import type { Domain } from '../../domain.ts';
import type { Placed } from '../../shared/device-base.ts';
import type { BackingStore } from '../../shared/storage/chain.ts';
import type { Image } from '../../shared/storage/index.ts';
import { imagesOf } from './images.ts';
import type { Disk } from './model.ts';

/**
 * The domain with the disks of `live`, and the numbers of their images (`index`): `vda[2]` is the image whose nodes are called
 * `libvirt-2-…` (format: `backingStore`). The domain itself where nothing was looked at.
 */
export function withLiveImages(domain: Domain, live: Domain, cx: Context): Domain {
  if (cx.env.facts.images === undefined || domain.devices.disk.length === 0) return domain;
  const images = imagesOf(live.devices.disk, cx);
  const disk = live.devices.disk.map((one) => numbered(one, images.get(one)?.image));
  return { ...domain, devices: { ...domain.devices, disk } };
}

function numbered(disk: Placed<Disk>, image: Image | undefined): Placed<Disk> {
  if (image === undefined || disk.source === undefined) return disk;
  return {
    ...disk,
    source: { ...disk.source, index: numberOf(image) },
    backingStore: below(disk.backingStore, image.backing),
  } as unknown as Placed<Disk>;
}

function below(store: BackingStore | undefined, image: Image | null | undefined): BackingStore | undefined {
  if (store === undefined || !image) return store;
  return {
    ...store,
    index: numberOf(image),
    backingStore: below(store.backingStore, image.backing),
  } as unknown as BackingStore;
}

function numberOf({ node }: Image): number {
  return Number(node.replace(/^libvirt-/, ''));
}
