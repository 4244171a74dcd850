import { defineErrors } from '../../../errors/index.ts';
import { whereIs } from '../../../xml/index.ts';
import { element, type Read } from '../../../xml/schema/index.ts';
import { emits } from '../../context.ts';
import type { DeviceModule } from '../../module.ts';
import { deviceInfo } from '../../shared/device-base.ts';

export const nvramErrors = defineErrors('nvram', () => ({
  unsupported: {
    class: 'unsupported',
    message: () => "the device 'nvram' is for pSeries machines of PowerPC",
    hint: () => 'the variable store of UEFI is <nvram> in <os>',
  },
}));

const schema = element(() => ({ alias: deviceInfo.alias, address: deviceInfo.address }));

/** Format: "NVRAM device". */
export const nvram: DeviceModule<Read<typeof schema>> = {
  kind: 'nvram',
  schema,
  resolve: (xml) => xml,
  validate: (device, cx) => cx.report.add(nvramErrors.unsupported, undefined, whereIs(device)),
  emit: () => emits(),
};
