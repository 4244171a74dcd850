import type { ParsedDomain } from '../../domain.ts';
import { parseDiskTarget } from '../../shared/disk-target.ts';

/**
 * Disks in the order in which a guest meets them: grouped by bus, a bus standing where its first disk stands, and by
 * target name within a bus. libvirt keeps them so, and node names, boot order and PCI slots follow.
 */
export function orderDisks(domain: ParsedDomain): ParsedDomain {
  const groups = new Map<string | undefined, { index: number; disk: Disk }[]>();
  for (const disk of domain.devices.disk) {
    const { bus, dev } = disk.target;
    const entry = { index: parseDiskTarget(dev)?.index ?? -1, disk };
    const group = groups.get(bus);
    if (group === undefined) groups.set(bus, [entry]);
    else group.push(entry);
  }
  const disk = [...groups.values()].flatMap((g) => g.sort((a, b) => a.index - b.index).map((e) => e.disk));
  return { ...domain, devices: { ...domain.devices, disk } };
}

type Disk = ParsedDomain['devices']['disk'][number];
