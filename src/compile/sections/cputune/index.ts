import { child } from '../../../xml/schema/index.ts';
import type { SectionModule } from '../../module.ts';
import { resolveCputune } from './resolve.ts';
import { type Cputune, cputuneSchema } from './schema.ts';
import { validateCputune } from './validate.ts';

/** Format: "CPU Tuning". Settings of QEMU's threads and cgroup; nothing of them is on its command line. */
export const cputune: SectionModule<Cputune | undefined> = {
  field: child(cputuneSchema),
  resolve: (value, cx) => (value === undefined ? undefined : resolveCputune(value, cx)),
  validate: (value, cx) => {
    if (value !== undefined) validateCputune(value, cx);
  },
};

export type { Cputune } from './schema.ts';
