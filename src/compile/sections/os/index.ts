import { whereIs } from '../../../xml/index.ts';
import { child, childText, string } from '../../../xml/schema/index.ts';
import type { SectionModule } from '../../module.ts';
import { osErrors } from './errors.ts';
import { type Os, resolveOs } from './resolve.ts';
import { type OsXml, osSchema } from './schema.ts';
import { validateOs } from './validate.ts';

/** Format: "Host bootloader". It is Xen's and bhyve's. */
export const bootloader: SectionModule<string | undefined> = {
  field: childText(string(), { keepEmpty: true }),
  validate: (path, cx) => {
    if (path !== undefined)
      cx.report.add(osErrors['no-bootloader'], { path }, whereIs(cx.domain, 'bootloader'));
  },
};

export const bootloaderArguments: SectionModule<string | undefined> = {
  field: childText(string()),
  validate: (value, cx) => {
    if (value !== undefined)
      cx.report.add(osErrors['no-bootloader'], { path: value }, whereIs(cx.domain, 'bootloader_args'));
  },
};

/** Format: "Operating system booting". */
export const os: SectionModule<OsXml | undefined, Os> = {
  field: child(osSchema),
  resolve: resolveOs,
  validate: validateOs,
};

export * from './emit.ts';
export * from './pflash.ts';
export type { Os } from './resolve.ts';
