import { type OutElement, printXml, QEMU_NAMESPACE } from '../xml/index.ts';
import type { Domain } from './domain.ts';
import { domainSchema } from './domain.ts';

/** The normalized definition: what is kept of a machine, and reads back as itself. */
export function printDomain(domain: Domain): string {
  const root = domainSchema.write(domain as never, 'domain');
  return printXml({ ...root, attributes: [...root.attributes, ...namespaces(root)] });
}

/**
 * The domain as libvirt prints it, without what it reads and then leaves out: `removable` of SCSI disks. A machine's own
 * definition keeps it, for without it the next start would give another device.
 */
export function asLibvirtPrints(domain: Domain): Domain {
  const disk = domain.devices.disk.map(({ target: { removable, ...target }, ...rest }) => ({
    ...rest,
    target: target.bus === 'scsi' ? target : { ...target, removable },
  }));
  return { ...domain, devices: { ...domain.devices, disk } };
}

/** The declarations that the printed elements need. */
function namespaces({ children }: OutElement): readonly (readonly [string, string])[] {
  return children.some(({ name }) => name.startsWith('qemu:')) ? [['xmlns:qemu', QEMU_NAMESPACE]] : [];
}
