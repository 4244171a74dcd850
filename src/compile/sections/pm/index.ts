import { plainOption } from '../../../plan/index.ts';
import { attribute, child, element, type Read, yesNo } from '../../../xml/schema/index.ts';
import { type Emission, type EmitContext, emits } from '../../context.ts';
import type { SectionModule } from '../../module.ts';
import { isQ35 } from '../../shared/machine.ts';

/** Format: "Power Management". */

const sleepSchema = element(() => ({ enabled: attribute(yesNo) }));
const pmSchema = element(() => ({
  'suspend-to-mem': child(sleepSchema),
  'suspend-to-disk': child(sleepSchema),
}));

export const pm: SectionModule<Read<typeof pmSchema> | undefined> = {
  field: child(pmSchema),
};

/** `-global ICH9-LPC.disable_s3=1`: the sleep states that the chipset offers. */
export function sleepStateOptions({ domain }: EmitContext): Emission {
  const chipset = isQ35(domain) ? 'ICH9-LPC' : 'PIIX4_PM';
  const disable = (state: string, enabled: boolean | undefined) =>
    enabled === undefined
      ? undefined
      : plainOption('-global', `${chipset}.disable_${state}=${enabled ? 0 : 1}`);
  return emits(
    disable('s3', domain.pm?.['suspend-to-mem']?.enabled),
    disable('s4', domain.pm?.['suspend-to-disk']?.enabled),
  );
}
