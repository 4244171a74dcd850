import { defineErrors } from '../../errors/index.ts';
import { hasProperty, hasType } from '../../plan/index.ts';
import type { Where } from '../../xml/index.ts';
import type { Context } from '../context.ts';

export const qemuTypeErrors = defineErrors('qemu', () => ({
  'no-type': {
    class: 'unavailable',
    message: (p: { type: string }) => `this QEMU has no '${p.type}'`,
  },
  'no-property': {
    class: 'unavailable',
    message: (p: { type: string; property: string }) =>
      `the '${p.type}' of this QEMU has no property '${p.property}'`,
  },
}));

/** Reports that QEMU was built without a device or an object. */
export function requireType(type: string, where: Where, { env, report }: Context): void {
  if (!hasType(env.caps, type)) report.add(qemuTypeErrors['no-type'], { type }, where);
}

/** Reports that QEMU's type is older than a property of it; one of the types whose properties are asked for. */
export function requireProperty(type: string, property: string, where: Where, cx: Context): void {
  if (!hasProperty(cx.env.caps, type, property))
    cx.report.add(qemuTypeErrors['no-property'], { type, property }, where);
}
