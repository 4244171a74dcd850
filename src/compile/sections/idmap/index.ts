import { defineErrors } from '../../../errors/index.ts';
import { whereIs } from '../../../xml/index.ts';
import {
  attribute,
  child,
  children,
  element,
  integer,
  type Read,
  required,
} from '../../../xml/schema/index.ts';
import type { SectionModule } from '../../module.ts';

/** Format: "Container boot". User namespaces belong to containers; a QEMU machine has none. */

export const idmapErrors = defineErrors('idmap', () => ({
  'half-mapped': {
    class: 'invalid',
    message: () => "'idmap' needs both <uid> and <gid>",
  },
  'root-not-mapped': {
    class: 'invalid',
    message: () => "'idmap' must map the user and the group with start='0'",
  },
  ignored: {
    class: 'invalid',
    severity: 'warning',
    message: () => "'idmap' is for containers: it has no effect on a QEMU machine",
  },
}));

const rangeSchema = element(() => ({
  start: required(attribute(integer())),
  target: required(attribute(integer())),
  count: required(attribute(integer())),
}));
const idmapSchema = element(() => ({ uid: children(rangeSchema), gid: children(rangeSchema) }));

export const idmap: SectionModule<Read<typeof idmapSchema> | undefined> = {
  field: child(idmapSchema),
  validate: (value, cx) => {
    if (value === undefined) return;
    if ((value.uid.length === 0) !== (value.gid.length === 0))
      cx.report.add(idmapErrors['half-mapped'], undefined, whereIs(value));
    else if (
      value.uid.length > 0 &&
      ![value.uid, value.gid].every((ranges) => ranges.some((r) => r.start === 0))
    )
      cx.report.add(idmapErrors['root-not-mapped'], undefined, whereIs(value));
    cx.report.add(idmapErrors.ignored, undefined, whereIs(value));
  },
};
