import { SOURCE, whereIs } from '../../../xml/index.ts';
import type { ValidateContext } from '../../context.ts';
import { memoryDeviceErrors } from '../../devices/memory/errors.ts';
import { addressRange } from '../../devices/memory/model.ts';
import { cellsKiB, devicesKiB } from '../../sections/memory/amounts.ts';
import { memoryErrors } from '../../sections/memory/errors.ts';

/** Memory can only grow to `<maxMemory>`, and its devices are part of it. */
export function memorySizes(cx: ValidateContext): void {
  const { memory, maxMemory, devices } = cx.domain;
  const totalKiB = memory.sizeKiB;
  const ofDevicesKiB = devicesKiB({ devices });
  const areCellsWritten = cx.domain.cpu.numa?.[SOURCE] !== undefined;
  if (!areCellsWritten && ofDevicesKiB === totalKiB)
    cx.report.add(memoryErrors['missing-size'], undefined, whereIs(memory));
  if (!areCellsWritten && ofDevicesKiB > totalKiB)
    cx.report.add(
      memoryDeviceErrors['larger-than-all'],
      { sizeKiB: ofDevicesKiB, totalKiB },
      whereIs(memory),
    );
  const atOnceKiB = areCellsWritten ? cellsKiB(cx.domain) + ofDevicesKiB : totalKiB;
  if (maxMemory !== undefined && maxMemory.sizeKiB < atOnceKiB)
    cx.report.add(
      memoryErrors['maximum-below-size'],
      { maximumKiB: maxMemory.sizeKiB, sizeKiB: atOnceKiB },
      whereIs(maxMemory),
    );
}

/** A memory slot holds one module. */
export function memorySlots(cx: ValidateContext): void {
  const seen = new Set<number>();
  for (const device of cx.domain.devices.memory) {
    const slot = device.address?.type === 'dimm' ? device.address.slot : undefined;
    if (slot === undefined) continue;
    if (seen.has(slot))
      cx.report.add(memoryDeviceErrors['slot-in-use'], { slot }, whereIs(device, 'address', '@slot'));
    seen.add(slot);
  }
}

/** Memory devices whose place in the guest's address space is written do not overlap. */
export function memoryAddresses(cx: ValidateContext): void {
  const placed = cx.domain.devices.memory
    .flatMap((device) => {
      const range = addressRange(device, cx.env.facts.pageSizeKiB);
      return range === undefined ? [] : [{ device, ...range }];
    })
    .sort((a, b) => (a.base < b.base ? -1 : 1));
  placed.forEach(({ base }, index) => {
    const before = placed[index - 1];
    if (before === undefined || before.end <= base) return;
    const hex = (address: bigint) => `0x${address.toString(16)}`;
    cx.report.add(
      memoryDeviceErrors['overlapping-addresses'],
      { base: hex(before.base), end: hex(before.end), other: hex(base) },
      whereIs(before.device),
    );
  });
}
