import { jsonOption, plainOption } from '../../../plan/index.ts';
import type { Emission, EmitContext } from '../../context.ts';
import { bootIndex } from '../../shared/boot-index.ts';
import { isQ35 } from '../../shared/machine.ts';

/**
 * The floppy controller, which holds its drives' boot order (QEMU's `isa-fdc`: `bootindexA`, `bootindexB`). The PIIX
 * chipset has one; Q35 gets one where there are floppies.
 */
export function floppyController({ domain }: EmitContext): Emission {
  const drives = domain.devices.disk.filter((disk) => disk.target.bus === 'fdc');
  const order = drives.flatMap((disk) => {
    const index = bootIndex(disk, domain);
    const unit = disk.address?.type === 'drive' ? (disk.address.unit ?? 0) : 0;
    return index === undefined ? [] : [[`bootindex${unit === 0 ? 'A' : 'B'}`, index] as const];
  });
  if (!isQ35(domain))
    return { options: order.map(([name, index]) => plainOption('-global', `isa-fdc.${name}=${index}`)) };
  if (drives.length === 0) return { options: [] };
  return { options: [jsonOption('-device', { driver: 'isa-fdc', ...Object.fromEntries(order) })] };
}
