import { SOURCE, whereIs } from '../../../xml/index.ts';
import type { ResolveContext } from '../../context.ts';
import { completePci, isExpress } from '../../shared/pci-function.ts';
import { hostdevErrors } from './errors.ts';
import type { Hostdev } from './model.ts';
import type { HostdevXml } from './schema.ts';

/**
 * Fills in what is not written; what a mediated device shows is off unless asked for. How a device may be used is said of
 * SCSI units only.
 */
export function resolveHostdev(written: HostdevXml, cx: ResolveContext): Hostdev {
  const xml = written.type === 'scsi' ? written : withoutAccess(written, cx);
  const base = {
    mode: xml.mode ?? 'subsystem',
    managed: xml.managed ?? false,
    isExpress: xml.type !== 'pci' || isExpress(xml.source?.address ?? {}, cx),
  } as const;
  switch (xml.type) {
    case 'pci': {
      const address = xml.source?.address;
      return {
        ...xml,
        ...base,
        ...(address !== undefined && {
          source: { ...xml.source, address: { ...address, ...completePci(address) } },
        }),
      };
    }
    case 'mdev':
      return { ...xml, ...base, ...(xml.model === 'vfio-pci' && { display: xml.display ?? false }) };
    case 'scsi':
      return { ...xml, ...base, ...(xml.source && { source: scsiSource(xml.source) }) };
    default:
      return { ...xml, ...base };
  }
}

function withoutAccess<D extends HostdevXml>(hostdev: D, cx: ResolveContext): D {
  const { readonly: isReadonly, shareable, ...rest } = hostdev;
  for (const [what, isSaid] of Object.entries({ readonly: isReadonly, shareable }))
    if (isSaid)
      cx.report.add(hostdevErrors['access-ignored'], { what, type: hostdev.type }, whereIs(hostdev, what));
  return { ...rest, [SOURCE]: hostdev[SOURCE] } as unknown as D;
}

type ScsiSource = NonNullable<Extract<HostdevXml, { type: 'scsi' }>['source']>;

/** An iSCSI name without a unit means unit 0; an adapter is what is meant without a protocol. */
function scsiSource(source: ScsiSource): ScsiSource {
  const { protocol, name, ...rest } = source;
  if (protocol !== 'iscsi') return rest;
  return { ...rest, protocol, ...(name !== undefined && { name: name.includes('/') ? name : `${name}/0` }) };
}
