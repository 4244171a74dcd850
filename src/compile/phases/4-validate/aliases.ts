import { defineErrors } from '../../../errors/index.ts';
import { whereIs } from '../../../xml/index.ts';
import type { ValidateContext } from '../../context.ts';
import { DEVICE_KINDS } from '../../domain.ts';
import type { DeviceBase } from '../../shared/device-base.ts';
import { isSerialPortAgain } from '../../shared/serial-console.ts';

export const aliasErrors = defineErrors('device', () => ({
  'duplicate-alias': {
    class: 'invalid',
    message: (p: { alias: string }) => `the alias '${p.alias}' names more than one device`,
  },
}));

/** QEMU knows a device by its alias. */
export function uniqueAliases(cx: ValidateContext): void {
  const seen = new Set<string>();
  for (const kind of DEVICE_KINDS)
    for (const device of cx.domain.devices[kind] as readonly DeviceBase[]) {
      const { alias } = device;
      if (alias === undefined || isSerialPortAgain(kind, device, cx.domain)) continue;
      if (seen.has(alias))
        cx.report.add(aliasErrors['duplicate-alias'], { alias }, whereIs(device, 'alias', '@name'));
      seen.add(alias);
    }
}
