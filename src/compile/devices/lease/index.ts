import { defineErrors } from '../../../errors/index.ts';
import { whereIs } from '../../../xml/index.ts';
import {
  attribute,
  bigInteger,
  child,
  childText,
  element,
  type Read,
  required,
  string,
} from '../../../xml/schema/index.ts';
import { emits } from '../../context.ts';
import type { DeviceModule } from '../../module.ts';
import type { DeviceBase } from '../../shared/device-base.ts';

export const leaseErrors = defineErrors('lease', () => ({
  ignored: {
    class: 'unsupported',
    severity: 'warning',
    message: (p: { key: string }) =>
      `the lease '${p.key}' is ignored: there is no lock manager that would hold it`,
  },
}));

/** Format: "Device leases". */
const schema = element(() => ({
  lockspace: required(childText(string({ nonEmpty: true }))),
  key: required(childText(string({ nonEmpty: true }))),
  target: required(
    child(
      element(() => ({
        path: required(attribute(string({ nonEmpty: true }))),
        offset: attribute(bigInteger()),
      })),
    ),
  ),
}));

type Lease = Read<typeof schema> & DeviceBase;

export const lease: DeviceModule<Lease> = {
  kind: 'lease',
  schema,
  resolve: ({ target: { offset, ...target }, ...xml }) => ({
    ...xml,
    target: { ...target, ...(offset && { offset }) },
  }),
  validate: (device, cx) => cx.report.add(leaseErrors.ignored, { key: device.key }, whereIs(device, 'key')),
  emit: () => emits(),
};
